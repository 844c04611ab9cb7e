// Rolls, and from the seed to the seats: spec/roll.md.

import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { Refusal, at, must } from './refuse.mjs';
import { compare, same } from './cbor.mjs';
import { openBare } from './envelope.mjs';
import { bytes, date, integer, list, map, maxInt64, optional, span, text } from './fields.mjs';
import { checkCount, checkDistinct } from './proposal.mjs';
import { checkWords } from './text.mjs';
import * as bls from './bls.mjs';

const readRoll = map({
  issuer: bytes(32),
  number: integer(1, 2n ** 64n - 1n),
  issued: date,
  entries: list(map({
    id: bytes(32), y: bytes(48), z: bytes(96), proof: bytes(48),
    operator: optional(bytes(32)),
    tribes: optional(list(bytes(32), 8)),
    address: text(256),
    deltaMin: span, maxN: integer(1, maxInt64), maxParties: integer(2, maxInt64), maxHorizon: integer(1, maxInt64),
  }), 1024),
  delta: span, l: span, epsilon: span, patience: span, horizon: integer(1, maxInt64),
});

// openRoll reads and checks a signed roll.
export function openRoll(raw) {
  const m = openBare(raw, 'sxp.roll/1', readRoll);
  const r = m.value;
  must(same(m.signer, r.issuer), 'the issuer signs');
  checkCount(r.entries.length, 1, 1024, 'jurors');
  must(r.horizon > r.l + r.epsilon + r.patience, 'the horizon leaves no time to sign');
  checkDistinct(r.entries.map((e) => e.id), 'jurors');
  checkDistinct(r.entries.map((e) => e.y), 'juror keys');
  r.entries.forEach((e, i) => at(`juror ${i}`, () => {
    must(e.address !== '', 'a juror has an address');
    checkWords(e.address, false);
    bls.checkJurorKey(e.id, e.y, e.z, e.proof);
  }));
  return { ...r, digest: m.digest };
}

// draw returns the entries that the seed seats, seat 1 first.
export function draw(roll, p, seed) {
  const named = p.parties.flatMap((q, i) => [p.cards[i].id, ...q.operator ? [q.operator] : [], ...q.tribes ?? []]);
  const involved = (id) => named.some((k) => same(k, id));
  const pool = roll.entries.filter((e) => !involved(e.id) && !involved(operator(e)));
  for (let attempt = 0; attempt < 64; attempt++) {
    const seats = take(sorted(pool, seed, attempt), p.n, Math.max(p.f, 1));
    if (seats.length === p.n) return seats;
  }
  throw new Refusal('notfound', 'the roll gives no such jury');
}

const operator = (e) => e.operator ?? e.id;

function sorted(pool, seed, attempt) {
  const rank = (e) => sha256(concatBytes(utf8ToBytes('sxp draw/1'), seed, bls.bigEndian(attempt, 4), e.id));
  return pool.map((e) => ({ e, rank: rank(e) })).sort((a, b) => compare(a.rank, b.rank)).map(({ e }) => e);
}

function take(entries, n, perTribe) {
  const seats = [];
  for (const e of entries) {
    if (seats.length === n) break;
    if (seats.some((s) => same(operator(s), operator(e)))) continue;
    const full = (tribe) => seats.filter((s) => s.tribes?.some((k) => same(k, tribe))).length >= perTribe;
    if (!e.tribes?.some(full)) seats.push(e);
  }
  return seats;
}
