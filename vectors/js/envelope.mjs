// Signed messages: spec/envelope.md.

import { ed25519 } from '@noble/curves/ed25519.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes } from '@noble/hashes/utils.js';
import { at, must, within } from './refuse.mjs';
import { Reader, decode, encode, same } from './cbor.mjs';
import { size } from './text.mjs';

const maxMessage = 1 << 20;
const none = new Uint8Array(0);

// verifyEd25519 is ZIP-215: s below the order, points in any encoding, the
// equation with the cofactor.
export function verifyEd25519(id, message, signature) {
  try {
    return ed25519.verify(signature, message, id, { zip215: true });
  } catch {
    return false;
  }
}

// parse reads a message and verifies it and all countersignatures on it.
export function parse(raw) {
  within(raw.length, maxMessage, 'bytes of a message');
  must(raw[0] === 0xd2 && raw[1] === 0x84, 'a message starts with d2 84');
  const r = new Reader(raw.subarray(2), 64);
  const [protectedHeader, unprotected, payload, signature] = [r.value(), r.value(), r.value(), r.value()];
  r.end();
  must(protectedHeader instanceof Uint8Array, 'the protected header is a byte string');
  must(payload instanceof Uint8Array, 'the payload is a byte string');
  must(signature instanceof Uint8Array && signature.length === 64, 'a signature has 64 bytes');
  const { type, signer } = at('protected header', () => readHeader(protectedHeader));
  at('payload', () => decode(payload));
  const m = { type, signer, payload, signature, protectedHeader, raw };
  m.countersignatures = at('countersignatures', () => readCountersignatures(unprotected, m));
  m.digest = sha256(concatBytes(Uint8Array.of(0xd2, 0x84), encode(protectedHeader), Uint8Array.of(0xa0), encode(payload), encode(signature)));
  must(verifyEd25519(signer, encode(['Signature1', protectedHeader, none, payload]), signature), 'the signature is not of this message by its signer');
  for (const c of m.countersignatures) must(verifyEd25519(c.signer, c.signed, c.signature), 'a countersignature does not verify');
  return m;
}

function readHeader(raw) {
  const h = decode(raw);
  must(h instanceof Map && same(Uint8Array.from(h.keys()), Uint8Array.of(1, 4, 16)) && h.size === 3, 'it has alg, kid and typ');
  must(h.get(1) === -8, 'the algorithm is EdDSA');
  const kid = h.get(4), type = h.get(16);
  must(kid instanceof Uint8Array && kid.length === 32, 'kid has 32 bytes');
  must(typeof type === 'string', 'typ is text');
  within(size(type), 64, 'bytes of typ');
  must(/^[A-Za-z0-9.-]+\/[1-9][0-9]*$/.test(type), 'typ is a name, a slash and a version');
  return { type, signer: kid };
}

// readCountersignatures returns all countersignatures in the order of their
// bytes, each with what it signs.
function readCountersignatures(unprotected, m) {
  const all = [];
  const walk = (header, depth, signed) => {
    must(header instanceof Map, 'an unprotected header is a map');
    if (header.size === 0) return;
    must(header.size === 1 && header.has(11), 'only countersignatures (label 11) are unprotected');
    within(depth, 8, 'countersignatures on top of each other');
    const value = header.get(11);
    must(Array.isArray(value) && value.length > 0, 'countersignatures are arrays');
    const several = Array.isArray(value[0]);
    must(!several || value.length > 1, 'one countersignature stands without an array');
    const here = new Set();
    for (const c of several ? value : [value]) {
      must(Array.isArray(c) && c.length === 3, 'a countersignature has three elements');
      const [own, above, signature] = c;
      must(own instanceof Uint8Array && signature instanceof Uint8Array && signature.length === 64, 'a countersignature has a protected header and 64 bytes');
      const key = bytesToHex(own) + bytesToHex(signature);
      must(!here.has(key), 'the same countersignature stands twice');
      here.add(key);
      within(all.length + 1, 32, 'countersignatures');
      all.push({ ...readCounterHeader(own), signature, signed: encode(signed(own)) });
      walk(above, depth + 1, (next) => ['CounterSignature', own, next, none, signature]);
    }
  };
  walk(unprotected, 1, (own) => ['CounterSignatureV2', m.protectedHeader, own, none, m.payload, [m.signature]]);
  return all;
}

function readCounterHeader(raw) {
  const h = decode(raw);
  must(h instanceof Map && h.get(1) === -8, 'the algorithm is EdDSA');
  const kid = h.get(4);
  must(kid instanceof Uint8Array && kid.length === 32, 'kid has 32 bytes');
  const attributes = {};
  within(h.size - 2, 16, 'attributes');
  for (const [k, v] of h) {
    if (k === 1 || k === 4) continue;
    must(typeof k === 'string' && typeof v === 'string', 'attributes are text to text');
    within(size(k), 64, 'bytes of an attribute name');
    within(size(v), 1024, 'bytes of an attribute');
    attributes[k] = v;
  }
  return { signer: kid, attributes };
}

// open reads a message of one type and gives its payload to read.
export function open(raw, type, read) {
  const m = parse(raw);
  must(m.type === type, `the type is ${m.type}, not ${type}`);
  m.value = at(type, () => read(decode(m.payload)));
  return m;
}

// openBare is open for messages that carry no countersignatures.
export function openBare(raw, type, read) {
  const m = open(raw, type, read);
  must(m.countersignatures.length === 0, `${type} carries no countersignatures`);
  return m;
}
