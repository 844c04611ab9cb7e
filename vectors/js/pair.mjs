// The words that two people compare: spec/identity.md, "Words of two people".

import { argon2id } from '@noble/hashes/argon2.js';
import { concatBytes } from '@noble/hashes/utils.js';
import { compare } from './cbor.mjs';

// pairNumbers returns the places of the eight words in the list, from 0.
export function pairNumbers(a, b) {
  if (compare(a, b) > 0) [a, b] = [b, a];
  const sum = argon2id(concatBytes(a, b), new TextEncoder().encode('sxp pair words/1'), { t: 2, m: 16_384, p: 1, dkLen: 11 });
  return Array.from({ length: 8 }, (_, i) => {
    let n = 0;
    for (let bit = 11 * i; bit < 11 * i + 11; bit++) n = n << 1 | sum[bit >> 3] >> 7 - bit % 8 & 1;
    return n;
  });
}
