// The languages are complete: what the source asks for is there in English, and
// every other language has exactly the keys of English, in its own plural forms.

import { expect, test } from 'vitest';

import { exists, expected, flat, gaps, uses, type Words } from './keys';
import names from './languages.json';

const files = import.meta.glob<Words>('./*/*.json', { eager: true, import: 'default' });
const sources = import.meta.glob<string>(['../**/*.svelte', '../**/*.ts', '!../**/*.test.ts', '!../**/*.gen.ts', '!./keys.ts'], { eager: true, query: '?raw', import: 'default' });

/** wordsOf has all words of a language, "ns.key". */
function wordsOf(lang: string): Map<string, string> {
  const out = new Map<string, string>();
  for (const [path, words] of Object.entries(files)) {
    const [, dir, file] = path.split('/');
    if (dir === lang) for (const [k, v] of flat(words, file!.replace('.json', '') + '.')) out.set(k, v);
  }
  return out;
}

const english = wordsOf('en');
const namespaces = [...new Set([...english.keys()].map((k) => k.split('.')[0]!))];
const all = Object.entries(sources).flatMap(([file, text]) => uses(file, text, namespaces));

test('the source was read', () => {
  expect(all.length).toBeGreaterThan(100);
  expect(english.size).toBeGreaterThan(100);
});

test('every key that the source uses is there in English', () => {
  const keys = new Set(english.keys());
  expect(all.filter((u) => !exists(u, keys)).map((u) => `${u.file}: ${u.start}${u.whole ? '' : '…' + u.end}`)).toEqual([]);
});

test('every key of English is used', () => {
  const whole = new Set(all.filter((u) => u.whole).map((u) => u.start));
  const parts = all.filter((u) => !u.whole);
  const left = [...english.keys()].filter((k) => {
    const base = k.replace(/_(zero|one|other)$/, '');
    return !whole.has(k) && !whole.has(base) && !parts.some((u) => k.startsWith(u.start) && base.endsWith(u.end));
  });
  expect(left).toEqual([]);
});

test('English has both plural forms', () => {
  const want = expected(english.keys(), 'en');
  expect([...want].filter((k) => !english.has(k))).toEqual([]);
});

for (const { code, name } of names.filter((l) => l.code !== 'en')) {
  const words = wordsOf(code);
  const want = expected(english.keys(), code);

  test(`${name} has every key, and no other`, () => {
    expect({ missing: [...want].filter((k) => !words.has(k)), unknown: [...words.keys()].filter((k) => !want.has(k)) }).toEqual({ missing: [], unknown: [] });
  });

  test(`${name} fills the same gaps, and leaves no text empty`, () => {
    const wrong: string[] = [];
    for (const [k, text] of words) {
      const form = /_(zero|one|two|few|many|other)$/.exec(k);
      const source = english.get(k) ?? (form ? english.get(k.replace(form[0], '_other')) : undefined);
      if (source === undefined) continue;
      if (!text.trim()) wrong.push(`${k}: empty`);
      const has = gaps(text);
      for (const g of has) if (!gaps(source).has(g)) wrong.push(`${k}: {{${g}}} is not in the English text`);
      // "one" and "two" may be said in words.
      for (const g of gaps(source)) if (!has.has(g) && !((g === 'count' || g === 'n') && form && form[1] !== 'other')) wrong.push(`${k}: {{${g}}} is missing`);
    }
    expect(wrong).toEqual([]);
  });
}
