import { expect, test } from 'vitest';

import type { DealView } from '../../lib/api/client';
import { allOf, duties, inMaking, signedSoFar, toAnswer } from './waiting';

const deal = (more: Partial<DealView>): DealView => ({ state: 'proposed', signBefore: 0, deadline: 0, transfers: [], parties: [], ...more }) as DealView;

test('proposals come by urgency, and only those that wait for this person', () => {
  const all = [deal({ number: 1, signBefore: 30 }), deal({ number: 2, signBefore: 10 }), deal({ number: 3, state: 'declined' })];
  expect(toAnswer(all).map((d) => d.number)).toEqual([2, 1]);
});

test('an own proposal waits for the others first', () => {
  const parties = (accepted: boolean) => [{ id: 'me', name: '', me: true, accepted: false, promised: false, signed: false }, { id: 'bo', name: '', me: false, accepted, promised: false, signed: false }];
  expect(toAnswer([deal({ proposer: 'me', parties: parties(false) })])).toEqual([]);
  expect(toAnswer([deal({ proposer: 'me', parties: parties(true) }), deal({ proposer: 'bo', parties: parties(false) })])).toHaveLength(2);
});

test('what is accepted, promised or not settled is in the making', () => {
  const states = ['proposed', 'accepted', 'promised', 'unsettled', 'signed', 'void', 'expired', 'refused', 'declined'];
  expect(inMaking(states.map((state) => deal({ state }))).map((d) => d.state)).toEqual(['accepted', 'promised', 'unsettled']);
});

test('duties are the own transfers of signed contracts that are still to come', () => {
  const transfers = [
    { item: 'mine', due: 50, mineFrom: true, mineTo: false },
    { item: 'for me', due: 20, mineFrom: false, mineTo: true },
    { item: 'past', due: 5, mineFrom: true, mineTo: false },
    { item: 'of others', due: 50, mineFrom: false, mineTo: false },
  ] as DealView['transfers'];
  const all = [deal({ state: 'signed', transfers }), deal({ state: 'promised', transfers })];
  expect(duties(all, 10).map((d) => d.transfer.item)).toEqual(['for me', 'mine']);
});

test('progress counts signatures once there are some', () => {
  const party = (accepted: boolean, signed: boolean) => ({ id: '', name: '', me: false, accepted, promised: false, signed });
  expect(signedSoFar(deal({ parties: [party(true, false), party(true, false), party(false, false)] }))).toEqual({ done: 2, of: 3 });
  expect(signedSoFar(deal({ parties: [party(true, true), party(true, false)] }))).toEqual({ done: 1, of: 2 });
});

test('a deal that is in both lists counts once, as the later list says', () => {
  const all = allOf([deal({ id: 'a', state: 'promised' }), deal({ id: 'b' })], undefined, [deal({ id: 'a', state: 'signed' })]);
  expect(all.map((d) => d.id + d.state)).toEqual(['asigned', 'bproposed']);
});
