// What jurors sign besides a signing, and what is said of them: spec/roll.md,
// "Conduct".

import { sha256 } from '@noble/hashes/sha2.js';
import { at, must, tooLarge, within } from './refuse.mjs';
import { decode, same } from './cbor.mjs';
import { openBare, parse } from './envelope.mjs';
import { bytes, integer, list, map, maxInt64, optional } from './fields.mjs';
import { checkFault, faultBytes, readFault } from './fault.mjs';
import { checkConduct, checkEntry, readConduct, readEntry } from './roll.mjs';

const anyInteger = integer(-(2n ** 63n), maxInt64);
const readUp = map({ nonce: bytes(32), at: anyInteger });
const readVote = map({ m: bytes(32) });
const readShares = map({ m: bytes(32), seat: anyInteger, shares: list(bytes(48)) });
const readReport = map({ m: bytes(32), words: list(bytes()) });

// openUp reads a juror's answer to a question and returns its clock.
export function openUp(raw, juror, nonce) {
  const { signer, value } = openBare(raw, 'sxp.up/1', readUp);
  must(same(signer, juror) && same(value.nonce, nonce), "another's answer, or to another question");
  return value.at;
}

// openReport reads a report of conduct: m, and of each word who said it and
// whether it is a void.
export function openReport(raw) {
  const { m, words } = openBare(raw, 'sxp.conduct/1', readReport).value;
  if (words.length < 1 || words.length > 202) tooLarge('a report has 1 to 202 words');
  return { m, words: words.map((word, i) => at(`word ${i + 1}`, () => openWord(word, m))) };
}

function openWord(raw, m) {
  within(raw.length, 1024, 'bytes of a word');
  const { type } = parse(raw);
  const read = { 'sxp.void/1': readVote, 'sxp.endorse/1': readVote, 'sxp.shares/1': readShares }[type];
  must(read !== undefined, `a ${type} is no juror's word`);
  const { signer, value } = openBare(raw, type, read);
  must(same(value.m, m), 'of another session');
  return { juror: signer, voids: type === 'sxp.void/1' };
}

// openJuror reads a juror's offer to serve.
export function openJuror(raw) {
  const { signer, value: e } = openBare(raw, 'sxp.juror/1', readEntry);
  must(same(e.id, signer), 'a juror signs its own entry');
  checkEntry(e);
  return e;
}

const readRecord = map({ id: bytes(32), conduct: readConduct, fault: optional(readFault) });

// openRecord reads what a node counted of a juror; the proof convicts it.
export function openRecord(raw, moment) {
  const { id, conduct, fault } = at('record', () => readRecord(decode(raw)));
  if (Object.values(conduct).some((v) => v)) checkConduct(conduct, moment); // else nothing was seen
  if (!fault) return void must(!(conduct.faults > 0), 'a fault is counted that is not proved');
  checkFault(fault);
  const named = conduct.proof && same(sha256(faultBytes(fault)), conduct.proof);
  must(fault.kind === 'contradiction' && same(fault.by, id) && named, 'the proof is of another kind or juror, or not the one that is counted');
}
