// A secret for a signature: spec/secret.md.

import { createDecipheriv } from 'node:crypto';
import { expand, extract } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { Refusal, at, must } from './refuse.mjs';
import { decode, same } from './cbor.mjs';
import { openBare } from './envelope.mjs';
import { bytes, integer, map, maxInt64, optional } from './fields.mjs';
import * as bls from './bls.mjs';

const tag = 'SXP-V01-SECRET-with-BLS12381G1_XMD:SHA-256_SSWU_RO_';

export const readSecret = map({ key: bytes(96), proof: bytes(48), salt: bytes(32), sealed: bytes(), digest: optional(bytes(32)) });

// checkSecrets: two parties, one secret of each, a proof of each key.
export function checkSecrets({ terms: { transfers }, cards }) {
  const given = transfers.filter((x) => x.secret);
  must(given.length === 0 || cards.length === 2, 'a contract with a secret has two parties');
  given.forEach((x, i) => {
    must(given.slice(0, i).every((y) => y.from !== x.from), 'each gives one secret at most');
    const n = x.secret.sealed.length;
    must(n >= 80 && n <= 4176 && n % 64 === 16, 'a sealed secret has 80 to 4176 bytes, 16 more than a multiple of 64');
    bls.checkPossession('secret', cards[x.from].id, x.secret.key, x.secret.proof);
  });
}

// secretLines are what people read of a transfer's secret.
export function secretLines(x, party) {
  if (!x.secret) return [];
  const { key, salt, sealed, digest } = x.secret;
  return [`   secret: sealed in this contract, SHA-256 ${bytesToHex(sha256(concatBytes(key, salt, sealed)))}`,
    `   opened by: the signature of ${party(x.from)}, for ${party(x.to)}`,
    ...digest ? [`   declared: SHA-256 ${bytesToHex(digest)} of the secret`] : []];
}

const question = (w, context) => bls.hash(tag, concatBytes(w, context));

// checkLock is e(c, g2) = e(Q, W)·e(H(m), X).
export function checkLock(w, x, context, m, c) {
  const ok = bls.pairs([{ g1: bls.readG1(c), g2: bls.G2.BASE.negate() }, { g1: question(w, context), g2: bls.readG2(w) },
    { g1: bls.hash(bls.tags.session, m), g2: bls.readG2(x) }]);
  must(ok, 'the lock is not of this key and session');
}

// openKey returns the key that c and σ give.
export function openKey(w, context, c, sigma, salt) {
  const d = bls.readG1(c).subtract(bls.readG1(sigma));
  must(!d.is0() && bls.pairs([{ g1: d, g2: bls.G2.BASE.negate() }, { g1: question(w, context), g2: bls.readG2(w) }]), 'the signature does not open the lock');
  return expand(sha256, extract(sha256, d.toBytes(), salt), utf8ToBytes('sxp secret 1'), 32);
}

// unseal returns the secret, or why the seller is to blame.
function unseal({ sealed, digest }, key) {
  const cipher = createDecipheriv('chacha20-poly1305', key, new Uint8Array(12), { authTagLength: 16 });
  cipher.setAuthTag(sealed.subarray(-16));
  let b;
  try {
    b = concatBytes(cipher.update(sealed.subarray(0, -16)), cipher.final());
  } catch {
    return { wrong: 'what was sealed does not open' };
  }
  const n = b[0] << 8 | b[1], text = b.slice(2, 2 + n);
  const form = n >= 1 && n <= 4096 && b.length === Math.ceil((2 + n) / 64) * 64 && b.subarray(2 + n).every((v) => v === 0);
  if (!form) return { wrong: 'what was sealed is no secret in the form of this version' };
  if (digest && !same(sha256(text), digest)) return { wrong: 'the secret is not what was declared' };
  return { text };
}

export const readLock = map({ proposal: bytes(32), m: bytes(32), transfer: integer(-(2n ** 63n), maxInt64), lock: bytes(48), salt: bytes(32) });
const readProof = map({ version: integer(1, 1), contract: bytes(), lock: bytes(), signature: bytes(48) });

// readLockOf reads a lock of the session m of an opened proposal, by who gives
// the secret; whether it holds is for checkLockOf.
export function readLockOf(raw, p, m) {
  const { signer, value: l } = openBare(raw, 'sxp.lock/1', readLock);
  must(same(l.proposal, p.digest) && same(l.m, m), 'of another session');
  const x = p.terms.transfers[Number(l.transfer)];
  must(x?.secret && same(p.cards[x.from].id, signer), 'not a lock of a secret by who gives it');
  return { ...l, signer, from: x.from, secret: x.secret, giver: p.cards[x.from].contractKey };
}

// checkLockOf checks salt and point.
export function checkLockOf(l, p) {
  must(same(sha256(l.salt), l.secret.salt), 'not the salt of the proposal');
  checkLock(l.secret.key, l.giver, contextOf(p, l.transfer), l.m, l.lock);
}

// openLock reads and checks a lock.
export function openLock(raw, p, m) {
  const l = readLockOf(raw, p, m);
  checkLockOf(l, p);
  return l;
}

// openSecret opens what a lock and its giver's signature open.
export function openSecret(l, p, sigma) {
  checkLockOf(l, p);
  must(bls.verifies(bls.tags.session, bls.readG2(l.giver), l.m, bls.readG1(sigma)), "not the giver's signature");
  return unseal(l.secret, openKey(l.secret.key, contextOf(p, l.transfer), l.lock, sigma, l.salt));
}

const contextOf = (p, transfer) => concatBytes(p.nonce, bls.bigEndian(transfer, 4));

// openProof reads what a party shows of a secret. verifyContract checks its
// contract file and returns kind, proposal and m.
export function openProof(raw, verifyContract) {
  const f = at('proof', () => {
    const v = decode(raw);
    if (v instanceof Map && typeof v.get('version') === 'number' && v.get('version') !== 1) throw new Refusal('unsupported', 'version 1 only');
    return readProof(v);
  });
  const { kind, proposal: p, m } = at('contract', () => verifyContract(f.contract));
  must(kind === 'contract', 'only a contract gives a secret');
  return openSecret(openLock(f.lock, p, m), p, f.signature);
}
