// Proposals and what people read of them: spec/contract.md.

import { bytesToHex } from '@noble/hashes/utils.js';
import { Refusal, at, must, tooLarge } from './refuse.mjs';
import { compare, same } from './cbor.mjs';
import { openBare } from './envelope.mjs';
import { bytes, date, integer, list, map, maxInt64, optional, span, text } from './fields.mjs';
import { openCard } from './identity.mjs';
import { oneLine, readItem } from './item.mjs';
import { levies, marketLines, readMarkets } from './markets.mjs';
import { checkSecrets, readSecret, secretLines } from './secret.mjs';
import { checkWords, idText } from './text.mjs';

const clause = 8192;

const named = (n) => (v) => {
  must(bytes(n)(v).some((b) => b !== 0), 'zeros name nothing');
  return v;
};

const readTransfer = map({
  item: readItem,
  itemRef: optional(bytes(16)),
  from: integer(0, 11),
  to: integer(0, 11),
  due: date,
  delivery: optional(text(clause)),
  market: optional(bytes(32)),
  source: optional(map({ contract: named(32), transfer: integer(1, 60) })),
  secret: optional(readSecret),
});

const proposal = map({
  version: integer(1, 1),
  terms: map({
    title: text(160),
    text: text(512 << 10),
    transfers: list(readTransfer, 60),
    notes: optional(text(clause)), breach: optional(text(clause)), conflict: optional(text(clause)), law: optional(text(clause)),
    markets: optional(readMarkets),
  }),
  parties: list(map({ card: bytes(), operator: optional(bytes(32)), tribes: optional(list(bytes(32), 8)) }), 12),
  nonce: bytes(16),
  attempt: integer(1, 100),
  market: optional(bytes(32)),
  replaces: optional(bytes(32)),
  roll: named(32),
  mode: text(),
  n: integer(1, 101), t: integer(1, 101), f: integer(0, 101),
  created: date, deadline: date,
  delta: span, l: span, epsilon: span, patience: span,
});

// checkVersion refuses what another version of the protocol may read.
export function checkVersion(v) {
  const version = v instanceof Map ? v.get('version') : 1;
  const other = typeof version === 'number' || typeof version === 'bigint' && version >= -(2n ** 63n) && version <= maxInt64;
  if (other && version !== 1) throw new Refusal('unsupported', 'version 1 only');
}

// readProposal reads a signed proposal without checking more than its form.
export function readProposal(raw) {
  const m = openBare(raw, 'sxp.proposal/1', (v) => {
    checkVersion(v);
    return proposal(v);
  });
  return { ...m.value, raw, digest: m.digest, signer: m.signer };
}

// openProposal reads and checks a signed proposal.
export function openProposal(raw) {
  const p = readProposal(raw);
  checkCount(p.parties.length, 2, 12, 'parties');
  p.cards = p.parties.map((q, i) => at(`party ${i + 1}`, () => openCard(q.card)));
  checkDistinct(p.cards.map((c) => c.id), 'identities of the parties');
  checkDistinct(p.cards.map((c) => c.contractKey), 'contract keys');
  checkSizes(p);
  if (p.mode !== 'optimistic' && p.mode !== 'notary') throw new Refusal('unsupported', `no mode ${p.mode}`);
  must(p.mode !== 'notary' || p.n === 1, 'a notary is one juror');
  must(p.created < p.deadline - p.l - p.epsilon - p.patience, 'the deadline leaves no time to sign');
  checkTerms(p);
  checkSecrets(p);
  must(p.terms.text === render(p), 'the text is not what the terms say');
  return p;
}

// checkCount refuses a number of things outside of its bounds.
export function checkCount(n, least, most, what) {
  if (n < least || n > most) tooLarge(`${what}: ${n}, ${least} to ${most}`);
}

export const checkSizes = ({ n, t, f }) => must(f < t && t <= n - f, 'f < t ≤ n − f does not hold');

export function checkDistinct(list, what) {
  list.forEach((a, i) => must(list.slice(0, i).every((b) => !same(a, b)), `${what} are not distinct`));
}

function checkTerms(p) {
  const { terms: t, cards } = p;
  must(t.title !== '', 'a contract has a title');
  at('title', () => checkWords(t.title, false));
  for (const name of ['text', 'notes', 'breach', 'conflict', 'law']) if (t[name]) at(name, () => checkWords(t[name], true));
  t.transfers.forEach((x, i) => at(`transfer ${i + 1}`, () => {
    must(x.from < cards.length && x.to < cards.length && x.from !== x.to, 'from one party to another');
    must(x.due >= p.created, 'due before it was proposed');
    if (x.delivery) checkWords(x.delivery, true);
  }));
  const listed = (id) => (t.markets ?? []).some((m) => same(m.market, id));
  t.transfers.forEach((x, i) => must(x.market === undefined || listed(x.market), `the market of transfer ${i + 1} is not listed`));
  must(t.markets === undefined || p.market === undefined || listed(p.market), 'the market where it was found is not listed');
  cards.forEach((_, i) => {
    must(t.transfers.some((x) => x.from === i || x.to === i), `party ${i + 1} neither gives nor gets`);
  });
}

// render returns the contract in words.
export function render({ terms: t, cards }) {
  const out = [`CONTRACT: ${t.title}`, '', 'Parties'];
  cards.forEach((c, i) => out.push(`${i + 1}. ${c.label}`, `   ${idText(c.id)}`));
  out.push('', 'Transfers');
  t.transfers.forEach((x, i) => out.push(...transfer(x, i, cards), ...levies(x, t.markets ?? [])));
  out.push(...section('Gifts', cards.flatMap((c, i) => {
    if (!t.transfers.some((x) => x.to === i)) return [`   Party ${i + 1} (${c.label}) gives, and asks for nothing in return.`];
    if (!t.transfers.some((x) => x.from === i)) return [`   Party ${i + 1} (${c.label}) gets, and gives nothing in return.`];
    return [];
  })));
  out.push(...section('Conditions', t.transfers.flatMap(({ source, from }, i) => (source ? [
    `   This contract is valid only if transfer ${source.transfer} of the contract`, `   ${bytesToHex(source.contract)}`,
    `   is delivered to party ${from + 1} (${cards[from].label}): what transfer ${i + 1} gives comes from there.`,
  ] : []))));
  out.push(...section('Markets', marketLines(t.markets ?? [], indent)));
  for (const name of ['Notes', 'Breach', 'Conflict', 'Law']) {
    const words = t[name.toLowerCase()];
    if (words) out.push('', name, ...indent(words));
  }
  out.push('', 'Consent', '   Each party declares: I have read this contract and I agree to be bound by it',
    '   once all parties have signed. Until then it binds nobody.', '');
  return out.join('\n');
}

const section = (head, lines) => (lines.length > 0 ? ['', head, ...lines] : []);

function transfer(x, i, cards) {
  const party = (k) => `party ${k + 1} (${cards[k].label})`;
  const it = x.item;
  const out = [`   ${oneLine(it)}`];
  const names = [...it.attributes?.keys() ?? []].sort((a, b) => compare(Buffer.from(a), Buffer.from(b)));
  for (const name of names) out.push(`   ${name}: ${it.attributes.get(name)}`);
  if (it.place) out.push(`   place: ${it.place}`);
  if (it.point) out.push(`   point: ${degrees(it.point.lat, 'N', 'S')}, ${degrees(it.point.lon, 'E', 'W')}`);
  for (const photo of it.photos ?? []) out.push(`   photo: SHA-256 ${photo.hash}`);
  if (it.text) out.push(...indent(it.text));
  out.push(`   due: ${moment(x.due)}`);
  if (x.delivery) out.push('   delivery:', ...indent(x.delivery));
  out.push(...secretLines(x, party));
  return [`${i + 1}. P${party(x.from).slice(1)} gives to ${party(x.to)}:`, ...out];
}

// degrees writes thousandths of a degree.
const degrees = (milli, positive, negative) => `${(Math.abs(milli) / 1000).toFixed(3)} ${milli < 0 ? negative : positive}`;

const indent = (words) => words.replace(/\n+$/, '').split('\n').map((line) => `   ${line}`);

const moment = (ms) => new Date(Number(ms)).toISOString().replace('T', ' ').replace(/\.\d*Z$/, ' UTC');
