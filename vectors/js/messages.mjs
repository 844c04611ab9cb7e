// The messages of one signing, each read against its session: spec/signing.md
// and spec/jury.md. A session is { pre, acceptances, parties, zs } (openSession).

import { Refusal, at, must, within } from './refuse.mjs';
import { compare, decode, same } from './cbor.mjs';
import { openBare, parse } from './envelope.mjs';
import { bytes, flag, integer, list, map, maxInt64, optional, text } from './fields.mjs';
import { checkForm, checkPoints, readAcceptance, readPreimage } from './session.mjs';
import { checkWords } from './text.mjs';
import * as bls from './bls.mjs';

export const denied = (why) => { throw new Refusal('denied', why); };
const anyInteger = integer(-(2n ** 63n), maxInt64);

// openSession reads a preimage from its bytes and checks all of it.
export function openSession(raw) {
  const pre = readPreimage(decode(raw));
  return sessionOf(pre, checkForm(pre));
}

export function sessionOf(pre, acceptances) {
  const parties = checkPoints(pre, acceptances);
  return { pre, acceptances, parties, zs: pre.jury.map((s) => bls.readG2(s.z)) };
}

const isSame = (a, b, what) => must(same(a, b), `of another ${what}`);
const partyOf = ({ pre }, id) => pre.parties.findIndex((p) => same(p.id, id));
export const seatOf = (pre, id) => pre.jury.findIndex((s) => same(s.id, id)) + 1;

// byParty opens a message that only a party signs; party is its index.
function byParty(s, raw, type, read) {
  const m = parse(raw);
  must(m.type === type, `the type is ${m.type}, not ${type}`);
  must(m.countersignatures.length === 0, `${type} carries no countersignatures`);
  const party = partyOf(s, m.signer);
  if (party < 0) denied('not by a party');
  return { party, value: at(type, () => read(decode(m.payload))) };
}

// checkByParty: nobody else sends a message among parties.
export function checkByParty({ pre }, raw) {
  const m = parse(raw);
  if (m.countersignatures.length === 0 && partyOf({ pre }, m.signer) < 0) denied('not by a party');
}

// checkDrawAndCommitment is what an acceptance's points must be.
export function checkDrawAndCommitment(x, a, proposal, n, t) {
  const key = bls.readG2(x);
  bls.checkCommitment(key, a.commitment, n, t);
  must(bls.verifies(bls.tags.draw, key, proposal, bls.readG1(a.draw)), 'the draw share is not of this party and proposal');
}

export function openAcceptance(s, raw) {
  const { party, value } = byParty(s, raw, 'sxp.acceptance/1', readAcceptance);
  within(raw.length, 8192, 'bytes of an acceptance');
  isSame(value.proposal, s.pre.proposal, 'proposal');
  if (value.watcher) checkWords(value.watcher.address, false);
  checkDrawAndCommitment(s.pre.parties[party].x, value, s.pre.proposal, s.pre.jury.length, s.pre.t);
  return { party, ...value };
}

// checkEquivocation: two different acceptances of one proposal by id.
export function checkEquivocation(s, id, first, second) {
  must(!same(first, second), 'the two are the same message');
  for (const raw of [first, second]) {
    const m = at('not evidence', () => openBare(raw, 'sxp.acceptance/1', readAcceptance));
    must(same(m.signer, id) && same(m.value.proposal, s.pre.proposal), 'not both by this party of this proposal');
  }
}

const readDecline = map({ proposal: bytes(32), reason: optional(text(512)) });

export function openDecline(s, raw) {
  const { value } = byParty(s, raw, 'sxp.decline/1', readDecline);
  isSame(value.proposal, s.pre.proposal, 'proposal');
  if (value.reason) checkWords(value.reason, true);
}

const readPromise = map({ proposal: bytes(32), m: bytes(32), points: list(bytes(48)) });

export function openPromise(s, raw) {
  const { party, value } = byParty(s, raw, 'sxp.promise/1', readPromise);
  isSame(value.proposal, s.pre.proposal, 'proposal');
  isSame(value.m, s.pre.m, 'session');
  const p = s.parties[party];
  bls.checkPromise(s.pre.m, s.zs, p.x, p, value.points);
  return { party, points: value.points };
}

const readRelease = map({ proposal: bytes(32), m: bytes(32), signature: bytes(48) });

export function openRelease(s, raw) {
  const { party, value } = byParty(s, raw, 'sxp.release/1', readRelease);
  isSame(value.proposal, s.pre.proposal, 'proposal');
  isSame(value.m, s.pre.m, 'session');
  const ok = bls.verifies(bls.tags.session, s.parties[party].x, s.pre.m, bls.readG1(value.signature));
  must(ok, 'not the signature of who signed the message');
  return { party, sigma: value.signature };
}

const readResult = map({ proposal: bytes(32), m: bytes(32), signature: bytes(48), jury: optional(flag) });

export function openResult(s, raw) {
  const { value } = openBare(raw, 'sxp.result/1', readResult);
  isSame(value.proposal, s.pre.proposal, 'proposal');
  isSame(value.m, s.pre.m, 'session');
  bls.checkAggregate(s.pre.m, s.parties.map((p) => p.x), value.signature);
  return value.signature;
}

export function openAsk(s, raw) {
  const { value } = byParty(s, raw, 'sxp.ask/1', map({ proposal: bytes(32) }));
  isSame(value.proposal, s.pre.proposal, 'proposal');
}

const readLodged = map({ m: bytes(32), party: bytes(32), at: anyInteger });

// openLodged reads the receipt of a watcher for a party, both by id.
export function openLodged(s, raw, watcher, party) {
  const { signer, value } = openBare(raw, 'sxp.lodged/1', readLodged);
  must(same(signer, watcher) && same(value.party, party), 'of another watcher or party');
  isSame(value.m, s.pre.m, 'session');
}

// openVote reads an endorsement or a void and returns the seat, 1 to n.
export function openVote(pre, raw, type) {
  const { signer, value } = openBare(raw, type, map({ m: bytes(32) }));
  isSame(value.m, pre.m, 'session');
  const seat = seatOf(pre, signer);
  must(seat > 0, 'not by a seat of this jury');
  return seat;
}

const readShares = map({ m: bytes(32), seat: anyInteger, shares: list(bytes(48)) });

// openShares reads and verifies what a juror opened.
export function openShares(s, raw) {
  const { signer, value } = openBare(raw, 'sxp.shares/1', readShares);
  isSame(value.m, s.pre.m, 'session');
  const seat = Number(value.seat);
  must(seat >= 1 && seat <= s.pre.jury.length && same(s.pre.jury[seat - 1].id, signer), 'not by the juror of this seat');
  must(value.shares.length === s.parties.length, 'a juror opens all shares together');
  value.shares.forEach((share, i) => at(`share ${i + 1}`, () => bls.checkShare(s.pre.m, s.parties[i].x, s.parties[i].a, seat, share)));
  return { seat, shares: value.shares };
}

export const sameList = (a, b) => a.length === b.length && a.every((x, i) => compare(x, b[i]) === 0);
