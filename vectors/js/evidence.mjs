// All that one holds of a signing, in one file: spec/evidence.md.

import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { Refusal, at, must, tooLarge, within } from './refuse.mjs';
import { compare, decode, same } from './cbor.mjs';
import { openBare, parse } from './envelope.mjs';
import { checkMatch, verifyFile } from './file.mjs';
import { checkFault, faultBytes, readFault } from './fault.mjs';
import * as messages from './messages.mjs';
import { openProposal } from './proposal.mjs';
import { checkOf, openRating, openReply } from './rating.mjs';
import { checkForm, openClaim, readAcceptance, readClaim, readPreimage } from './session.mjs';
import { bytes, integer, map, maxInt64 } from './fields.mjs';
import { idText } from './text.mjs';

const maxFile = 12 << 20, maxMessages = 400, maxFaults = 32;

const order = ['proposal', 'acceptance', 'decline', 'promise', 'claim', 'lodged', 'release', 'endorse', 'shares', 'result', 'void', 'rating', 'reply']
  .map((name) => `sxp.${name}/1`);

// The zip format, as far as such a file uses it.

const crcTable = Array.from({ length: 256 }, (_, i) => {
  let c = i;
  for (let k = 0; k < 8; k++) c = c & 1 ? c >>> 1 ^ 0xedb88320 : c >>> 1;
  return c >>> 0;
});
const crc32 = (b) => (b.reduce((c, v) => crcTable[(c ^ v) & 255] ^ c >>> 8, 0xffffffff) ^ 0xffffffff) >>> 0;

// fields writes numbers of 2 or 4 bytes, little-endian.
function fields(...list) {
  const out = [];
  for (const [size, v] of list) for (let i = 0; i < size; i++) out.push(Math.floor(v / 2 ** (8 * i)) & 255);
  return Uint8Array.from(out);
}

// common is what stands of a part in both of its headers.
const common = ({ name, data }) => fields([2, 20], [2, 0], [2, 0], [2, 0], [2, 33], [4, crc32(data)], [4, data.length], [4, data.length], [2, name.length], [2, 0]);

function zip(parts) {
  const out = [], directory = [];
  let offset = 0;
  for (const p of parts) {
    const name = utf8ToBytes(p.name), head = common(p);
    const local = concatBytes(fields([4, 0x04034b50]), head, name, p.data);
    directory.push(concatBytes(fields([4, 0x02014b50], [2, 20]), head, fields([2, 0], [2, 0], [2, 0], [4, 0], [4, offset]), name));
    out.push(local);
    offset += local.length;
  }
  const central = concatBytes(...directory);
  const end = fields([4, 0x06054b50], [2, 0], [2, 0], [2, parts.length], [2, parts.length], [4, central.length], [4, offset], [2, 0]);
  return concatBytes(...out, central, end);
}

// unzip goes from part to part; what it misses shows when they are written again.
function unzip(raw) {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.length), parts = [];
  let offset = 0;
  while (offset + 30 <= raw.length && view.getUint32(offset, true) === 0x04034b50) {
    const size = view.getUint32(offset + 18, true), length = view.getUint16(offset + 26, true);
    must(view.getUint16(offset + 8, true) === 0, 'nothing is compressed');
    const start = offset + 30 + length;
    must(start + size <= raw.length, 'a part ends too early');
    parts.push({ name: Buffer.from(raw.subarray(offset + 30, start)).toString('latin1'), data: raw.slice(start, start + size) });
    offset = start + size;
  }
  return parts;
}

const firstLines = ['SXP EVIDENCE 1', '', 'This folder holds signed messages of the making of one contract. Anybody can', 'check it, without network and without trust in who gave it:', '',
  '    sxp verify FILE', '', 'says who signed what, which rule was broken by whom, and what is not proven.', 'contract.sxpc begins with the contract in words.', '', ''];

const line = ({ name, data }) => {
  const m = name.startsWith('message-') ? parse(data) : undefined;
  return `${name.padEnd(16)} ${String(data.length).padStart(9)} bytes  SHA-256 ${bytesToHex(sha256(data))}${m ? `  ${m.type} of ${idText(m.signer)}` : ''}\n`;
};

// folder writes a file of its contents, as there is one.
function folder({ file, session, faults, signed }) {
  const number = (i) => String(i + 1).padStart(3, '0');
  const parts = [];
  if (file) parts.push({ name: utf8ToBytes('SXP VOID').every((b, i) => file[i] === b) ? 'void.sxpc' : 'contract.sxpc', data: file });
  if (session) parts.push({ name: 'session.cbor', data: session });
  parts.push(...[...faults].sort(compare).map((data, i) => ({ name: `fault-${number(i)}.cbor`, data })));
  const rank = (raw) => order.indexOf(parse(raw).type);
  parts.push(...[...signed].sort((a, b) => rank(a) - rank(b) || compare(a, b)).map((data, i) => ({ name: `message-${number(i)}.sxp`, data })));
  return zip([{ name: 'index.txt', data: utf8ToBytes(firstLines.join('\n') + parts.map(line).join('')) }, ...parts]);
}

function take(raw) {
  within(raw.length, maxFile, 'bytes of a file');
  const parts = unzip(raw), named = (p) => parts.filter(({ name }) => name.startsWith(p)).map(({ data }) => data);
  const b = { file: named('contract.sxpc')[0] ?? named('void.sxpc')[0], session: named('session.cbor')[0], faults: named('fault-'), signed: named('message-') };
  if (b.signed.length > maxMessages || b.faults.length > maxFaults) tooLarge('at most 400 messages and 32 faults');
  const distinct = (list) => list.every((x, i) => i === 0 || compare(list[i - 1], x) !== 0);
  must(distinct(b.faults) && distinct(b.signed), 'a part stands twice');
  const again = folder(b);
  must(same(again, raw), 'the parts, their order or their index are not those of such a file');
  return b;
}

// openEvidence reads a file and says the outcome, and who broke which rule.
export function openEvidence(raw) {
  const b = take(raw);
  const proposal = b.signed.find((m) => parse(m).type === 'sxp.proposal/1');
  must(proposal !== undefined, 'there is no proposal');
  const p = openProposal(proposal);
  let s, file;
  if (b.session) {
    s = at('session', () => openSessionOf(p, b.session));
  }
  if (b.file) {
    file = verifyFile(b.file);
    must(s && same(file.proposal.digest, p.digest) && file.m === bytesToHex(s.pre.m), 'the contract file is of another signing');
  }
  const c = { p, s, file, proposal, ratings: [] };
  const said = b.signed.map((m, i) => at(`message ${i + 1}`, () => judge(c, m)));
  const guilty = b.faults.map((f, i) => at(`fault ${i + 1}`, () => convict(c, f)));
  const all = file?.kind === 'contract' || !file && said.includes('sxp.result/1');
  return [all ? 'contract' : file ? 'void' : 'open', ...guilty].join(' ');
}

// openSessionOf reads the session of an opened proposal.
export function openSessionOf(p, raw) {
  const pre = readPreimage(decode(raw)), acceptances = checkForm(pre);
  must(same(pre.proposal, p.digest), 'of another proposal');
  checkMatch(pre, p);
  return messages.sessionOf(pre, acceptances);
}

// judge reads one message and returns its type.
function judge(c, raw) {
  const { p, s } = c, { type, signer } = parse(raw);
  const party = p.cards.findIndex((k) => same(k.id, signer));
  const byParty = () => must(party >= 0, 'its author is no party');
  switch (type) {
    case 'sxp.proposal/1':
      must(same(raw, c.proposal), 'another proposal');
      return type;
    case 'sxp.acceptance/1': {
      byParty();
      within(raw.length, 8192, 'bytes of an acceptance');
      const { value } = openBare(raw, type, readAcceptance);
      must(same(value.proposal, p.digest), 'of another proposal');
      messages.checkDrawAndCommitment(p.cards[party].contractKey, value, p.digest, p.n, p.t);
      return type;
    }
    case 'sxp.decline/1':
      byParty();
      messages.openDecline({ pre: { proposal: p.digest, parties: p.cards } }, raw);
      return type;
    case 'sxp.rating/1': {
      const r = openRating(raw);
      must(c.file, 'a rating without its contract');
      checkOf(r, c.file);
      c.ratings.push(r);
      return type;
    }
    case 'sxp.reply/1':
      must(c.ratings.some((r) => accepts(() => openReply(raw, r))), 'a reply to a rating that is not here');
      return type;
    default:
      must(s, 'without the session this cannot be judged');
      judgeInSession(c, type, raw, byParty);
      return type;
  }
}

const readLodged = map({ m: bytes(32), party: bytes(32), at: integer(-(2n ** 63n), maxInt64) });

function judgeInSession({ s }, type, raw, byParty) {
  switch (type) {
    case 'sxp.promise/1':
      byParty();
      return void messages.openPromise(s, raw);
    case 'sxp.release/1':
      byParty();
      return void messages.openRelease(s, raw);
    case 'sxp.result/1': return void messages.openResult(s, raw);
    case 'sxp.claim/1': return void must(same(openClaim(raw).preimage.m, s.pre.m), 'of another session');
    case 'sxp.lodged/1': {
      const { value: v } = openBare(raw, type, readLodged);
      return must(same(v.m, s.pre.m) && s.pre.parties.some((q) => same(q.id, v.party)), 'of another session');
    }
    case 'sxp.endorse/1':
    case 'sxp.void/1': return void messages.openVote(s.pre, raw, type);
    case 'sxp.shares/1': return void messages.openShares(s, raw);
    default: must(false, `a ${type} is no part of a signing`);
  }
}

function accepts(read) {
  try {
    read();
    return true;
  } catch (e) {
    if (e instanceof Refusal) return false;
    throw e;
  }
}

// convict reads one fault and returns who broke which rule.
function convict({ p, s }, raw) {
  const f = readFault(decode(raw));
  must(same(faultBytes(f), raw), 'a fault has one encoding');
  const party = p.cards.some((k) => same(k.id, f.by));
  must(party || s && messages.seatOf(s.pre, f.by) > 0, 'somebody who is neither party nor juror here');
  if (f.kind === 'claim') {
    must(f.raw.length === 1 && s, 'a claim of no session that is here');
    const { value } = openBare(f.raw[0], 'sxp.claim/1', readClaim);
    must(same(value.preimage.proposal, p.digest), 'a claim of another signing');
  }
  checkFault(f, p, s);
  return `${idText(f.by)} ${f.kind}`;
}
