import { describe, expect, it } from 'vitest';

import type { AnnouncementView } from '../../lib/api/client';
import { announceOf, dateText, dateTime, draftOf, editOf, emptyDraft, marketOf, wantsOf } from './draft';

const plain = (v: unknown) => JSON.parse(JSON.stringify(v));

const stands: AnnouncementView = {
  number: 3, id: 'a'.repeat(32), market: 'sxp1m', owner: 'sxp1o', direction: 'offer', title: '3 h maths lessons', version: 2, expires: 1, state: 'active', mine: true,
  wants: ['beer', 'b'.repeat(32)],
  item: { kind: 'service', title: 'maths lessons', quantity: '3', unit: 'h', text: 'at my place', category: 'lessons', place: 'Mitte', point: { lat: 52_520, lon: 13_405 }, photos: ['sxp:block?hash=1&at=x'], from: dateTime('2030-01-05'), until: dateTime('2030-02-01', true) },
};

describe('a new announcement', () => {
  it('is filled in from the address', () => {
    const d = emptyDraft(new URLSearchParams('title=20+l+beer&want=coins&want=%20&want=honey'), 'sxp1m');
    expect(plain(announceOf(d, 'offer', [], wantsOf(d)))).toEqual({ market: 'sxp1m', title: '20 l beer', wants: ['coins', 'honey'], for: 90 * 86_400_000 });
    expect(plain(announceOf(d, 'need', [], wantsOf(d)))).not.toHaveProperty('wants');
  });

  it('for any of the own needs has no wants', () => {
    expect(wantsOf({ ...emptyDraft(new URLSearchParams('want=x'), 'm'), needs: true })).toEqual([]);
  });

  it('is of the market that the address names, by id or link', () => {
    expect(marketOf('sxp1m')).toBe('sxp1m');
    expect(marketOf('sxp:market?at=https%3A%2F%2Fa&id=sxp1m&node=sxp1n')).toBe('sxp1m');
    expect(marketOf('sxp:market?at=x')).toBe('');
  });
});

describe('a change', () => {
  it('that changes nothing says nothing', () => {
    const d = draftOf(stands);
    expect(plain(editOf(d, stands, [stands.item.photos![0]!], wantsOf(d)))).toEqual({ item: stands.id });
  });

  it('says what differs, and what is gone', () => {
    const d = { ...draftOf(stands), title: '4 h maths lessons', text: ' ', place: '', point: undefined, from: '', until: '2030-03-01', days: '30', needs: true };
    expect(plain(editOf(d, stands, [], wantsOf(d)))).toEqual({
      item: stands.id, title: '4 h maths lessons', wants: [], photos: [], noPoint: true, clear: ['text', 'place', 'from'], until: dateTime('2030-03-01', true), for: 30 * 86_400_000,
    });
  });
});

describe('a shared want list', () => {
  const group = { id: 'c'.repeat(32), k: 1, wants: 2, version: 1, market: 'sxp1m', list: ['beer', 'bread'], expires: 1 };
  const one = { ...stands, wants: ['group:' + group.id] };
  const other = { ...stands, id: 'd'.repeat(32), wants: ['group:' + group.id] };

  it('is spelled out, with who shares it', () => {
    const d = draftOf(one, [one, other], [group]);
    expect([d.wants, d.needs, d.share, d.group]).toEqual([group.list, false, other.id, group.id]);
    expect(draftOf(one, [one, { ...other, state: 'swapped' }], [group]).share).toBe('');
    expect(draftOf(one, [one, other], []).wants).toEqual(one.wants); // of another device, and not known here
  });

  it('stays unless it is changed', () => {
    const d = draftOf(one, [one, other], [group]);
    expect(plain(editOf(d, one, one.item.photos!, one.wants))).toEqual({ item: one.id });
    expect(plain(editOf(d, one, one.item.photos!, ['beer']))).toEqual({ item: one.id, wants: ['beer'] });
  });
});

describe('a date', () => {
  it('is that of the device', () => {
    for (const text of ['2026-11-20', '2024-02-29', '2030-12-31']) {
      expect(dateText(dateTime(text))).toBe(text);
      expect(dateText(dateTime(text, true))).toBe(text); // its last moment is still that day
    }
    for (const bad of ['', 'tomorrow', '2026-1-2']) expect(dateTime(bad)).toBeUndefined();
    expect(dateText(0)).toBe('');
  });
});
