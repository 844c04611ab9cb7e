// Requests to jurors and watchers and their answers: spec/request.md, jury.md
// and signing.md. Only what the signed bytes say; what a node remembers besides
// (nonces, its clock) is not here.

import { Refusal, at, must, tooLarge, within } from './refuse.mjs';
import { decode, same } from './cbor.mjs';
import { parse } from './envelope.mjs';
import { bytes, integer, list, map, maxInt64, optional, text } from './fields.mjs';
import { checkClaim, checkForm, openClaim, readClaim, readPreimage } from './session.mjs';
import { denied, openLodged, openRelease, openResult, openShares, openVote, seatOf } from './messages.mjs';

const anyInteger = integer(-(2n ** 63n), maxInt64);
const day = 86_400_000;
const message = bytes();

// Each request has the fields that it holds and a check of them.
const requests = {
  'jury.claim': { read: map({ claim: message }), check: (s, q) => openClaim(q.request.claim) },
  'jury.forward': { read: map({ claim: readClaim, endorsements: list(message) }), check: checkForward },
  'jury.shares': {
    read: map({ shares: list(message) }),
    check: (s, q) => {
      const { length } = q.request.shares;
      if (length < 1 || length > 101) tooLarge('1 to 101 shares are passed at once');
      q.request.shares.forEach((raw) => openShares(s, raw));
    },
  },
  'jury.query': { read: map({ m: bytes(32), preimage: optional(readPreimage), seen: optional(list(message)) }), check: checkQuery },
  'watch.lodge': { read: map({ claim: message, claimAt: anyInteger, patience: anyInteger }), check: checkLodge },
  'watch.tell': {
    read: map({ message }),
    check: (s, { request: { message: raw } }) => (typeOf(raw) === 'sxp.release/1' ? openRelease : openResult)(s, raw),
  },
  'watch.ask': {
    read: map({ m: bytes(32) }),
    check: (s, q) => {
      if (!same(q.request.m, s.pre.m)) throw new Refusal('notfound', 'not held');
      if (!s.pre.parties.some((p) => same(p.id, q.from))) denied('not by a party');
    },
  },
};

export const requestNames = Object.keys(requests);

function typeOf(raw) {
  try {
    return parse(raw).type;
  } catch {
    return '';
  }
}

// endorsers returns the seats other than own that endorsed m, each once; what
// is no such endorsement is passed over.
export function endorsers(pre, endorsements, own) {
  const seats = new Set();
  for (const raw of endorsements) {
    try {
      seats.add(openVote(pre, raw, 'sxp.endorse/1'));
    } catch (e) {
      if (!(e instanceof Refusal)) throw e;
    }
  }
  seats.delete(own);
  return seats;
}

function checkForward(s, q) {
  const { claim, endorsements } = q.request, { preimage: pre } = claim;
  within(endorsements.length, pre.jury.length, 'endorsements');
  const own = seatOf(pre, q.to);
  if (own === 0) denied('no seat in this jury');
  if (endorsers(pre, endorsements, own).size === 0) denied('not endorsed by another seat');
  checkClaim(claim);
}

function checkQuery(s, q) {
  const { m, preimage: pre, seen = [] } = q.request;
  must(!pre || same(pre.m, m), 'the preimage is of another session');
  within(seen.length, 101, 'messages seen');
  if (!pre) return;
  if (seatOf(pre, q.to) === 0) denied('no seat in this jury');
  checkForm(pre);
}

function checkLodge(s, q) {
  const { claim, claimAt, patience } = q.request;
  const { signer, preimage: { deadline } } = openClaim(claim);
  if (!same(signer, q.from)) denied('lodged by another than signed it');
  must(claimAt <= deadline && claimAt >= deadline - 2 * day, 'T_c does not fit the deadline');
  must(patience > 0 && patience <= day, 'a patience is above 0 and at most a day');
}

const readRequest = (read) => map({
  type: text(), from: bytes(32), to: bytes(32), timestamp: anyInteger, nonce: bytes(16), request: read,
});

// openRequest reads a request of a name to the node with the id to.
export function openRequest(s, name, raw, to) {
  const m = parse(raw);
  must(m.type === `sxp.request.${name}/1`, `${m.type} is another request`);
  const q = at(name, () => readRequest(requests[name].read)(decode(m.payload)));
  must(q.type === name, 'the types differ');
  if (!same(q.from, m.signer)) denied('not signed by who asks');
  if (!same(q.to, to)) denied('to another node');
  requests[name].check(s, q);
  return { ...q, digest: m.digest };
}

const juryAnswer = map({ m: bytes(32), standing: text(), shares: optional(list(message)), void: optional(message), reason: optional(text()) });
const watchAnswer = map({ m: bytes(32), receipt: optional(message), result: optional(message) });

const readResponse = (read) => map({ type: text(), from: bytes(32), to: bytes(32), timestamp: anyInteger, re: bytes(32), result: read });

// openResponse reads the answer by from, to who asked, to the request of digest re.
export function openResponse(s, name, raw, { from, to, re }) {
  const m = parse(raw);
  must(m.type === `sxp.response.${name}/1`, `${m.type} is another answer`);
  const jury = name.startsWith('jury.');
  const a = at(name, () => readResponse(jury ? juryAnswer : watchAnswer)(decode(m.payload)));
  const fits = a.type === name && same(a.from, m.signer) && same(a.from, from) && same(a.to, to) && same(a.re, re);
  must(fits, 'not the answer to this request by who was asked');
  return jury ? checkJuryAnswer(s, a, name) : checkWatchAnswer(s, a);
}

const standings = ['completed', 'voided', 'waiting', 'abstains', 'refused'];

// Another juror may learn that a claim was accepted before any share is open.
const beforeShares = ['jury.forward', 'jury.shares'];

function checkJuryAnswer(s, { from, result: a }, name) {
  within(a.shares?.length ?? 0, s.pre.jury.length, 'shares');
  must(same(a.m, s.pre.m), 'of another session');
  const open = a.shares !== undefined;
  const fits = (open ? a.standing === 'completed' : a.standing !== 'completed' || beforeShares.includes(name)) && (a.standing === 'voided') === (a.void !== undefined);
  must(standings.includes(a.standing) && fits, 'the standing is not what the answer shows');
  const shares = (a.shares ?? []).map((raw) => openShares(s, raw));
  const own = seatOf(s.pre, from);
  must(shares.length === 0 || shares[0].seat === own, 'its own shares stand first');
  if (a.void) must(openVote(s.pre, a.void, 'sxp.void/1') === own, "another juror's void");
  return { standing: a.standing, seat: own, shares, void: a.void };
}

function checkWatchAnswer(s, { from, to, result: a }) {
  must(same(a.m, s.pre.m), 'of another session');
  if (a.receipt) openLodged(s, a.receipt, from, to);
  return { receipt: a.receipt, s: a.result && openResult(s, a.result) };
}
