// Takes everything out of an encoded picture that is not the picture. Browsers
// write none of a camera's notes when they encode a canvas, but some add notes
// of their own; what is published must have none at all.

/** strip returns a JPEG or WebP file without EXIF, XMP, comments and other notes. What it cannot follow it refuses. */
export function strip(file: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  if (file[0] === 0xff && file[1] === 0xd8) return stripJPEG(file);
  if (ascii(file, 0, 4) === 'RIFF' && ascii(file, 8, 4) === 'WEBP') return stripWebP(file);
  throw new Error('the browser made neither a JPEG nor a WebP file of the photo');
}

/** notes lists what a file says beside its picture: names of JPEG segments and WebP chunks. */
export function notes(file: Uint8Array): string[] {
  if (file[0] === 0xff && file[1] === 0xd8) return [...segments(file)].filter((s) => isNote(s.marker)).map((s) => `APP${s.marker - 0xe0}`);
  if (ascii(file, 0, 4) === 'RIFF') return [...chunks(file)].filter((c) => !picture.includes(c.name)).map((c) => c.name);
  return [];
}

function ascii(b: Uint8Array, at: number, n: number): string {
  return String.fromCharCode(...b.subarray(at, at + n));
}

type Segment = { marker: number; from: number; to: number };

/** segments are the parts of a JPEG file up to its data, which is the last one. */
function* segments(b: Uint8Array): Generator<Segment> {
  let at = 2;
  while (at + 4 <= b.length) {
    const marker = b[at + 1]!;
    if (b[at] !== 0xff) throw new Error('the photo is no JPEG file that can be followed');
    if (marker === 0xda) {
      yield { marker, from: at, to: b.length };
      return;
    }
    const to = at + 2 + (b[at + 2]! << 8) + b[at + 3]!;
    if (to > b.length) throw new Error('the photo is cut off');
    yield { marker, from: at, to };
    at = to;
  }
  throw new Error('the photo has no picture');
}

// APP0 says how pixels are shaped, APP14 which colours are meant; all other
// APPn and comments are notes.
function isNote(marker: number): boolean {
  return (marker >= 0xe1 && marker <= 0xef && marker !== 0xee) || marker === 0xfe;
}

function stripJPEG(b: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return join([b.subarray(0, 2), ...[...segments(b)].filter((s) => !isNote(s.marker)).map((s) => b.subarray(s.from, s.to))]);
}

type Chunk = { name: string; from: number; to: number };

const picture = ['VP8 ', 'VP8L', 'VP8X', 'ALPH'];

/** chunks are the parts of a WebP file. */
function* chunks(b: Uint8Array): Generator<Chunk> {
  const view = new DataView(b.buffer, b.byteOffset, b.byteLength);
  let at = 12;
  while (at + 8 <= b.length) {
    const size = view.getUint32(at + 4, true);
    const to = at + 8 + size + (size % 2);
    if (at + 8 + size > b.length) throw new Error('the photo is cut off');
    yield { name: ascii(b, at, 4), from: at, to: Math.min(to, b.length) };
    at = to;
  }
}

function stripWebP(b: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const kept = [...chunks(b)].filter((c) => picture.includes(c.name)).map((c) => ({ name: c.name, data: b.slice(c.from, c.to) }));
  for (const c of kept) {
    if (c.name === 'VP8X') c.data[8]! &= 0x10; // of the flags only "has transparency" is still true
  }
  const out = join([b.slice(0, 12), ...kept.map((c) => c.data)]);
  new DataView(out.buffer).setUint32(4, out.length - 8, true);
  return out;
}

function join(parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) {
    out.set(p, at);
    at += p.length;
  }
  return out;
}
