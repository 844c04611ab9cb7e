// The session that everybody signs, claims and votes: spec/signing.md, jury.md.

import { sha256 } from '@noble/hashes/sha2.js';
import { Refusal, at, must, within } from './refuse.mjs';
import { encode, same } from './cbor.mjs';
import { openBare } from './envelope.mjs';
import { bytes, date, integer, list, map, optional, span, text } from './fields.mjs';
import { checkCount, checkDistinct, checkSizes, checkVersion } from './proposal.mjs';
import { checkWords } from './text.mjs';
import * as bls from './bls.mjs';

const preimageFields = map({
  version: integer(1, 1),
  proposal: bytes(32),
  parties: list(map({ id: bytes(32), x: bytes(96), proof: bytes(48), acceptance: bytes() })),
  jury: list(map({ id: bytes(32), y: bytes(48), z: bytes(96), proof: bytes(48), address: text(256) })),
  t: integer(1, 101), f: integer(0, 101),
  deadline: date, delta: span,
  roll: bytes(32), seed: bytes(32),
});

// readPreimage reads a preimage and computes m.
export const readPreimage = (v) => {
  checkVersion(v);
  return { ...preimageFields(v), m: sha256(encode(v)) };
};

export const readAcceptance = map({
  proposal: bytes(32),
  commitment: map({ a: list(bytes(96)), u: bytes(48) }),
  draw: bytes(48),
  watcher: optional(map({ id: bytes(32), address: text(256) })),
});

// checkForm is all of a preimage that needs no pairing; it returns the acceptances.
export function checkForm(pre) {
  checkCount(pre.parties.length, 2, 12, 'parties');
  must(pre.jury.length >= 1 && pre.jury.length <= 101, 'a jury has 1 to 101 seats');
  checkSizes({ n: pre.jury.length, t: pre.t, f: pre.f });
  checkDistinct(pre.parties.map((p) => p.id), 'identities of the parties');
  checkDistinct(pre.parties.map((p) => p.x), 'contract keys');
  checkDistinct(pre.jury.map((s) => s.id), 'identities of the jurors');
  checkDistinct(pre.jury.map((s) => s.y), 'juror keys');
  for (const s of pre.jury) at("a juror's address", () => checkWords(s.address, false));
  return pre.parties.map((p, i) => at(`acceptance ${i + 1}`, () => {
    within(p.acceptance.length, 8192, 'bytes of an acceptance');
    const m = openBare(p.acceptance, 'sxp.acceptance/1', readAcceptance);
    must(same(m.signer, p.id), 'not signed by its party');
    must(same(m.value.proposal, pre.proposal), 'of another proposal');
    if (m.value.watcher) checkWords(m.value.watcher.address, false);
    return m.value;
  }));
}

// checkPoints verifies the proofs, draw shares, commitments, juror keys and the
// seed; it returns the commitments' points.
export function checkPoints(pre, acceptances) {
  const n = pre.jury.length;
  const parties = pre.parties.map((p, i) => at(`party ${i + 1}`, () => {
    bls.checkPossession('party', p.id, p.x, p.proof);
    const x = bls.readG2(p.x), a = acceptances[i];
    const delta = bls.readG1(a.draw);
    must(bls.verifies(bls.tags.draw, x, pre.proposal, delta), 'the draw share is not of this party and proposal');
    return { x, delta, ...bls.checkCommitment(x, a.commitment, n, pre.t) };
  }));
  pre.jury.forEach((s, i) => at(`seat ${i + 1}`, () => bls.checkJurorKey(s.id, s.y, s.z, s.proof)));
  must(same(pre.seed, bls.seed(parties.map((p) => p.delta))), 'the seed is not that of the draw shares');
  return parties;
}

export const readClaim = map({ preimage: readPreimage, promises: list(list(bytes(48))) });

// checkClaim checks all of a claim but its signature.
export function checkClaim({ preimage: pre, promises }, acceptances = checkForm(pre)) {
  must(promises.length === pre.parties.length, 'a promise of every party');
  must(promises.every((c) => c.length === pre.jury.length), 'a promise has a point for each seat');
  const parties = checkPoints(pre, acceptances);
  const zs = pre.jury.map((s) => bls.readG2(s.z));
  parties.forEach((p, i) => at(`promise ${i + 1}`, () => bls.checkPromise(pre.m, zs, p.x, p, promises[i])));
}

// openClaim reads a signed claim and checks it in full.
export function openClaim(raw) {
  const { signer, value } = openBare(raw, 'sxp.claim/1', readClaim);
  if (!value.preimage.parties.some((p) => same(p.id, signer))) throw new Refusal('denied', 'not signed by a party');
  checkClaim(value);
  return { signer, ...value };
}

// checkVoids checks the votes of a void certificate.
export function checkVoids(pre, voids) {
  must(voids.length === pre.t, `a void certificate has exactly ${pre.t} voids`);
  let last = -1;
  voids.forEach((raw, i) => at(`void ${i + 1}`, () => {
    const v = openBare(raw, 'sxp.void/1', map({ m: bytes(32) }));
    must(same(v.value.m, pre.m), 'of another session');
    const seat = pre.jury.findIndex((s) => same(s.id, v.signer));
    must(seat >= 0, 'not by a juror of this session');
    must(seat > last, 'not in the order of seats');
    last = seat;
  }));
}
