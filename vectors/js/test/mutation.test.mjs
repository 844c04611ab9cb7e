// One flipped bit anywhere makes a file worthless.

import { test } from 'node:test';
import { readFileSync } from 'node:fs';
import { sha256 } from '@noble/hashes/sha2.js';
import { hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { Refusal } from '../refuse.mjs';
import { verifyFile } from '../file.mjs';

// positions returns n bits of a file of size bytes, the same in every run.
function positions(seed, n, size) {
  return Array.from({ length: n }, (_, i) => {
    const v = new DataView(sha256(utf8ToBytes(`${seed} ${i}`)).buffer);
    return { byte: v.getUint32(0) % size, bit: v.getUint8(4) % 8 };
  });
}

for (const name of ['file-valid', 'void-valid']) {
  test(`300 flipped bits of ${name} are refused`, (t) => {
    const start = performance.now();
    const vector = JSON.parse(readFileSync(new URL(`../../contract/${name}.json`, import.meta.url)));
    const raw = hexToBytes(vector.input);
    for (const { byte, bit } of positions(name, 300, raw.length)) {
      raw[byte] ^= 1 << bit;
      let refused = false;
      try {
        verifyFile(raw);
      } catch (e) {
        if (!(e instanceof Refusal)) throw new Error(`bit ${bit} of byte ${byte}: ${e.stack}`);
        refused = true;
      }
      if (!refused) throw new Error(`bit ${bit} of byte ${byte} changes nothing`);
      raw[byte] ^= 1 << bit;
    }
    t.diagnostic(`vectors-js: ${name}: 300 flipped bits refused, ${Math.round(performance.now() - start)} ms`);
  });
}
