// Maps with known fields: what a decoder that knows the type refuses besides
// (spec/envelope.md, "Payload").

import { at, invalid, must, within } from './refuse.mjs';
import { size } from './text.mjs';

export const bytes = (n) => (v) => {
  must(v instanceof Uint8Array, 'not a byte string');
  must(n === undefined || v.length === n, `not ${n} bytes`);
  return v;
};
export const text = (most) => (v) => {
  must(typeof v === 'string', 'not text');
  if (most !== undefined) within(size(v), most, 'bytes of text');
  return v;
};
export const integer = (least, most, kind = 'invalid') => (v) => {
  must(typeof v === 'number' || typeof v === 'bigint', 'not an integer');
  must(v >= least, `less than ${least}`);
  if (v > most) kind === 'toolarge' ? within(v, most, 'number') : invalid(`more than ${most}`);
  return v;
};
export const maxInt64 = 2n ** 63n - 1n;
export const time = integer(0, maxInt64);
// A date is before the year 10000.
export const date = integer(1, 253_402_300_799_999);
export const span = integer(1, 86_400_000);
export const flag = (v) => {
  must(typeof v === 'boolean', 'neither true nor false');
  return v;
};
export const list = (element, most) => (v) => {
  must(Array.isArray(v), 'not an array');
  if (most !== undefined) within(v.length, most, 'elements');
  return v.map((e, i) => at(i, () => element(e)));
};

const empty = (v) => v === null || v === 0 || v === '' || v === false
  || v instanceof Uint8Array && v.every((b) => b === 0) || Array.isArray(v) && v.length === 0 || v instanceof Map && v.size === 0;

// optional marks a field that may be left out and then is not there empty.
export const optional = (read) => {
  const f = (v) => {
    must(!empty(v), 'there with its empty value');
    return read(v);
  };
  f.optional = true;
  return f;
};

// map reads a map with these fields and no others into an object.
export const map = (fields) => (v) => {
  must(v instanceof Map, 'not a map');
  for (const key of v.keys()) must(Object.hasOwn(fields, key), `unknown field ${key}`);
  const out = {};
  for (const [name, read] of Object.entries(fields)) {
    if (v.has(name)) out[name] = at(name, () => read(v.get(name)));
    else must(read.optional, `the field ${name} is missing`);
  }
  return out;
};
