// Deterministic CBOR (RFC 8949 §4.2.1) as spec/envelope.md restricts it. Every
// value has one encoding; a second one is refused.
//
// Integers are numbers where they are exact, else BigInts. Byte strings are
// Uint8Arrays, arrays Arrays, maps Maps in the order of their bytes.

import { concatBytes } from '@noble/hashes/utils.js';
import { invalid, must, within } from './refuse.mjs';

export const maxItems = 65_536;
export const maxDepth = 16;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const toUTF8 = new TextEncoder();

// compare orders byte strings bytewise; a prefix stands first.
export function compare(a, b) {
  for (let i = 0; i < a.length && i < b.length; i++) if (a[i] !== b[i]) return a[i] - b[i];
  return a.length - b.length;
}

export const same = (a, b) => compare(a, b) === 0;

export class Reader {
  constructor(bytes, depth = maxDepth) {
    this.bytes = bytes;
    this.at = 0;
    this.depth = depth;
  }

  take(n) {
    must(n <= this.bytes.length - this.at, `${n} bytes announced, ${this.bytes.length - this.at} there`);
    this.at += n;
    return this.bytes.subarray(this.at - n, this.at);
  }

  // head reads the major type and the argument.
  head() {
    const first = this.take(1)[0];
    const major = first >> 5;
    const short = first & 31;
    if (short < 24) return { major, n: short };
    must(short < 28, short === 31 ? 'indefinite lengths are forbidden' : 'reserved head');
    must(major !== 7, 'floats and simple values other than false, true and null are forbidden');
    const size = 1 << (short - 24);
    let n = 0n;
    for (const b of this.take(size)) n = n << 8n | BigInt(b);
    const least = [24n, 1n << 8n, 1n << 16n, 1n << 32n][short - 24];
    must(n >= least, 'a length or an integer is not in its shortest form');
    return { major, n: n <= Number.MAX_SAFE_INTEGER ? Number(n) : n };
  }

  // value reads one item; level counts the arrays and maps around it.
  value(level = 0) {
    const { major, n } = this.head();
    switch (major) {
      case 0: return n;
      case 1: {
        const v = -1n - BigInt(n);
        return v >= Number.MIN_SAFE_INTEGER ? Number(v) : v;
      }
      case 2: return this.take(n);
      case 3:
        try {
          return utf8.decode(this.take(n));
        } catch (e) {
          if (e instanceof TypeError) invalid('text is not UTF-8');
          throw e;
        }
      case 4: return this.array(n, level);
      case 5: return this.map(n, level);
      case 6: return invalid('tags are forbidden');
      default:
        if (n === 20) return false;
        if (n === 21) return true;
        if (n === 22) return null;
        return invalid('simple values other than false, true and null are forbidden');
    }
  }

  array(n, level) {
    within(level + 1, this.depth, 'nesting');
    within(n, maxItems, 'elements of an array');
    const out = [];
    for (let i = 0; i < n; i++) out.push(this.value(level + 1));
    return out;
  }

  map(n, level) {
    within(level + 1, this.depth, 'nesting');
    within(n, maxItems, 'pairs of a map');
    const out = new Map();
    let last = null;
    for (let i = 0; i < n; i++) {
      const start = this.at;
      const key = this.value(level + 1);
      const raw = this.bytes.subarray(start, this.at);
      must(last === null || compare(last, raw) < 0, 'the keys of a map do not ascend');
      last = raw;
      out.set(key, this.value(level + 1));
    }
    return out;
  }

  end() {
    must(this.at === this.bytes.length, `${this.bytes.length - this.at} bytes follow`);
  }
}

// decode reads exactly one item.
export function decode(bytes, depth = maxDepth) {
  const r = new Reader(bytes, depth);
  const v = r.value();
  r.end();
  return v;
}

export function head(major, n) {
  const v = BigInt(n);
  const size = v < 24n ? 0 : v < 1n << 8n ? 1 : v < 1n << 16n ? 2 : v < 1n << 32n ? 4 : 8;
  const out = new Uint8Array(1 + size);
  out[0] = major << 5 | (size === 0 ? Number(v) : 23 + Math.log2(size) + 1);
  for (let i = 0; i < size; i++) out[size - i] = Number(v >> BigInt(8 * i) & 255n);
  return out;
}

// encode writes what decode returns: the same bytes.
export function encode(v) {
  if (v === false) return Uint8Array.of(0xf4);
  if (v === true) return Uint8Array.of(0xf5);
  if (v === null) return Uint8Array.of(0xf6);
  if (typeof v === 'number' || typeof v === 'bigint') return v < 0 ? head(1, -1n - BigInt(v)) : head(0, v);
  if (typeof v === 'string') {
    const b = toUTF8.encode(v);
    return concatBytes(head(3, b.length), b);
  }
  if (v instanceof Uint8Array) return concatBytes(head(2, v.length), v);
  if (Array.isArray(v)) return concatBytes(head(4, v.length), ...v.map(encode));
  const pairs = [...v].map(([k, w]) => [encode(k), encode(w)]).sort((a, b) => compare(a[0], b[0]));
  return concatBytes(head(5, pairs.length), ...pairs.flat());
}
