import { expect, test } from 'vitest';

import { pickWords } from './pick';

test('three different words are asked, each among six with the right one', () => {
  const words = Array.from({ length: 24 }, (_, i) => 'w' + i);
  const seen = new Set<number>();
  for (let i = 0; i < 200; i++) {
    const asked = pickWords(words);
    expect(new Set(asked.map((a) => a.position)).size).toBe(3);
    for (const a of asked) {
      seen.add(a.position);
      expect(a.choices).toContain(words[a.position - 1]);
      expect(new Set(a.choices).size).toBe(6);
    }
  }
  expect(seen.size).toBe(24);
});

test('a list with a word twice offers it once', () => {
  const words = [...Array.from({ length: 23 }, (_, i) => 'w' + i), 'w0'];
  for (let i = 0; i < 100; i++) for (const a of pickWords(words)) expect(new Set(a.choices).size).toBe(a.choices.length);
});
