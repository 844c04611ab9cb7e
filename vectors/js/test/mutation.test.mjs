// What is changed is refused: one flipped bit anywhere, and what its signer
// changed and signed anew (vectors/signing/mutations.txt).

import { test } from 'node:test';
import { readFileSync, readdirSync } from 'node:fs';
import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { Refusal } from '../refuse.mjs';
import { reframe, unframe, verifyFile } from '../file.mjs';
import { openProposal } from '../proposal.mjs';
import { openRoll } from '../roll.mjs';
import { any, of as readers, signing, vector } from './signing.mjs';

// positions returns n bits of a file of size bytes, the same in every run.
function positions(seed, n, size) {
  return Array.from({ length: n }, (_, i) => {
    const v = new DataView(sha256(utf8ToBytes(`${seed} ${i}`)).buffer);
    return { byte: v.getUint32(0) % size, bit: v.getUint8(4) % 8 };
  });
}

// verdict returns the kind of the error that read gives, or "-".
function verdict(read) {
  try {
    read();
  } catch (e) {
    if (!(e instanceof Refusal)) throw e;
    return { kind: e.kind, why: e.message };
  }
  return { kind: '-', why: 'accepted' };
}

const contractVector = (name) => hexToBytes(JSON.parse(readFileSync(new URL(`../../contract/${name}.json`, import.meta.url))).input);

for (const name of ['file-valid', 'void-valid']) {
  test(`300 flipped bits of ${name} are refused`, (t) => {
    const start = performance.now();
    const raw = contractVector(name);
    for (const { byte, bit } of positions(name, 300, raw.length)) {
      raw[byte] ^= 1 << bit;
      if (verdict(() => verifyFile(raw)).kind === '-') throw new Error(`bit ${bit} of byte ${byte} changes nothing`);
      raw[byte] ^= 1 << bit;
    }
    t.diagnostic(`vectors-js: ${name}: 300 flipped bits refused, ${Math.round(performance.now() - start)} ms`);
  });
}

test('no valid message of a signing survives a flipped bit, or loses its end', (t) => {
  const start = performance.now();
  let n = 0;
  const dir = new URL('../../signing/', import.meta.url);
  for (const file of readdirSync(dir).filter((f) => f.endsWith('.json') && !f.startsWith('run-'))) {
    const v = vector(file.slice(0, -5));
    if (v.expect !== '') continue;
    const step = Math.max(1, Math.floor(v.input.length / 48));
    for (let i = 0; i < v.input.length; i += step) {
      const flipped = Uint8Array.from(v.input);
      flipped[i] ^= 1 << i % 8;
      for (const raw of [flipped, v.input.subarray(0, i)]) {
        n++;
        if (verdict(() => signing(v, raw)).kind === '-') throw new Error(`${file}: byte ${i} changes nothing`);
      }
    }
  }
  t.diagnostic(`vectors-js: ${n} flipped or cut messages refused, ${Math.round(performance.now() - start)} ms`);
});

// A line of the list: the vector, what was changed, the kind of the error that
// must come ("-": another valid message), and the bytes, as pieces of the
// vector's (from+length) and others in hex. Of a file it is its contents.
function* mutations() {
  const bases = new Map();
  for (const line of readFileSync(new URL('../../signing/mutations.txt', import.meta.url), 'utf8').trim().split('\n')) {
    const [of, what, kind, ...pieces] = line.split(' ');
    const [folder, name] = of.split('/');
    if (!bases.has(of)) {
      const v = any(of);
      bases.set(of, { v, body: name.startsWith('file-') || name.startsWith('void-') && folder === 'contract' ? unframe(v.input).data : v.input });
    }
    const { v, body } = bases.get(of);
    const data = concatBytes(...pieces.map((p) => {
      const [from, length] = p.split('+').map(Number);
      return p.includes('+') ? body.subarray(from, from + length) : hexToBytes(p);
    }));
    yield { of, what, kind, read: reader(folder, name, v, data) };
  }
}

function reader(folder, name, v, data) {
  if (folder === 'signing') {
    // A changed session is read for what it is, not for the m that it had.
    return () => signing(name.startsWith('session-') ? { ...v, with: {} } : v, data);
  }
  switch (folder === 'contract' ? `a ${name.split('-')[0]}` : folder) {
    case 'roll': // what the message says it may say
      return () => readers.roll({ ...v, with: { ...v.with, words: undefined, ...name.startsWith('up-') && { at: undefined } } }, data);
    case 'rating':
    case 'evidence': return () => readers[folder](v, data);
    case 'a proposal': return () => openProposal(data);
    case 'a roll': return () => openRoll(data);
    default: return () => verifyFile(reframe(v.input, data));
  }
}

test('what a signer changed and signed anew is refused', (t) => {
  const start = performance.now();
  const count = { refused: 0, free: 0 }, wrong = [];
  for (const { of, what, kind, read } of mutations()) {
    const got = verdict(read);
    if (got.kind !== kind) wrong.push(`${of} ${what}: ${got.kind} (${got.why}), not ${kind}`);
    count[got.kind === '-' ? 'free' : 'refused']++;
  }
  t.diagnostic(`vectors-js: ${count.refused} changed messages refused, ${count.free} other valid ones accepted, ${Math.round(performance.now() - start)} ms`);
  if (wrong.length > 0) throw new Error(`${wrong.length} differ from what is written:\n${wrong.slice(0, 400).join('\n')}`);
});
