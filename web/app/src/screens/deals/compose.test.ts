import { expect, it, vi } from 'vitest';

import type { AnnouncementView, DealView, SXPError } from '../../lib/api/client';
import { toBytes } from '../../lib/api/client';
import { empty, maxSecret, me, movesOf, picksOf, pictureOf, rowOfError, rowsOf, sealFault, type Row } from './compose';

vi.mock('../../lib/i18n.svelte', () => ({ t: (k: string) => k }));

const row = (r: Partial<Row>): Row => ({ ...empty, key: 0, from: me, to: 'sxp1bobbobbobbob', ...r });
const error = (text: string) => Object.assign(new Error(text), { kind: 'invalid' }) as unknown as SXPError;
const people = [{ id: 'sxp1bobbobbobbob', name: 'bob' }];

it('asks for rows as the agent reads them', () => {
  expect(movesOf([row({ words: ' bread ', due: '86400000' }), row({ from: 'sxp1bobbobbobbob', to: me, pick: 'ab12', words: 'left over', delivery: ' by post ' })])).toEqual([
    { from: me, to: 'sxp1bobbobbobbob', item: 'bread', due: 86_400_000, delivery: undefined },
    { from: 'sxp1bobbobbobbob', to: me, item: 'ab12', due: undefined, delivery: 'by post' },
  ]);
});

it('offers only offers and gifts that stand, own ones as mine', () => {
  const list = [
    { id: 'a', owner: 'x', mine: true, direction: 'offer', state: 'active', title: '2 chairs', item: { kind: 'good' } },
    { id: 'g', owner: 'y', mine: false, direction: 'gift', state: 'active', title: 'table', item: { kind: 'good' } },
    { id: 'b', owner: 'y', mine: false, direction: 'need', state: 'active', title: 'beer', item: { kind: 'good' } },
    { id: 'c', owner: 'y', mine: false, direction: 'offer', state: 'swapped', title: 'hat', item: { kind: 'good' } },
    { id: 'd', owner: 'y', mine: false, direction: 'offer', state: 'active', title: '5 EUR', item: { kind: 'money', photos: ['sxp:block?x'] } },
  ] as AnnouncementView[];
  expect(picksOf(list)).toEqual([
    { value: 'a', owner: me, title: '2 chairs', kind: 'good', photo: undefined },
    { value: 'g', owner: 'y', title: 'table', kind: 'good', photo: undefined },
    { value: 'd', owner: 'y', title: '5 EUR', kind: 'money', photo: 'sxp:block?x' },
  ]);
});

it('begins an answer with what was proposed', () => {
  const d = {
    deadline: 1000,
    parties: [{ id: 'm', me: true }, { id: 'b', me: false }],
    transfers: [{ item: '20 l beer', from: 'b', to: 'm', due: 5000 }, { item: 'bread', from: 'm', to: 'b', due: 0, ref: 'cd' }],
  } as unknown as DealView;
  const [beer, bread] = rowsOf(d, [{ value: 'cd', owner: me, title: 'bread' }]);
  expect([beer!.from, beer!.to, beer!.words, beer!.due, beer!.pick]).toEqual(['b', me, '20 l beer', '4000', '']);
  expect([bread!.from, bread!.to, bread!.due, bread!.pick]).toEqual([me, 'b', '', 'cd']);
});

it('draws what is said so far', () => {
  const p = pictureOf([row({ words: 'bread' }), row({ from: '', to: me })], people, { id: 'm', name: 'You' }, []);
  expect(p.people.map((x) => x.name)).toEqual(['You', 'bob']);
  expect(p.moves).toEqual([{ from: 'm', to: 'sxp1bobbobbobbob', text: 'bread', kind: undefined, photo: undefined, gives: true, gets: false }]);
});

it('finds the row that an error speaks of', () => {
  const rows = [row({ words: 'bread' }), row({ from: 'sxp1bobbobbobbob', to: me, words: '20 eggs' })];
  expect(rowOfError(error('"20 eggs" goes from somebody to the same person: say from whom and to whom'), rows, people)).toBe(1);
  expect(rowOfError(error('nobody is named "bob" among your contacts'), rows, people)).toBe(0);
  expect(rowOfError(error('everybody in a deal gives and gets'), rows, people)).toBe(-1);
  expect(rowOfError(undefined, rows, people)).toBe(-1);
});

it('seals what was written, to the byte, and only what I give', () => {
  const text = ' zwölf\n';
  const [mine] = movesOf([row({ words: 'code', sealed: true, secret: text })]);
  expect(new TextDecoder().decode(toBytes(mine!.secret!))).toBe(text);
  expect(mine!.declare).toBeUndefined();
  const file = { name: 'key', size: 3, data: new Uint8Array([0, 255, 10]) };
  const [taken] = movesOf([row({ words: 'code', sealed: true, secret: text, file, declare: true })]);
  expect([[...toBytes(taken!.secret!)], taken!.declare]).toEqual([[0, 255, 10], true]);
  for (const r of [row({ words: 'code', secret: text }), row({ words: 'code', sealed: true, secret: text, from: 'sxp1bobbobbobbob', to: me })]) {
    expect(movesOf([r])[0]).not.toHaveProperty('secret');
  }
});

it('says why a secret cannot be sealed', () => {
  const sells = (r: Partial<Row> = {}) => row({ words: 'code', sealed: true, secret: 'narwhal', ...r });
  const back = row({ words: 'bread', from: 'sxp1bobbobbobbob', to: me });
  expect(sealFault([sells(), back], 0)).toBeUndefined();
  expect(sealFault([sells(), back], 1)).toBeUndefined();
  expect(sealFault([sells(), row({ words: 'x', from: 'sxp1bobbobbobbob', to: 'cyd' })], 0)).toBe('people');
  expect([0, 1].map((n) => sealFault([sells(), sells()], n))).toEqual([undefined, 'twice']);
  expect(sealFault([sells({ secret: '' })], 0)).toBe('none');
  expect(sealFault([sells({ secret: 'ö'.repeat(maxSecret / 2) })], 0)).toBeUndefined();
  expect(sealFault([sells({ secret: 'ö'.repeat(maxSecret / 2) + 'o' })], 0)).toBe('long');
  expect(sealFault([sells({ file: { name: 'film', size: 1 << 30 } })], 0)).toBe('long');
  expect(sealFault([sells({ declare: true })], 0)).toBe('short');
  expect(sealFault([sells({ declare: true, secret: 'ö'.repeat(8) })], 0)).toBeUndefined();
});
