// Contract files and void certificates: spec/contract.md, "The file".

import { bytesToHex } from '@noble/hashes/utils.js';
import { at, must, within } from './refuse.mjs';
import { decode, encode, same } from './cbor.mjs';
import { parse } from './envelope.mjs';
import { bytes, list, map, optional } from './fields.mjs';
import { base64, idText } from './text.mjs';
import { openProposal, readProposal } from './proposal.mjs';
import { draw, openRoll } from './roll.mjs';
import { checkForm, checkPoints, checkVoids, readPreimage } from './session.mjs';
import * as bls from './bls.mjs';

const maxFile = 4 << 20;
const common = { proposal: bytes(), preimage: readPreimage, roll: optional(bytes()) };
const contents = {
  CONTRACT: map({ ...common, s: bytes(48) }),
  'VOID CERTIFICATE': map({ ...common, voids: list(bytes()) }),
};

const frame = (kind, text, body) => `SXP ${kind} 1\n\n${text}\n-----BEGIN SXP ${kind}-----\n${body}-----END SXP ${kind}-----\n`;

const lines = (data) => (Buffer.from(data).toString('base64').match(/.{1,64}/g) ?? []).map((l) => `${l}\n`).join('');

// fileOf writes a file of a text and its contents, a Map.
export const fileOf = (kind, text, contents) => frame(kind, text, lines(encode(contents)));

// reframe gives a file other contents, its text as it was.
export function reframe(raw, contents) {
  const { kind, text } = unframe(raw);
  return Buffer.from(frame(kind, text, lines(contents)));
}

// unframe returns kind, text and the bytes of the machine's part.
export function unframe(raw) {
  within(raw.length, maxFile, 'bytes of a file');
  const all = Buffer.from(raw).toString('utf8');
  must(Buffer.from(all, 'utf8').equals(raw), 'a file is UTF-8');
  const kind = /^SXP (CONTRACT|VOID CERTIFICATE) 1\n\n/.exec(all)?.[1];
  must(kind !== undefined, 'neither a contract file nor a void certificate');
  const begin = `\n-----BEGIN SXP ${kind}-----\n`, end = `-----END SXP ${kind}-----\n`;
  const start = all.lastIndexOf(begin);
  must(start > 0 && all.endsWith(end), 'the borders are missing');
  const text = all.slice(`SXP ${kind} 1\n\n`.length, start);
  const body = all.slice(start + begin.length, all.length - end.length);
  const data = base64(body.replaceAll('\n', ''), 'base64');
  must(frame(kind, text, lines(data)) === all, 'there is one file for the same contents');
  return { kind, text, data };
}

// verifyFile checks a file and returns what it says.
export function verifyFile(raw) {
  const { kind, text, data } = unframe(raw);
  const c = at('contents', () => contents[kind](decode(data)));
  const pre = c.preimage;
  const { terms, digest } = at('proposal', () => readProposal(c.proposal));
  must(terms.text === text, 'the readable part is not what was signed');
  must(same(pre.proposal, digest), 'the session is of another proposal');
  must(!c.roll || same(pre.roll, at('roll', () => parse(c.roll)).digest), 'the roll is not that of the session');
  const acceptances = at('session', () => checkForm(pre));
  if (kind === 'CONTRACT') bls.checkAggregate(pre.m, pre.parties.map((q) => bls.readG2(q.x)), c.s);
  else checkVoids(pre, c.voids);
  const p = at('proposal', () => openProposal(c.proposal));
  checkMatch(pre, p);
  at('session', () => checkPoints(pre, acceptances));
  if (c.roll) {
    const seats = draw(at('roll', () => openRoll(c.roll)), p, pre.seed);
    const drawn = seats.every((e, i) => ['id', 'y', 'z', 'proof'].every((k) => same(e[k], pre.jury[i][k])) && e.address === pre.jury[i].address);
    must(drawn, 'the jury is not the one that was drawn');
  }
  return {
    proposal: p, kind: kind.toLowerCase(), title: p.terms.title, m: bytesToHex(pre.m), drawChecked: c.roll !== undefined,
    parties: p.cards.map((card) => `${card.label} ${idText(card.id)}`),
  };
}

// checkMatch: parties, keys, n, t, f, D, Δ and roll of the session are the proposal's.
export function checkMatch(pre, p) {
  must(pre.parties.length === p.cards.length, 'other parties than were proposed');
  pre.parties.forEach((q, i) => {
    const card = p.cards[i];
    must(same(q.id, card.id) && same(q.x, card.contractKey) && same(q.proof, card.proof), 'other parties or keys than were proposed');
  });
  const numbers = pre.jury.length === p.n && pre.t === p.t && pre.f === p.f && pre.deadline === p.deadline && pre.delta === p.delta;
  must(numbers, 'other numbers than were proposed');
  must(same(pre.roll, p.roll), 'another roll than was proposed');
}
