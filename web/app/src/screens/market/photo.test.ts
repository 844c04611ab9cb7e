import { chromium } from '@playwright/test';
import ts from 'typescript';
import { afterAll, describe, expect, it } from 'vitest';

import { longest, most, tries } from './photo';
import photoSource from './photo.ts?raw';
import { notes, strip } from './strip';
import stripSource from './strip.ts?raw';

describe('tries', () => {
  it('keep the shape and never enlarge', () => {
    expect(tries(4000, 3000)[0]).toEqual({ width: longest, height: 768, quality: 0.82 });
    expect(tries(300, 200).every((t) => t.width === 300 && t.height === 200)).toBe(true);
    expect(tries(9000, 1)[0]).toEqual({ width: longest, height: 1, quality: 0.82 });
  });

  it('get worse from one to the next', () => {
    const all = tries(5000, 2000);
    for (let i = 1; i < all.length; i++) {
      const a = all[i - 1]!;
      const b = all[i]!;
      expect(b.width < a.width || (b.width === a.width && b.quality < a.quality)).toBe(true);
    }
  });
});

const text = (s: string) => [...new TextEncoder().encode(s)];

/** segment is a part of a JPEG file. */
function segment(marker: number, body: number[]): number[] {
  return [0xff, marker, (body.length + 2) >> 8, (body.length + 2) & 255, ...body];
}

/** exif is what a phone writes: make, turned by a quarter, and where it was, 52°31' N 13°24' E. */
function exif(orientation: number): number[] {
  const b = new Uint8Array(8 + 2 + 3 * 12 + 4 + 2 + 4 * 12 + 4 + 48 + 8);
  const v = new DataView(b.buffer);
  const entry = (at: number, tag: number, type: number, count: number, value: number) => {
    v.setUint16(at, tag, true);
    v.setUint16(at + 2, type, true);
    v.setUint32(at + 4, count, true);
    v.setUint32(at + 8, value, true);
  };
  b.set(text('II'), 0);
  v.setUint16(2, 42, true);
  v.setUint32(4, 8, true);
  v.setUint16(8, 3, true);
  const gps = 8 + 2 + 3 * 12 + 4;
  const data = gps + 2 + 4 * 12 + 4;
  entry(10, 0x010f, 2, 8, data + 48); // Make
  entry(22, 0x0112, 3, 1, orientation);
  entry(34, 0x8825, 4, 1, gps);
  v.setUint16(gps, 4, true);
  entry(gps + 2, 1, 2, 2, 'N'.charCodeAt(0));
  entry(gps + 14, 2, 5, 3, data);
  entry(gps + 26, 3, 2, 2, 'E'.charCodeAt(0));
  entry(gps + 38, 4, 5, 3, data + 24);
  [52, 1, 31, 1, 12, 1, 13, 1, 24, 1, 18, 1].forEach((n, i) => v.setUint32(data + 4 * i, n, true));
  b.set(text('SpyCam7\0'), data + 48);
  return segment(0xe1, [...text('Exif\0\0'), ...b]);
}

const xmp = segment(0xe1, text('http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>SpyCam7</x:xmpmeta>'));
const comment = segment(0xfe, text('taken at home by SpyCam7'));

describe('strip', () => {
  it('leaves a JPEG file its picture only', () => {
    const start = [0xff, 0xd8];
    const jfif = segment(0xe0, text('JFIF\0'));
    const rest = [...segment(0xdb, [0, 1, 2]), 0xff, 0xda, 0, 2, 9, 9, 9, 0xff, 0xd9];
    const dirty = new Uint8Array([...start, ...jfif, ...exif(6), ...xmp, ...comment, ...rest]);
    expect(notes(dirty)).toEqual(['APP1', 'APP1', 'APP30']);
    expect([...strip(dirty)]).toEqual([...start, ...jfif, ...rest]);
  });

  it('leaves a WebP file its picture only', () => {
    const chunk = (name: string, body: number[]) => [...text(name), body.length, 0, 0, 0, ...body, ...(body.length % 2 ? [0] : [])];
    const file = (parts: number[]) => new Uint8Array([...text('RIFF'), parts.length + 4, 0, 0, 0, ...text('WEBP'), ...parts]);
    const vp8 = chunk('VP8 ', [1, 2, 3]);
    const size = [99, 0, 0, 99, 0, 0];
    const dirty = file([...chunk('VP8X', [0x3c, 0, 0, 0, ...size]), ...chunk('ICCP', [7]), ...vp8, ...chunk('EXIF', [5, 5, 5]), ...chunk('XMP ', [6])]);
    expect(notes(dirty)).toEqual(['ICCP', 'EXIF', 'XMP ']);
    expect([...strip(dirty)]).toEqual([...file([...chunk('VP8X', [0x10, 0, 0, 0, ...size]), ...vp8])]);
  });

  it('refuses what it cannot follow', () => {
    for (const bad of [[0x89, 0x50, 0x4e, 0x47], [0xff, 0xd8, 0xff, 0xe1, 0xff, 0xff, 1], [0xff, 0xd8, 1, 2, 3, 4], []]) expect(() => strip(new Uint8Array(bad))).toThrow();
  });
});

/** inPage is photo.ts and strip.ts as one script. */
function inPage(): string {
  const source = [stripSource, photoSource].join('\n').replaceAll(/^import .*$/gm, '').replaceAll(/^export /gm, '');
  return ts.transpileModule(source, { compilerOptions: { target: ts.ScriptTarget.ES2022 } }).outputText;
}

/** prepared runs in the page: what becomes of a photo, read back, in a browser that writes WebP or one that does not. */
async function prepared({ binary, type }: { binary: string; type: string }) {
  const prepare = (globalThis as unknown as { preparePhoto(b: Blob): Promise<{ data: Uint8Array<ArrayBuffer>; type: string; width: number; height: number }> }).preparePhoto;
  const writes = HTMLCanvasElement.prototype.toBlob;
  if (type !== 'image/webp') {
    HTMLCanvasElement.prototype.toBlob = function (done, wanted, quality) {
      writes.call(this, done, wanted === 'image/webp' ? 'image/png' : wanted, quality);
    };
  }
  const p = await prepare(new Blob([Uint8Array.from(binary, (c) => c.charCodeAt(0))], { type: 'image/jpeg' }));
  const back = await createImageBitmap(new Blob([p.data], { type: p.type }));
  const c = document.createElement('canvas');
  c.width = back.width;
  c.height = back.height;
  const g = c.getContext('2d')!;
  g.drawImage(back, 0, 0);
  return { data: [...p.data], type: p.type, width: back.width, height: back.height, corner: [...g.getImageData(back.width - 40, 40, 1, 1).data] };
}

// The browser of the other tests (e2e/person.ts). A machine without it cannot
// run this one; a browser that does not start is a failure.
const env = (globalThis as unknown as { process: { env: Record<string, string | undefined> } }).process.env;
const browser = await chromium.launch({ executablePath: env.SXP_CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] }).catch((err: unknown) => {
  if (/executable doesn.t exist/i.test(String(err))) return undefined;
  throw err;
});
afterAll(() => browser?.close());

describe.skipIf(!browser)('a photo in a browser', () => {
  it('is small, upright and says nothing of where it was taken', { timeout: 120_000 }, async () => {
    const page = await browser!.newPage();
    await page.addScriptTag({ content: inPage() });
    // A grainy picture, 1600 x 1200, so that the first try is too large. Its
    // upper left corner is red.
    const plain = await page.evaluate(async () => {
      const c = document.createElement('canvas');
      c.width = 1600;
      c.height = 1200;
      const g = c.getContext('2d')!;
      for (let y = 0; y < 1200; y += 6) {
        for (let x = 0; x < 1600; x += 6) {
          g.fillStyle = `hsl(${(x * 7919 + y * 104729) % 360} 60% 50%)`;
          g.fillRect(x, y, 6, 6);
        }
      }
      g.fillStyle = '#f00';
      g.fillRect(0, 0, 400, 400);
      const blob = await new Promise<Blob | null>((done) => c.toBlob(done, 'image/jpeg', 0.9));
      return Array.from(new Uint8Array(await blob!.arrayBuffer()), (b) => String.fromCharCode(b)).join('');
    }).then((binary) => Array.from(binary, (c) => c.charCodeAt(0)));
    const camera = [...plain.slice(0, 2), ...exif(6), ...xmp, ...comment, ...plain.slice(2)]; // 6: to be turned a quarter clockwise
    expect(notes(new Uint8Array(camera))).toContain('APP1');
    const binary = camera.map((b) => String.fromCharCode(b)).join('');
    for (const type of ['image/webp', 'image/jpeg']) {
      const out = await page.evaluate(prepared, { binary, type });
      const bytes = new Uint8Array(out.data);
      expect(camera.length).toBeGreaterThan(most);
      expect(bytes.length).toBeLessThanOrEqual(most);
      expect(out.type).toBe(type);
      expect(Math.max(out.width, out.height)).toBeLessThanOrEqual(longest);
      expect(out.height).toBeGreaterThan(out.width); // it was turned
      expect(out.corner[0]).toBeGreaterThan(180); // the red corner is at the upper right now
      expect(out.corner[1]).toBeLessThan(80);
      expect(notes(bytes)).toEqual([]);
      const words = new TextDecoder('latin1').decode(bytes);
      for (const word of ['Exif', 'EXIF', 'SpyCam7', 'XMP', 'xmpmeta', 'II*\0', 'taken at home']) expect(words, word).not.toContain(word);
    }
  });
});
