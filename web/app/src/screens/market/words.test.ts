import { describe, expect, it } from 'vitest';

import english from '../../lang/en/market.json';

const sources = Object.values(import.meta.glob<string>('./*.{svelte,ts}', { query: '?raw', import: 'default', eager: true }));

function keys(words: object, before = ''): string[] {
  return Object.entries(words).flatMap(([k, v]) => (typeof v === 'object' ? keys(v as object, `${before}${k}.`) : [before + k.replace(/_(zero|one|other)$/, '')]));
}

describe('the words of the markets', () => {
  const there = new Set(keys(english));
  // Operations have names of the same form; they are called, not shown.
  const used = new Set(sources.flatMap((s) => [...s.replaceAll(/\b(call|query)\('[^']*'/g, '').matchAll(/'market\.([A-Za-z.]+)'/g)].map((m) => m[1]!)));
  const made = new Set(sources.flatMap((s) => [...s.matchAll(/`market\.([A-Za-z.]*)\$\{/g)].map((m) => m[1]!)));

  it('are all there', () => {
    expect([...used].filter((k) => !there.has(k))).toEqual([]);
    for (const start of made) expect([...there].some((k) => k.startsWith(start)), start).toBe(true);
  });

  it('are all needed', () => {
    expect([...there].filter((k) => !used.has(k) && ![...made].some((start) => start && k.startsWith(start)) && !['offer', 'need', 'gift'].includes(k))).toEqual([]);
  });
});
