// Which words are asked again, and between what one chooses.

export type Asked = { position: number; choices: string[] }; // position from 1

function below(n: number): number {
  const limit = Math.floor(2 ** 32 / n) * n; // no number more likely than another
  for (;;) {
    const x = crypto.getRandomValues(new Uint32Array(1))[0]!;
    if (x < limit) return x % n;
  }
}

function draw<T>(from: T[], n: number): T[] {
  const left = [...from];
  const out: T[] = [];
  while (out.length < n && left.length) out.push(...left.splice(below(left.length), 1));
  return out;
}

/** pickWords asks for n words in the order of the list, each among six of the same list. */
export function pickWords(words: string[], n = 3): Asked[] {
  const positions = draw(words.map((_, i) => i), n).sort((a, b) => a - b);
  return positions.map((p) => {
    const others = [...new Set(words)].filter((w) => w !== words[p]);
    return { position: p + 1, choices: [words[p]!, ...draw(others, 5)].sort() };
  });
}
