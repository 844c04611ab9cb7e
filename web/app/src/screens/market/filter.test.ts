import { describe, expect, it } from 'vitest';

import { browseOf, narrowed, readFilter, writeFilter, type Filter } from './filter';

const none: Filter = { words: '', direction: '', kind: '', category: '', mine: false, near: undefined, view: 'new' };

describe('filter', () => {
  it('is the same after it was an address', () => {
    const all: Filter[] = [
      none,
      { ...none, words: 'vélo & "tent" 100%', direction: 'need' },
      { ...none, kind: 'service', category: 'tools/garden', mine: true },
      { ...none, near: { lat: -33_868, lon: 151_209, km: 20 }, view: 'near' },
    ];
    for (const f of all) expect(readFilter(new URLSearchParams(writeFilter(f)))).toEqual(f);
  });

  it('says nothing where nothing is filtered', () => {
    expect(writeFilter(none)).toBe('');
    expect(writeFilter({ ...none, words: '  ' })).toBe('');
  });

  it('leaves out what it does not know', () => {
    const bad = ['d=loan', 'kind=slave', 'near=1,2', 'near=91000,0,5', 'near=0,0,0', 'near=0.5,0,5', 'near=a,b,c', 'near=,,', 'view=space', 'mine=yes'];
    for (const q of bad) expect(readFilter(new URLSearchParams(q)), q).toEqual(none);
  });

  it('asks only for what is set', () => {
    expect(JSON.parse(JSON.stringify(browseOf('m', none)))).toEqual({ market: 'm', limit: 30 });
    const near = { lat: 1, lon: 2, km: 5 };
    expect(JSON.parse(JSON.stringify(browseOf('m', { ...none, words: ' beer ', near, view: 'near' }, 7)))).toEqual({ market: 'm', words: 'beer', near, before: 7, limit: 200 });
    expect(narrowed({ ...none, words: 'x', direction: 'offer', near, mine: true })).toBe(2);
  });
});
