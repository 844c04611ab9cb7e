// Points, proofs, promises and sums: spec/bls.md. Only what a reader needs, and
// the operations of vectors/bls; nothing here keeps a secret.

import { bls12_381 } from '@noble/curves/bls12-381.js';
import { extract, expand } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { Refusal, at, must, within } from './refuse.mjs';
import { same } from './cbor.mjs';

export const G1 = bls12_381.G1.Point;
export const G2 = bls12_381.G2.Point;
export const order = bls12_381.fields.Fr.ORDER;
const { Fp12 } = bls12_381.fields;

export const tags = {
  session: 'SXP-V01-SESSION-with-BLS12381G1_XMD:SHA-256_SSWU_RO_',
  draw: 'SXP-V01-DRAW-with-BLS12381G1_XMD:SHA-256_SSWU_RO_',
  possession: 'SXP-V01-POSSESSION-with-BLS12381G1_XMD:SHA-256_SSWU_RO_',
  jurorPossession: 'SXP-V01-JUROR-POSSESSION-with-BLS12381G1_XMD:SHA-256_SSWU_RO_',
};

// Points and products are computed once: in a signing the same keys return in
// every message. Each memory forgets everything when it is full.
function remember(f, keyOf) {
  const known = new Map();
  return (arg) => {
    const key = keyOf(arg);
    if (!known.has(key)) {
      if (known.size >= 4096) known.clear();
      known.set(key, f(arg));
    }
    return known.get(key);
  };
}
const hex = (b) => Buffer.from(b).toString('hex');

const reader = (group, length) => remember((raw) => {
  must(raw.length === length, `a point has ${length} bytes`);
  must((raw[0] & 0x80) !== 0, 'a point is compressed');
  must((raw[0] & 0x40) === 0, 'the identity is never a value');
  let p;
  try {
    p = group.fromBytes(raw);
    p.assertValidity();
  } catch {
    p = null;
  }
  must(p !== null && !p.is0() && same(p.toBytes(), raw), 'not the encoding of a point of the group');
  return p;
}, hex);
export const readG1 = reader(G1, 48);
export const readG2 = reader(G2, 96);

const toCurve = remember(({ tag, message }) => bls12_381.G1.hashToCurve(message, { DST: tag }), ({ tag, message }) => tag + hex(message));
export const hash = (tag, message) => toCurve({ tag, message });

// pairs tells whether the product of e(a, b) is one.
export const pairs = remember((list) => {
  const factors = list.filter(({ g1, g2 }) => !g1.is0() && !g2.is0());
  return Fp12.eql(bls12_381.pairingBatch(factors), Fp12.ONE);
}, (list) => list.map(({ g1, g2 }) => hex(g1.toBytes()) + hex(g2.toBytes())).join());

export const sum = (group, points) => points.reduce((a, p) => a.add(p), group.ZERO);
export const times = (p, k) => (k % order === 0n ? p.subtract(p) : p.multiplyUnsafe(k % order));

export const verifies = (tag, x, message, signature) => pairs([
  { g1: signature, g2: G2.BASE.negate() }, { g1: hash(tag, message), g2: x }]);

export function roleBytes(role) {
  const r = utf8ToBytes(role);
  must(r.length >= 1 && r.length <= 255, 'a role has 1 to 255 bytes');
  return concatBytes(Uint8Array.of(r.length), r);
}

export function checkPossession(role, identity, x, proof) {
  must(role !== 'juror', 'a contract key never has the role juror');
  const ok = verifies(tags.possession, readG2(x), concatBytes(roleBytes(role), x, identity), readG1(proof));
  must(ok, 'the proof of possession is not of this key, role and identity');
}

export function checkJurorKey(identity, y, z, proof) {
  const [py, pz, pp] = [readG1(y), readG2(z), readG1(proof)];
  must(pairs([{ g1: py, g2: G2.BASE.negate() }, { g1: G1.BASE, g2: pz }]), 'Y and Z have two secrets');
  const message = concatBytes(roleBytes('juror'), y, z, identity);
  must(pairs([{ g1: pp, g2: G2.BASE.negate() }, { g1: hash(tags.jurorPossession, message), g2: pz }]), "the proof is not of this juror's keys and identity");
}

// seatKey returns P_j = Σ j^k·A_k by Horner's rule; a has A_1 to A_{t−1}.
export function seatKey(x, a, seat) {
  return [x, ...a].reduceRight((p, q) => times(p, BigInt(seat)).add(q), G2.ZERO);
}

// checkCommitment returns the points of a commitment {a, u}.
export function checkCommitment(x, c, n, t) {
  checkSeats(n);
  must(t >= 1 && t <= n, 'a threshold is 1 to n');
  must(c.a.length === t - 1, 'a commitment has exactly t−1 points A');
  const a = c.a.map((p, i) => at(`A_${i + 1}`, () => readG2(p)));
  const u = at('U', () => readG1(c.u));
  for (let j = 1; j <= n; j++) must(!seatKey(x, a, j).is0(), `P_${j} is the identity`);
  return { a, u };
}

function checkSeats(n) {
  must(n >= 1, 'a jury has seats');
  within(n, 101, 'seats');
}

// checkPromise is e(C_j, g2) = e(H(m), P_j)·e(U, Z_j) for every seat.
export function checkPromise(m, zs, x, { a, u }, promise) {
  must(promise.length === zs.length, 'a promise has a point for each seat');
  const points = promise.map((c, i) => at(`C_${i + 1}`, () => readG1(c)));
  points.forEach((c, i) => {
    const ok = pairs([{ g1: c, g2: G2.BASE.negate() }, { g1: hash(tags.session, m), g2: seatKey(x, a, i + 1) }, { g1: u, g2: zs[i] }]);
    must(ok, `C_${i + 1} is not what was committed to`);
  });
}

export function checkShare(m, x, a, seat, share) {
  must(seat >= 1 && seat <= 101, 'seats are 1 to 101');
  const ok = pairs([{ g1: readG1(share), g2: G2.BASE.negate() }, { g1: hash(tags.session, m), g2: seatKey(x, a, seat) }]);
  must(ok, 'not the share of this seat');
}

const number = (b) => b.reduce((n, d) => n << 8n | BigInt(d), 0n);
const bigEndian = (n, size) => Uint8Array.from({ length: size }, (_, i) => Number(BigInt(n) >> BigInt(8 * (size - 1 - i)) & 255n));

// coefficients returns c_0 to c_{n−1}.
export function coefficients(m, n) {
  must(n >= 1, 'a contract has parties');
  return Array.from({ length: n }, (_, i) => number(sha256(concatBytes(utf8ToBytes('sxp aggregate'), m, bigEndian(i, 4))).subarray(0, 16)));
}

export function checkAggregate(m, keys, s) {
  if (keys.length < 1 || keys.length > 12) throw new Refusal('toolarge', 'a contract has 1 to 12 parties');
  const c = coefficients(m, keys.length);
  const x = sum(G2, keys.map((k, i) => times(k, c[i])));
  const ok = !x.is0() && pairs([{ g1: readG1(s), g2: G2.BASE.negate() }, { g1: hash(tags.session, m), g2: x }]);
  must(ok, 'S is not the signature of all parties');
}

// seed returns the seed of the draw from verified draw shares.
export function seed(deltas) {
  const p = sum(G1, deltas);
  must(!p.is0(), 'the sum of the draw shares is the identity');
  return sha256(p.toBytes());
}

// readSecret refuses what is no number between 0 and the order.
export function readSecret(b) {
  const x = number(b);
  must(x > 0n && x < order, 'a secret is between 0 and the order');
  return x;
}

export const sign = (x, tag, message) => times(hash(tag, message), x);

// derive is KeyGen of draft-irtf-cfrg-bls-signature-05 with an empty key_info.
export function derive(ikm) {
  must(ikm.length >= 32, 'at least 32 bytes of key material');
  for (let salt = sha256(utf8ToBytes('BLS-SIG-KEYGEN-SALT-'));; salt = sha256(salt)) {
    const prk = extract(sha256, concatBytes(ikm, Uint8Array.of(0)), salt);
    const x = number(expand(sha256, prk, Uint8Array.of(0, 48), 48)) % order;
    if (x !== 0n) return bigEndian(x, 32);
  }
}

// recover returns σ from t shares by Lagrange's rule at 0.
export function recover(t, shares) {
  if (shares.length < t) throw new Refusal('early', 'fewer than t shares');
  const seats = shares.slice(0, t);
  return sum(G1, seats.map(({ seat, share }) => {
    let up = 1n, down = 1n;
    for (const o of seats) {
      if (o.seat === seat) continue;
      up = up * BigInt(o.seat) % order;
      down = down * (BigInt(o.seat - seat) + order) % order;
    }
    return times(share, up * bls12_381.fields.Fr.inv(down) % order);
  }));
}

export { bigEndian };
