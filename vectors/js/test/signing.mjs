// Readers of vectors/signing: what stands before the hyphen of a name says what
// the input is (spec/jury.md, "Vectors").

import { readFileSync } from 'node:fs';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { must } from '../refuse.mjs';
import { idText, parseID } from '../text.mjs';
import { openClaim } from '../session.mjs';
import { openProposal } from '../proposal.mjs';
import { openLock } from '../secret.mjs';
import { checkFault, readFault } from '../fault.mjs';
import { openEvidence, openSessionOf } from '../evidence.mjs';
import { verifyFile } from '../file.mjs';
import { checkOf, openRating, openReply, tally } from '../rating.mjs';
import { checkVouch } from '../roll.mjs';
import { openJuror, openRecord, openReport, openUp } from '../word.mjs';
import { decode } from '../cbor.mjs';
import * as messages from '../messages.mjs';
import { openRequest, openResponse, requestNames } from '../requests.mjs';
import { replay } from '../run.mjs';

// any reads the vector folder/name.
export const any = (name) => {
  const v = JSON.parse(readFileSync(new URL(`../../${name}.json`, import.meta.url)));
  return { ...v, input: hexToBytes(v.input) };
};
export const vector = (name) => any(`signing/${name}`);

// What many vectors are read against is read once.
const known = new Map();
function once(name, read) {
  if (!known.has(name)) known.set(name, read());
  return known.get(name);
}
const session = (name) => once(name, () => messages.openSession(vector(name).input));
const proposal = (name) => once(name, () => openProposal(any(name).input));

const readers = {
  acceptance: messages.openAcceptance, decline: messages.openDecline, promise: messages.openPromise, release: messages.openRelease,
  result: messages.openResult, ask: messages.openAsk, shares: messages.openShares,
  lodged: (s, raw, v) => messages.openLodged(s, raw, parseID(v.with.watcher), parseID(v.with.party)),
  endorse: (s, raw) => messages.openVote(s.pre, raw, 'sxp.endorse/1'),
  void: (s, raw) => messages.openVote(s.pre, raw, 'sxp.void/1'),
  claim: (s, raw) => openClaim(raw),
  lock: (s, raw, v) => {
    messages.checkByParty(s, raw);
    openLock(raw, proposal(v.with.proposal), s.pre.m);
  },
  equivocation: (s, raw, v) => messages.checkEquivocation(s, parseID(v.with.party), hexToBytes(v.with.first), raw),
  session: (s, raw, v) => {
    const m = bytesToHex(messages.openSession(raw).pre.m);
    must(v.with.m === undefined || m === v.with.m, 'another m');
  },
  run: (s, raw, v) => {
    const { file, secrets } = replay(raw);
    must(bytesToHex(file) === v.with.file, 'another file comes of it');
    must(secrets.join(' ') === (v.with.secrets ?? ''), 'other secrets come of it');
  },
};
for (const name of requestNames) {
  readers[name] = (s, raw, v) => openRequest(s, name, raw, parseID(v.with.to));
  readers[`${name}.answer`] = (s, raw, v) => openResponse(s, name, raw, { from: parseID(v.with.from), to: parseID(v.with.to), re: hexToBytes(v.with.re) });
}

// signing reads a vector of vectors/signing.
export function signing(v, input = v.input) {
  return readers[v.name.split('-')[0]](v.with.session && session(v.with.session), input, v);
}

const id = (text) => text && parseID(text);

// of reads vectors of the other folders about signings.
export const of = {
  evidence: (v, raw = v.input) => {
    if (v.name.startsWith('file-')) return must(openEvidence(raw) === v.with.says, 'it says something else');
    const f = readFault(decode(raw)), p = v.with.proposal && proposal(v.with.proposal);
    const s = v.with.session && once(`${v.with.session} of ${v.with.proposal}`, () => openSessionOf(p, any(v.with.session).input));
    checkFault(f, p, s);
    return must(!v.with.guilty || `${idText(f.by)} ${f.kind}` === v.with.guilty, 'another is guilty');
  },
  rating: (v, raw = v.input) => {
    const [what] = v.name.split('-');
    if (what === 'reply') return openReply(raw, openRating(hexToBytes(v.with.rating)));
    if (what === 'tally') return must(tally(id(v.with.about), decode(raw).map(openRating), (v.with.replied ?? '').split(' ')) === v.with.says, 'it says something else');
    const r = openRating(raw);
    return v.with?.contract && checkOf(r, once(v.with.contract, () => verifyFile(any(v.with.contract).input)));
  },
  roll: (v, raw = v.input) => words[v.name.split('-')[0]](raw, v.with ?? {}),
};

const words = {
  vouch: (raw, w) => checkVouch(raw, id(w.by), { id: id(w.juror), y: hexToBytes(w.y), operator: id(w.operator) }, Number(w.at)),
  up: (raw, w) => {
    const at = openUp(raw, id(w.juror), hexToBytes(w.nonce));
    must(w.at === undefined || String(at) === w.at, 'another clock');
  },
  conduct: (raw, w) => {
    const { m, words: list } = openReport(raw);
    must(w.words === undefined || [bytesToHex(m), ...list.map(({ juror, voids }) => `${idText(juror)} ${voids}`)].join(' ') === w.words, 'it says something else');
  },
  juror: (raw) => openJuror(raw),
  record: (raw, w) => openRecord(raw, Number(w.at)),
};
