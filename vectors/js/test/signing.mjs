// Readers of vectors/signing: what stands before the hyphen of a name says what
// the input is (spec/jury.md, "Vectors").

import { readFileSync } from 'node:fs';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { must } from '../refuse.mjs';
import { parseID } from '../text.mjs';
import { openClaim } from '../session.mjs';
import * as messages from '../messages.mjs';
import { openRequest, openResponse, requestNames } from '../requests.mjs';
import { replay } from '../run.mjs';

const dir = new URL('../../signing/', import.meta.url);
export const vector = (name) => {
  const v = JSON.parse(readFileSync(new URL(`${name}.json`, dir)));
  return { ...v, input: hexToBytes(v.input) };
};

const sessions = new Map();
function session(name) {
  if (!sessions.has(name)) sessions.set(name, messages.openSession(vector(name).input));
  return sessions.get(name);
}

const readers = {
  acceptance: messages.openAcceptance, decline: messages.openDecline, promise: messages.openPromise, release: messages.openRelease,
  result: messages.openResult, ask: messages.openAsk, shares: messages.openShares,
  lodged: (s, raw, v) => messages.openLodged(s, raw, parseID(v.with.watcher), parseID(v.with.party)),
  endorse: (s, raw) => messages.openVote(s.pre, raw, 'sxp.endorse/1'),
  void: (s, raw) => messages.openVote(s.pre, raw, 'sxp.void/1'),
  claim: (s, raw) => openClaim(raw),
  equivocation: (s, raw, v) => messages.checkEquivocation(s, parseID(v.with.party), hexToBytes(v.with.first), raw),
  session: (s, raw, v) => {
    const m = bytesToHex(messages.openSession(raw).pre.m);
    must(v.with.m === undefined || m === v.with.m, 'another m');
  },
  run: (s, raw, v) => must(bytesToHex(replay(raw)) === v.with.file, 'another file comes of it'),
};
for (const name of requestNames) {
  readers[name] = (s, raw, v) => openRequest(s, name, raw, parseID(v.with.to));
  readers[`${name}.answer`] = (s, raw, v) => openResponse(s, name, raw, { from: parseID(v.with.from), to: parseID(v.with.to), re: hexToBytes(v.with.re) });
}

// signing reads a vector of vectors/signing.
export function signing(v, input = v.input) {
  return readers[v.name.split('-')[0]](v.with.session && session(v.with.session), input, v);
}
