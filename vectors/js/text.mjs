// The text forms of ids (spec/text-forms.md) and what text may hold.

import { must, tooLarge } from './refuse.mjs';

const letters = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const bech32m = 0x2bc830a3;

function polymod(values) {
  const generator = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
  let c = 1;
  for (const v of values) {
    const top = c >>> 25;
    c = (c & 0x1ffffff) << 5 ^ v;
    for (let i = 0; i < 5; i++) if (top >>> i & 1) c ^= generator[i];
  }
  return c >>> 0;
}

const prefix = [...'sxp'].map((c) => c.charCodeAt(0));
const expanded = [...prefix.map((c) => c >> 5), 0, ...prefix.map((c) => c & 31)];

// idText returns the text of an id.
export function idText(bytes) {
  const values = [];
  let bits = 0, n = 0;
  for (const b of bytes) {
    bits = bits << 8 | b;
    for (n += 8; n >= 5;) values.push(bits >> (n -= 5) & 31);
    bits &= (1 << n) - 1;
  }
  if (n > 0) values.push(bits << 5 - n & 31);
  const sum = polymod([...expanded, ...values, 0, 0, 0, 0, 0, 0]) ^ bech32m;
  for (let i = 0; i < 6; i++) values.push(sum >>> 5 * (5 - i) & 31);
  return 'sxp1' + values.map((v) => letters[v]).join('');
}

// parseID returns the 32 bytes of an id's text.
export function parseID(text) {
  if (new TextEncoder().encode(text).length > 90) tooLarge('an id of more than 90 bytes');
  must(text.startsWith('sxp1'), 'an id starts with sxp1');
  const values = [...text.slice(4)].map((c) => letters.indexOf(c));
  must(!values.includes(-1) && values.length >= 6, 'an id has lower-case letters and digits of bech32');
  must(polymod([...expanded, ...values]) === bech32m, 'the checksum is not that of bech32m');
  const out = [];
  let bits = 0, n = 0;
  for (const v of values.slice(0, -6)) {
    bits = bits << 5 | v;
    n += 5;
    if (n >= 8) out.push(bits >> (n -= 8) & 255);
    bits &= (1 << n) - 1;
  }
  must(out.length === 32, 'an id has 32 bytes');
  must(idText(out) === text, 'an id has one spelling');
  return Uint8Array.from(out);
}

export const size = (text) => new TextEncoder().encode(text).length;

// base64 returns the bytes of text in one of the two alphabets of RFC 4648.
export function base64(text, kind) {
  const b = new Uint8Array(Buffer.from(text, kind));
  must(Buffer.from(b).toString(kind) === text, `${kind} has one spelling`);
  return b;
}

// A label: spec/identity.md.
export function checkLabel(label) {
  must(label !== '', 'a label is not empty');
  if (size(label) > 64) tooLarge('a label of more than 64 bytes');
  must(/^[\p{L}\p{M}\p{N}\p{P}\p{S} \u200c\u200d]*$/u.test(label), 'a label has a character that does not print');
  must(!label.includes('\ufffd'), 'a label has a character that stands for a broken one');
  must(!label.startsWith(' ') && !label.endsWith(' '), 'a label starts or ends with a space');
}

// Text of proposals: spec/contract.md.
export function checkWords(text, lines) {
  const plain = lines ? text.replaceAll('\n', '') : text;
  must(!/\p{Cc}/u.test(plain), 'a control character');
  must(!/[\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/u.test(plain), 'a character that hides or reorders text');
}

// Text of items: spec/market.md.
export function checkItemText(text, lines) {
  const plain = lines ? text.replaceAll('\n', '') : text;
  must(!/[\p{Cc}\u2028\u2029\ufeff\u202a-\u202e\u2066-\u2069\p{Noncharacter_Code_Point}]/u.test(plain), 'a character that hides or reorders text');
  must(!/^\p{White_Space}|\p{White_Space}$/u.test(text), 'blanks at an end');
}
