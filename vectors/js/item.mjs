// Items: spec/market.md.

import { at, must, within } from './refuse.mjs';
import { bytes, flag, integer, list, map, maxInt64, optional, text } from './fields.mjs';
import { checkItemText, idText, parseID, size } from './text.mjs';

const maxDuration = 3660 * 86_400_000;
const units = { min: 60_000n, h: 3_600_000n, d: 86_400_000n, wk: 604_800_000n };

const attributes = (v) => {
  must(v instanceof Map, 'not a map');
  within(v.size, 32, 'attributes');
  for (const [name, value] of v) {
    must(typeof name === 'string' && typeof value === 'string', 'attributes are text to text');
    must(/^[a-z0-9._-]+$/.test(name), 'the name of an attribute has a–z, 0–9, - . _');
    within(size(name), 32, 'bytes of a name');
    within(size(value), 256, 'bytes of a value');
    must(value !== '', 'an attribute has a value');
    checkItemText(value, false);
  }
  return v;
};

// A photo is the URL of a block in its one spelling: spec/blocks.md.
const readPhoto = (v) => {
  const url = text(1024)(v);
  const m = /^sxp:block\?hash=([0-9a-f]{64})&at=((?:[A-Za-z0-9._~-]|%(?:23|2F|3A|5B|5D))+)$/.exec(url);
  must(m !== null, 'a photo is sxp:block?hash=…&at=…');
  must(/[^0]/.test(m[1]), 'the hash of a block is not zero');
  const address = decodeURIComponent(m[2]);
  const where = /^https?:\/\/(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?(?:\/[A-Za-z0-9._~-]+)*#(.*)$/.exec(address);
  must(where !== null, 'a block is at the address of a node');
  within(size(address), 512, 'bytes of an address');
  must(parseID(where[1]).some((b) => b !== 0), 'the node of a block is somebody');
  return { url, hash: m[1] };
};

const photos = (v) => {
  const all = list(readPhoto, 4)(v);
  must(new Set(all.map((p) => p.url)).size === all.length, 'a photo stands in the list twice');
  return all;
};

// A point has both fields, also where they are 0.
const point = map({ lat: integer(-90_000, 90_000), lon: integer(-180_000, 180_000) });

const fields = map({
  kind: text(),
  title: optional(text(160)),
  text: optional(text(8192)),
  category: optional(text(128)),
  attributes: optional(attributes),
  quantity: optional(text()),
  unit: optional(text(16)),
  divisible: optional(flag),
  duration: optional(integer(1, maxDuration)),
  currency: optional(text(32)),
  issuer: optional(bytes(32)),
  place: optional(text(160)),
  point: optional(point),
  photos: optional(photos),
  from: optional(integer(0, maxInt64)),
  until: optional(integer(0, maxInt64)),
});

export const readItem = (v) => {
  const it = fields(v);
  must(['good', 'service', 'money', 'right'].includes(it.kind), `no kind ${it.kind}`);
  must(it.title !== undefined, 'an item has a title');
  for (const name of ['title', 'unit', 'currency', 'place']) if (it[name]) at(name, () => checkItemText(it[name], false));
  if (it.text) at('text', () => checkItemText(it.text, true));
  if (it.category) checkCategory(it.category);
  checkAmount(it);
  const money = it.kind === 'money';
  must(money || it.currency === undefined && it.issuer === undefined, 'only money has a currency and an issuer');
  must(!money || it.quantity !== undefined && it.currency !== undefined, 'money has a quantity and a currency');
  must(!money || it.issuer !== undefined || /^[A-Z]{3}$/.test(it.currency), 'money that is no ISO currency has an issuer');
  if (it.from !== undefined && it.until !== undefined) must(it.from < it.until, 'it is available for some time');
  return it;
};

const notInCategories = /[\u0080-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u00d7\u00f7\u061c\u1680\u180e\u2000-\u206f\u3000-\u3004\ue000-\uf8ff\ufeff\ufff0-\uffff\u{e0000}-\u{e007f}\u{f0000}-\u{10ffff}]/u;

export function checkCategory(category) {
  const names = category.split('/');
  within(names.length, 8, 'names of a category');
  for (const n of names) must(/^[-0-9a-z\u0080-\u{10ffff}]+$/u.test(n) && !notInCategories.test(n), 'a category has names of lower-case letters');
}

// micro returns a decimal as a number of 10^-18.
export function micro(decimal) {
  const m = /^(0|[1-9][0-9]*)(?:\.([0-9]*[1-9]))?$/.exec(decimal);
  must(m !== null, 'a decimal has one spelling');
  within(Math.max(m[1].length, m[2]?.length ?? 0), 18, 'digits before or after the point');
  return BigInt(m[1]) * 10n ** 18n + BigInt((m[2] ?? '').padEnd(18, '0'));
}

function checkAmount(it) {
  if (it.quantity === undefined) must(it.unit === undefined && it.divisible === undefined, 'without a quantity there is no unit');
  else must(micro(it.quantity) > 0n, 'a quantity is more than 0');
  if (it.unit !== undefined) must(it.kind !== 'money' && /^[^0-9\p{White_Space}]\P{White_Space}*$/u.test(it.unit), 'a unit is one word that does not start with a digit');
  if (it.duration === undefined) return;
  must(it.kind === 'service', 'only services have a duration');
  const unit = units[it.unit];
  if (unit !== undefined) must(micro(it.quantity) * unit === BigInt(it.duration) * 10n ** 18n, 'the duration is not that many units');
}

// oneLine returns an item as contracts write it.
export function oneLine(it) {
  const amount = (it.quantity ? `${it.quantity} ` : '') + (it.unit ? `${it.unit} ` : '');
  if (it.kind !== 'money') return `${it.kind}: ${amount}${it.title}` + (it.duration && !(it.quantity && units[it.unit] !== undefined) ? `, lasting ${spanText(it.duration)}` : '');
  const issuer = it.issuer ? ` of ${idText(it.issuer)}` : '';
  return `money: ${amount}${it.currency}${issuer} (${it.title})`;
}

// spanText writes milliseconds as hours, minutes and seconds, those that are
// not 0: "1 h 30 min", "1.25 s"; below a second "20 ms".
export function spanText(ms) {
  if (ms < 1000) return `${ms} ms`;
  const seconds = Math.floor(ms / 1000) % 60, minutes = Math.floor(ms / 60_000) % 60, hours = Math.floor(ms / 3_600_000);
  const part = ms % 1000 === 0 ? '' : `.${String(ms % 1000).padStart(3, '0').replace(/0+$/, '')}`;
  const parts = [];
  if (hours > 0) parts.push(`${hours} h`);
  if (minutes > 0) parts.push(`${minutes} min`);
  if (seconds > 0 || part) parts.push(`${seconds}${part} s`);
  return parts.join(' ');
}
