// Cards: spec/identity.md.

import { at, must, within } from './refuse.mjs';
import { same } from './cbor.mjs';
import { open } from './envelope.mjs';
import { bytes, integer, list, map, text, time } from './fields.mjs';
import { checkLabel, size } from './text.mjs';
import * as bls from './bls.mjs';

const day = 86_400_000;

const readCard = map({
  label: text(),
  id: bytes(32),
  contractKey: bytes(96),
  proof: bytes(48),
  kem: list(map({ public: bytes(1216), from: time, until: time })),
  relays: list(text()),
  seq: integer(1, 2n ** 64n - 1n),
  issued: time,
});

// openCard reads and checks a signed card.
export function openCard(raw) {
  within(raw.length, 65_536, 'bytes of a card');
  const m = open(raw, 'sxp.card/1', readCard);
  const c = m.value;
  must(same(c.id, m.signer), 'the signer is not the identity');
  checkLabel(c.label);
  within(c.relays.length, 8, 'relays');
  c.relays.forEach((r, i) => at(`relay ${i}`, () => checkRelay(r)));
  must(new Set(c.relays).size === c.relays.length, 'a relay is named twice');
  checkKEM(c.kem);
  bls.checkPossession('party', c.id, c.contractKey, c.proof);
  return { ...c, digest: m.digest, countersignatures: m.countersignatures };
}

function checkRelay(address) {
  within(size(address), 256, 'bytes of an address');
  must(/^[\x21-\x7e]+$/.test(address), 'an address is printable ASCII');
  must(/^https?:\/\/[^/?#]/i.test(address), 'an address is an absolute http or https URL');
  must(!/^[a-z]+:\/\/[^/?#]*@/i.test(address), 'an address has no user and no password');
}

function checkKEM(keys) {
  within(keys.length, 8, 'KEM keys');
  keys.forEach((k, i) => at(`kem ${i}`, () => {
    must(k.from < k.until, 'a key is valid for some time');
    within(Number(k.until) - Number(k.from), 400 * day, 'ms of validity');
    must(i === 0 || keys[i - 1].from < k.from, 'keys ascend by their first moment');
    must(keys.slice(0, i).every((o) => !same(o.public, k.public)), 'a key is listed once');
    checkMLKEM(k.public);
  }));
}

// checkMLKEM is the modulus check of FIPS 203 §7.2: the first 1152 bytes are
// numbers of 12 bits below q.
function checkMLKEM(key) {
  for (let i = 0; i < 1152; i += 3) {
    const [a, b, c] = key.subarray(i, i + 3);
    must((a | (b & 15) << 8) < 3329 && (b >> 4 | c << 4) < 3329, 'a KEM key has coefficients below q');
  }
}
