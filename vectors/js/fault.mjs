// Faults: what convicts whom by its own signature (spec/signing.md, "Faults",
// and spec/evidence.md).

import { Refusal, at, invalid, must } from './refuse.mjs';
import { encode, same } from './cbor.mjs';
import { openBare, parse } from './envelope.mjs';
import { bytes, flag, integer, list, map, maxInt64, optional, text } from './fields.mjs';
import { checkDrawAndCommitment, seatOf } from './messages.mjs';
import { checkLockOf, openSecret, readLock, readLockOf } from './secret.mjs';
import { checkClaim, readClaim } from './session.mjs';
import * as bls from './bls.mjs';

const anyInteger = integer(-(2n ** 63n), maxInt64);

export const readFault = map({ kind: text(), by: bytes(32), raw: list(bytes()) });

// faultBytes is the deterministic encoding of a fault.
export const faultBytes = ({ kind, by, raw }) => encode(new Map([['kind', kind], ['by', by], ['raw', raw]]));

// What an acceptance says besides has no limit here: too long it is no better.
const readAcceptance = map({
  proposal: bytes(32),
  commitment: map({ a: list(bytes(96)), u: bytes(48) }),
  draw: bytes(48),
  watcher: optional(map({ id: bytes(32), address: text() })),
});
const readPromise = map({ proposal: bytes(32), m: bytes(32), points: list(bytes(48)) });
const readRelease = map({ proposal: bytes(32), m: bytes(32), signature: bytes(48) });
const readResult = map({ proposal: bytes(32), m: bytes(32), signature: bytes(48), jury: optional(flag) });
const readVote = map({ m: bytes(32) });
const readShares = map({ m: bytes(32), seat: anyInteger, shares: list(bytes(48)) });

const once = { 'sxp.acceptance/1': readAcceptance, 'sxp.promise/1': readPromise, 'sxp.release/1': readRelease, 'sxp.lock/1': readLock };

const innocent = (why) => invalid(`not evidence: ${why}`);

// proved: what check refuses as invalid convicts.
function proved(check) {
  try {
    check();
  } catch (e) {
    if (e instanceof Refusal && e.kind === 'invalid') return;
    throw e;
  }
  innocent('what it signed is right');
}

// shown: what cannot be read shows nothing, whatever is wrong with it.
function shown(read) {
  try {
    return read();
  } catch (e) {
    if (e instanceof Refusal) innocent(e.message);
    throw e;
  }
}

// opened reads one of the messages, which the accused must have signed.
const opened = (f, i, type, read) => shown(() => {
  const { signer, value } = openBare(f.raw[i], type, read);
  must(same(signer, f.by), 'another signed it');
  return value;
});

const sameSession = (s, v) => {
  if (!same(v.m, s.pre.m) || !same(v.proposal, s.pre.proposal)) innocent('of another session');
};

const partyOf = (f, s) => {
  const i = s.pre.parties.findIndex((p) => same(p.id, f.by));
  if (i < 0) innocent('no party of this session');
  return i;
};

const kinds = {
  twice: (f, p) => {
    const [a, b] = f.raw.map((raw) => shown(() => parse(raw)));
    if (a.type !== b.type || !Object.hasOwn(once, a.type)) innocent('it may have signed both');
    if (same(a.payload, b.payload)) innocent('both say the same');
    const [x, y] = [0, 1].map((i) => opened(f, i, a.type, once[a.type]).proposal);
    if (!same(x, y) || p && !same(x, p.digest)) innocent('of two sessions, or another');
  },
  contradiction: (f, p, s) => {
    const { m } = opened(f, 0, 'sxp.void/1', readVote);
    const { type } = shown(() => parse(f.raw[1]));
    if (type !== 'sxp.endorse/1' && type !== 'sxp.shares/1') innocent('neither an endorsement nor shares');
    const said = opened(f, 1, type, type === 'sxp.endorse/1' ? readVote : readShares).m;
    if (!same(m, said)) innocent('of two sessions');
    if (s && (!same(s.pre.m, said) || seatOf(s.pre, f.by) === 0)) innocent('no seat in this jury');
  },
  claim: (f) => {
    const claim = opened(f, 0, 'sxp.claim/1', readClaim);
    proved(() => checkClaim(claim));
  },
  acceptance: (f, p) => {
    if (!p) innocent('the proposal is needed');
    const a = opened(f, 0, 'sxp.acceptance/1', readAcceptance);
    const card = p.cards.find((c) => same(c.id, f.by));
    if (!card || !same(a.proposal, p.digest)) innocent('not its acceptance of this proposal');
    proved(() => checkDrawAndCommitment(card.contractKey, a, p.digest, p.n, p.t));
  },
  promise: (f, p, s) => {
    const i = partyOf(f, s), v = opened(f, 0, 'sxp.promise/1', readPromise);
    sameSession(s, v);
    if (v.points.length === s.zs.length) proved(() => bls.checkPromise(v.m, s.zs, s.parties[i].x, s.parties[i], v.points));
  },
  release: (f, p, s) => {
    const i = partyOf(f, s), v = opened(f, 0, 'sxp.release/1', readRelease);
    sameSession(s, v);
    proved(() => must(bls.verifies(bls.tags.session, s.parties[i].x, v.m, bls.readG1(v.signature)), 'no signature of m'));
  },
  result: (f, p, s) => {
    const v = opened(f, 0, 'sxp.result/1', readResult);
    sameSession(s, v);
    proved(() => bls.checkAggregate(v.m, s.parties.map((q) => q.x), v.signature));
  },
  shares: (f, p, s) => {
    const seat = seatOf(s.pre, f.by);
    if (seat === 0) innocent('no seat in this jury');
    const v = opened(f, 0, 'sxp.shares/1', readShares);
    if (!same(v.m, s.pre.m)) innocent('of another session');
    if (Number(v.seat) !== seat || v.shares.length !== s.parties.length) return;
    proved(() => v.shares.forEach((share, i) => bls.checkShare(v.m, s.parties[i].x, s.parties[i].a, seat, share)));
  },
  lock: (f, p, s) => {
    const l = lockOf(f, p, s);
    proved(() => checkLockOf(l, p));
  },
  secret: (f, p, s) => {
    const l = lockOf(f, p, s), [, sigma] = f.raw;
    if (sigma.length !== 48) innocent('the second part is no signature');
    const { wrong } = shown(() => openSecret(l, p, sigma));
    if (wrong === undefined) innocent('what it sealed opens, and is what it declared');
  },
};

const two = ['twice', 'contradiction', 'secret'];
const alone = ['twice', 'contradiction', 'claim', 'acceptance'];

// lockOf reads a lock that belongs to the session and is by the accused; its
// point is not checked.
function lockOf(f, p, s) {
  if (!p) innocent('the proposal is needed');
  return shown(() => {
    const l = readLockOf(f.raw[0], p, s.pre.m);
    must(same(l.signer, f.by), 'another signed it');
    return l;
  });
}

// checkFault convicts, or refuses. p is the proposal, s the session; which of
// them is needed the kind says.
export function checkFault(f, p, s) {
  if (f.raw.length !== (two.includes(f.kind) ? 2 : 1)) innocent('another number of messages');
  if (!alone.includes(f.kind) && !s) innocent("the session's preimage is needed");
  if (!Object.hasOwn(kinds, f.kind)) throw new Refusal('unsupported', 'no such kind of fault');
  at(f.kind, () => kinds[f.kind](f, p, s));
}
