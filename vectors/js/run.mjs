// A whole signing, replayed: everything that was sent, in the order of time, and
// the file that comes of it (spec/jury.md, "Vectors").

import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { Refusal, at, must } from './refuse.mjs';
import { decode, encode, same } from './cbor.mjs';
import { openBare, parse } from './envelope.mjs';
import { bytes, list, map, time } from './fields.mjs';
import { fileOf, verifyFile } from './file.mjs';
import { openProposal } from './proposal.mjs';
import { draw, openRoll } from './roll.mjs';
import { checkForm, checkVoids, readAcceptance, readPreimage } from './session.mjs';
import { checkByParty, checkDrawAndCommitment, denied, openAsk, openDecline, openPromise, openRelease, openResult, openVote, sessionOf } from './messages.mjs';
import { openLock, openSecret } from './secret.mjs';
import { endorsers, openRequest, openResponse, requestNames } from './requests.mjs';
import * as bls from './bls.mjs';

const readSteps = list(map({ at: time, message: bytes() }));

const early = (why) => { throw new Refusal('early', why); };
const late = (why) => { throw new Refusal('late', why); };
const conflict = (why) => { throw new Refusal('conflict', why); };

// The state of a replay: what has come so far.
class Replay {
  now = 0;
  acceptances = [];
  promises = [];
  receipts = new Set(); // parties whose watcher has the claim
  sigmas = [];
  asked = new Map(); // requests by digest
  claimed = new Set(); // seats that a good claim was sent to
  opened = new Map(); // shares by seat
  voids = new Map(); // void messages by seat
  locks = []; // of secrets, by who gives them

  step({ at: now, message }) {
    must(now >= this.now, 'time runs back');
    this.now = now;
    if (!this.roll) return void (this.roll = openRoll(message), this.rollRaw = message);
    if (!this.p) return this.propose(message);
    const { type } = parse(message);
    if (type === 'sxp.acceptance/1') return this.accept(message);
    if (!this.s) early('not all have accepted');
    const [, way, name] = /^sxp\.(request|response)\.(.*)\/1$/.exec(type) ?? [];
    if (way === 'request') return this.request(name, message);
    if (way === 'response') return this.response(name, message);
    return this.among(type, message);
  }

  propose(raw) {
    this.p = openProposal(raw);
    must(same(this.p.roll, this.roll.digest), 'another roll');
    const { deadline, l, epsilon, patience } = this.p;
    this.claimAt = deadline - l - epsilon;
    this.releaseBefore = this.claimAt - patience;
  }

  accept(raw) {
    const m = parse(raw);
    const party = this.p.cards.findIndex((c) => same(c.id, m.signer));
    if (party < 0) denied('not by a party');
    const { value: a } = openBare(raw, 'sxp.acceptance/1', readAcceptance);
    must(same(a.proposal, this.p.digest), 'of another proposal');
    if (this.acceptances[party]) conflict('a second acceptance');
    if (this.now >= this.releaseBefore) late('accepted when nothing can be released any more');
    checkDrawAndCommitment(this.p.cards[party].contractKey, a, this.p.digest, this.p.n, this.p.t);
    this.acceptances[party] = { ...a, raw };
    if (Object.keys(this.acceptances).length === this.p.cards.length) this.begin();
  }

  // begin computes seed, jury and m as everybody does from all acceptances.
  begin() {
    const { p } = this;
    const seed = bls.seed(this.acceptances.map((a) => bls.readG1(a.draw)));
    this.preimage = new Map([
      ['version', 1], ['proposal', p.digest],
      ['parties', p.cards.map((c, i) => new Map([['id', c.id], ['x', c.contractKey], ['proof', c.proof], ['acceptance', this.acceptances[i].raw]]))],
      ['jury', draw(this.roll, p, seed).map((e) => new Map(['id', 'y', 'z', 'proof', 'address'].map((k) => [k, e[k]])))],
      ['t', p.t], ['f', p.f], ['deadline', p.deadline], ['delta', p.delta], ['roll', p.roll], ['seed', seed],
    ]);
    const pre = readPreimage(decode(encode(this.preimage)));
    must(same(pre.m, sha256(encode(this.preimage))), 'm');
    this.s = sessionOf(pre, checkForm(pre));
    this.voidAfter = p.deadline + (p.f + 1) * p.delta;
  }

  promised() {
    return Object.keys(this.promises).length === this.p.cards.length;
  }

  among(type, raw) {
    switch (type) {
      case 'sxp.decline/1': return openDecline(this.s, raw);
      case 'sxp.ask/1': return openAsk(this.s, raw);
      case 'sxp.result/1': return openResult(this.s, raw);
      case 'sxp.lock/1': {
        checkByParty(this.s, raw);
        const l = openLock(raw, this.p, this.s.pre.m);
        if (this.locks[l.from]) conflict('a second lock');
        this.locks[l.from] = l;
        return;
      }
      case 'sxp.promise/1': {
        const { party, points } = openPromise(this.s, raw);
        if (this.promises[party]) conflict('a second promise');
        if (this.now >= this.releaseBefore) late('promised too late');
        const unlocked = this.p.terms.transfers.some((x) => x.secret && x.from !== party && !this.locks[x.from]);
        if (unlocked) early('promised before the lock of a secret that it gets');
        this.promises[party] = points;
        return;
      }
      case 'sxp.release/1': return this.release(openRelease(this.s, raw));
      default: must(false, `a ${type} is not sent among parties`);
    }
  }

  release({ party, sigma }) {
    if (this.p.mode === 'notary') denied('with a notary nobody releases');
    if (!this.promised() || !this.receipts.has(party)) early('released before all promised and the watcher had the claim');
    if (this.now >= this.releaseBefore) late('released too late');
    this.sigmas[party] = sigma;
  }

  request(name, raw) {
    if (!requestNames.includes(name)) throw new Refusal('unsupported', `no request ${name}`);
    const { value: { to } } = readHead(raw);
    const q = openRequest(this.s, name, raw, to);
    this.asked.set(bytesToHex(q.digest), { name, ...q });
    if (name === 'watch.lodge') this.lodge(q);
    if (name === 'jury.claim') this.good(to, 0);
    if (name === 'jury.forward') {
      const { pre } = this.s, own = pre.jury.findIndex((s) => same(s.id, to)) + 1;
      this.good(to, Math.min(endorsers(pre, q.request.endorsements, own).size, this.p.f + 1));
    }
  }

  lodge({ from, to, request: { claimAt, patience } }) {
    if (!this.promised()) early('lodged before all promised');
    const party = this.p.cards.findIndex((c) => same(c.id, from));
    const { watcher } = this.acceptances[party];
    const fits = claimAt === this.claimAt && patience === this.p.patience && watcher && same(watcher.id, to);
    must(fits, 'lodged with other times, or with another watcher, than was agreed');
  }

  // good takes a claim with k endorsements at a juror.
  good(to, k) {
    if (!this.promised()) early('claimed before all promised');
    if (this.now > this.p.deadline + k * this.p.delta) late('claimed too late');
    this.claimed.add(bytesToHex(to));
  }

  response(name, raw) {
    const q = this.asked.get(bytesToHex(readHead(raw).value.re));
    must(q?.name === name, 'an answer to nothing');
    const a = openResponse(this.s, name, raw, { from: q.to, to: q.from, re: q.digest });
    if (name.startsWith('watch.')) {
      const party = this.p.cards.findIndex((c) => same(c.id, q.from));
      if (name === 'watch.lodge' && party >= 0) this.receipts.add(party);
    } else {
      this.answer(a, bytesToHex(q.to));
    }
  }

  // answer: a juror opens only after a good claim, and votes void only when
  // none can come any more; never both.
  answer({ standing, seat, shares, void: raw }, from) {
    if (standing === 'completed' && !this.claimed.has(from)) early('opened without a claim');
    if (standing === 'voided' && this.now <= this.voidAfter) early('voided too early');
    if (standing === 'completed' ? this.voids.has(seat) : standing === 'voided' && this.opened.has(seat)) conflict('a juror opened and voided');
    for (const o of shares) this.opened.set(o.seat, o.shares);
    if (raw) this.voids.set(openVote(this.s.pre, raw, 'sxp.void/1'), raw);
  }

  // file is what must have come of it.
  file() {
    if (!this.s) early('not all have accepted');
    const { t, terms } = this.p, { m } = this.s.pre;
    let sigmas = this.sigmas;
    if (this.opened.size >= t) {
      sigmas = this.p.cards.map((_, i) => {
        const shares = [...this.opened].map(([seat, list]) => ({ seat, share: bls.readG1(list[i]) }));
        return bls.recover(t, shares).toBytes();
      });
      this.sigmas.forEach((sigma, i) => must(same(sigma, sigmas[i]), 'the jury opened another signature'));
    }
    this.sigmas = sigmas;
    const common = [['proposal', this.p.raw], ['preimage', this.preimage], ['roll', this.rollRaw]];
    if (Object.keys(sigmas).length === this.p.cards.length) {
      const c = bls.coefficients(m, sigmas.length);
      const s = bls.sum(bls.G1, sigmas.map((sigma, i) => bls.times(bls.readG1(sigma), c[i]))).toBytes();
      return fileOf('CONTRACT', terms.text, new Map([...common, ['s', s]]));
    }
    if (this.voids.size < t) early('no outcome yet');
    const voids = [...this.voids].sort((a, b) => a[0] - b[0]).map(([, raw]) => raw).slice(0, t);
    checkVoids(this.s.pre, voids);
    return fileOf('VOID CERTIFICATE', terms.text, new Map([...common, ['voids', voids]]));
  }
}

// secrets are what locks and signatures open, in the order of who gives them.
const secrets = (r) => r.locks.flatMap((l, i) => {
  const sigma = r.sigmas[i];
  if (!sigma) return [];
  const { text, wrong } = openSecret(l, r.p, sigma);
  return [wrong ?? bytesToHex(text)];
});

// readHead reads a request or an answer without looking into it.
function readHead(raw) {
  const m = parse(raw), v = decode(m.payload);
  must(v instanceof Map && (v.get('to') instanceof Uint8Array) && (v.get('re') ?? m.digest) instanceof Uint8Array, 'no request and no answer');
  return { value: { to: v.get('to'), re: v.get('re') ?? m.digest } };
}

// replay reads a run and returns the file that comes of it, and the secrets, in
// hex, that changed hands.
export function replay(raw) {
  const r = new Replay();
  readSteps(decode(raw)).forEach((step, i) => at(`step ${i}`, () => r.step(step)));
  const file = utf8ToBytes(r.file());
  const { kind } = verifyFile(file);
  return { file, secrets: kind === 'contract' ? secrets(r) : [] };
}
