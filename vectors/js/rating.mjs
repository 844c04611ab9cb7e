// Ratings, replies and how they are counted: spec/rating.md.

import { bytesToHex } from '@noble/hashes/utils.js';
import { at, must, within } from './refuse.mjs';
import { compare, same } from './cbor.mjs';
import { openBare } from './envelope.mjs';
import { bytes, date, flag, integer, list, map, maxInt64, optional, text } from './fields.mjs';
import { openCard } from './identity.mjs';
import { checkDistinct } from './proposal.mjs';
import * as bls from './bls.mjs';

const most = 65_536;

const words = (v) => {
  text(1000)(v);
  must(!/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(v.replaceAll('\n', '')), 'a character that hides or reorders text');
  return v;
};

const readRating = map({
  m: bytes(32), s: bytes(48), cards: list(bytes()), about: bytes(32),
  marks: list(map({ transfer: integer(-(2n ** 63n), maxInt64), kept: flag })),
  text: optional(words),
  published: date,
});

// openRating reads and verifies a rating.
export function openRating(raw) {
  within(raw.length, most, 'bytes of a rating');
  const { signer, digest, value: r } = openBare(raw, 'sxp.rating/1', readRating);
  must(r.marks.length >= 1 && r.marks.length <= 60, '1 to 60 marks');
  r.marks.forEach(({ transfer }, i) => must(transfer > (i === 0 ? 0 : r.marks[i - 1].transfer) && transfer <= 60, 'marks rise, from 1 to 60'));
  must(r.cards.length >= 2 && r.cards.length <= 12, 'a contract has 2 to 12 parties');
  const parties = r.cards.map((card, i) => at(`card ${i + 1}`, () => openCard(card)));
  checkDistinct(parties.map((c) => c.id), 'identities of the parties');
  checkDistinct(parties.map((c) => c.contractKey), 'contract keys');
  const party = (id) => parties.some((c) => same(c.id, id));
  must(!same(signer, r.about) && party(signer) && party(r.about), 'who rates and who is rated are two parties');
  bls.checkAggregate(r.m, parties.map((c) => bls.readG2(c.contractKey)), r.s);
  return { ...r, by: signer, digest };
}

// checkOf checks a rating against what verifyFile said of a contract file.
export function checkOf(r, { kind, m, proposal: p }) {
  must(kind === 'contract' && m === bytesToHex(r.m), 'about another contract');
  for (const { transfer } of r.marks) {
    const x = p.terms.transfers[Number(transfer) - 1];
    must(x && same(p.cards[x.from].id, r.about), 'a mark of what another gives');
  }
}

const readReply = map({ rating: bytes(32), text: words, at: date });

// openReply reads the reply to an opened rating.
export function openReply(raw, to) {
  within(raw.length, most, 'bytes of a reply');
  const { signer, value: r } = openBare(raw, 'sxp.reply/1', readReply);
  must(same(signer, to.about) && same(r.rating, to.digest), 'not a reply to this rating by who was rated');
  must(r.text !== '', 'a reply has a text');
  return r;
}

// tally counts what opened ratings say of somebody, in words; replied are the
// digests, in hex, of ratings that the person replied to.
export function tally(about, ratings, replied) {
  const last = new Map();
  for (const r of ratings.filter((x) => same(x.about, about))) {
    const key = bytesToHex(r.m) + bytesToHex(r.by), old = last.get(key);
    if (!old || r.published > old.published || r.published === old.published && compare(r.digest, old.digest) > 0) last.set(key, r);
  }
  const contracts = new Map(), people = new Set();
  for (const r of last.values()) {
    const kept = r.marks.every((x) => x.kept), c = contracts.get(bytesToHex(r.m)) ?? { kept: false, not: false, answered: false };
    people.add(bytesToHex(r.by));
    if (kept) c.kept = true;
    else c.not = true;
    if (!kept && replied.includes(bytesToHex(r.digest))) c.answered = true;
    contracts.set(bytesToHex(r.m), c);
  }
  const all = [...contracts.values()];
  if (all.length === 0) return 'nobody has rated a contract of theirs';
  const kept = all.filter((c) => c.kept && !c.not).length, disputed = all.filter((c) => c.not && (c.kept || c.answered)).length;
  const parts = [[kept, 'kept'], [all.length - kept - disputed, 'broken'], [disputed, 'disputed']].filter(([n]) => n > 0).map(([n, what]) => `${n} ${what}`);
  return `${all.length} ${all.length === 1 ? 'contract' : 'contracts'} rated by ${people.size} ${people.size === 1 ? 'person' : 'people'}: ${parts.join(', ')}`;
}
