// Rolls, and from the seed to the seats: spec/roll.md.

import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { Refusal, at, must, tooLarge } from './refuse.mjs';
import { compare, same } from './cbor.mjs';
import { openBare } from './envelope.mjs';
import { bytes, date, integer, list, map, maxInt64, optional, span, text } from './fields.mjs';
import { checkCount, checkDistinct } from './proposal.mjs';
import { checkWords } from './text.mjs';
import * as bls from './bls.mjs';

const anyInteger = integer(-(2n ** 63n), maxInt64);

// readConduct reads what an issuer has seen of a juror.
export const readConduct = map({
  since: anyInteger, asked: anyInteger, up: anyInteger, cases: anyInteger, faults: anyInteger, proof: optional(bytes(32)),
});

export const readEntry = map({
  id: bytes(32), y: bytes(48), z: bytes(96), proof: bytes(48),
  operator: optional(bytes(32)),
  tribes: optional(list(bytes(32), 8)),
  vouched: optional(list(bytes())),
  conduct: optional(readConduct),
  address: text(256),
  deltaMin: span, maxN: integer(1, maxInt64), maxParties: integer(2, maxInt64), maxHorizon: integer(1, maxInt64),
});

const readRoll = map({
  issuer: bytes(32),
  number: integer(1, 2n ** 64n - 1n),
  issued: date,
  entries: list(readEntry, 1024),
  draw: optional(anyInteger),
  delta: span, l: span, epsilon: span, patience: span, horizon: integer(1, maxInt64),
});

const day = 86_400_000;
const byStrata = 2;
const readVouch = map({ juror: bytes(32), y: bytes(48), operator: optional(bytes(32)), until: anyInteger });

// checkWord: by strata, everybody whom a juror names has signed for it.
function checkWord(e, r) {
  if (r.draw !== byStrata) {
    must(e.vouched === undefined && e.conduct === undefined, 'only a roll by strata says who vouches for a juror, and its conduct');
    return;
  }
  const named = [...same(operator(e), e.id) ? [] : [e.operator], ...e.tribes ?? []];
  const vouched = e.vouched ?? [];
  must(vouched.length === named.length, 'a juror has the word of its operator and of each of its tribes');
  checkDistinct(e.tribes ?? [], 'tribes');
  vouched.forEach((raw, i) => at(`word ${i + 1}`, () => checkVouch(raw, named[i], e, r.issued)));
  if (e.conduct) checkConduct(e.conduct, r.issued);
}

// checkVouch reads a word for a juror, by a tribe or an operator, and whether it
// holds at a moment.
export function checkVouch(raw, by, { id, y, operator }, moment) {
  const { signer, value: v } = openBare(raw, 'sxp.vouch/1', readVouch);
  must(same(signer, by) && same(v.juror, id) && same(v.y, y) && (v.operator && operator ? same(v.operator, operator) : v.operator === operator),
    "another's word, or about another juror, key or operator");
  if (v.until <= moment) throw new Refusal('late', 'the word has run out');
}

export function checkConduct(c, issued) {
  for (const n of [c.asked, c.up, c.cases, c.faults]) if (n < 0 || n > 100_000_000) tooLarge('a figure of conduct');
  must(c.since > 0 && c.since <= issued && c.up <= c.asked && (c.faults > 0) === (c.proof !== undefined), 'conduct that contradicts itself');
}

const hasRecord = (e, r) => e.conduct !== undefined && e.conduct.faults === 0 && r.issued - e.conduct.since >= 14 * day
  && e.conduct.asked >= 500 && 10 * e.conduct.up >= 9 * e.conduct.asked;

// checkEntry checks an entry by itself.
export function checkEntry(e) {
  must(e.address !== '', 'a juror has an address');
  checkWords(e.address, false);
  bls.checkJurorKey(e.id, e.y, e.z, e.proof);
}

// openRoll reads and checks a signed roll.
export function openRoll(raw) {
  const m = openBare(raw, 'sxp.roll/1', readRoll);
  const r = m.value;
  must(same(m.signer, r.issuer), 'the issuer signs');
  checkCount(r.entries.length, 1, 1024, 'jurors');
  must(r.horizon > r.l + r.epsilon + r.patience, 'the horizon leaves no time to sign');
  if (r.draw !== undefined && r.draw !== byStrata) throw new Refusal('unsupported', `no rule ${r.draw} of drawing`);
  checkDistinct(r.entries.map((e) => e.id), 'jurors');
  checkDistinct(r.entries.map((e) => e.y), 'juror keys');
  r.entries.forEach((e, i) => at(`juror ${i}`, () => {
    checkEntry(e);
    checkWord(e, r);
  }));
  return { ...r, digest: m.digest };
}

// draw returns the entries that the seed seats, seat 1 first.
export function draw(roll, p, seed) {
  const named = p.parties.flatMap((q, i) => [p.cards[i].id, ...q.operator ? [q.operator] : [], ...q.tribes ?? []]);
  const involved = (id) => named.some((k) => same(k, id));
  const strata = roll.draw === byStrata;
  const pool = roll.entries.filter((e) => !involved(e.id) && !involved(operator(e)) && !(strata && e.conduct?.faults > 0));
  for (let attempt = 0; attempt < 64; attempt++) {
    const order = strata ? spread(pool, seed, attempt) : sorted(pool, (e) => [rank('sxp draw/1', seed, attempt, e.id)]);
    const known = (e) => strata && attempt < 32 ? hasRecord(e, roll) : true;
    const fresh = Math.max(Math.floor(p.n / 3), p.n - order.filter(known).length);
    const seats = take(order, p.n, Math.max(p.f, 1), known, fresh);
    if (seats.length === p.n) return seats;
  }
  throw new Refusal('notfound', 'the roll gives no such jury');
}

const operator = (e) => e.operator ?? e.id;
const rank = (tag, seed, attempt, id) => sha256(concatBytes(utf8ToBytes(tag), seed, bls.bigEndian(attempt, 4), id));

// sorted orders by the lists of bytes that keys gives.
function sorted(pool, keys) {
  return pool.map((e) => ({ e, keys: concatBytes(...keys(e)) })).sort((a, b) => compare(a.keys, b.keys)).map(({ e }) => e);
}

// spread is the order by strata.
function spread(pool, seed, attempt) {
  const ranks = (e) => [rank('sxp draw/2', seed, attempt, operator(e)), rank('sxp draw/2', seed, attempt, e.id)];
  const operators = new Set();
  const list = sorted(pool, ranks).filter((e) => {
    const key = bytesToHex(operator(e));
    return !operators.has(key) && operators.add(key);
  });
  const members = new Map();
  for (const e of list) for (const tribe of e.tribes ?? []) members.set(bytesToHex(tribe), (members.get(bytesToHex(tribe)) ?? 0) + 1);
  const none = '00'.repeat(32);
  const stratum = (e) => (e.tribes ?? []).map(bytesToHex).sort().reduce((best, k) => (best === none || members.get(k) > members.get(best) ? k : best), none);
  const sizes = new Map();
  const placed = list.map((e) => {
    const s = stratum(e), i = sizes.get(s) ?? 0;
    sizes.set(s, i + 1);
    const offset = new DataView(rank('sxp strata/2', seed, attempt, hexToBytes(s)).buffer).getUint32(0);
    return { e, s, place: BigInt(i) << 32n | BigInt(offset) };
  });
  const size = (x) => BigInt(sizes.get(x.s));
  return placed.sort((a, b) => {
    const d = a.place * size(b) - b.place * size(a);
    return d < 0n ? -1 : d > 0n ? 1 : 0;
  }).map(({ e }) => e);
}

function take(entries, n, perTribe, known, mostFresh) {
  const seats = [];
  for (const e of entries) {
    if (seats.length === n) break;
    if (seats.some((s) => same(operator(s), operator(e)))) continue;
    const full = (tribe) => seats.filter((s) => s.tribes?.some((k) => same(k, tribe))).length >= perTribe;
    if (e.tribes?.some(full)) continue;
    if (!known(e) && seats.filter((s) => !known(s)).length >= mostFresh) continue;
    seats.push(e);
  }
  return seats;
}
