// What is done to files and answers to spoil them.

import type { Page } from '@playwright/test';

/** deepest changes one letter in the middle of a text, in a run of letters, so that its form stays. */
export function deepest(text: string): string {
  const from = Math.floor(text.length / 2);
  const at = from + text.slice(from).search(/[A-Za-z0-9_-]{20}/) + 10;
  return text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);
}

/** flip changes many bytes of an answer, and leaves its beginning. */
export function flip(b: Buffer): Buffer {
  const c = Buffer.from(b);
  for (let i = 200; i < c.length; i += 97) c[i] = c[i]! ^ 1;
  return c;
}

/** photo makes a JPEG picture as a camera does: with the place and the maker in it. */
export async function photo(page: Page, secret: string): Promise<Buffer> {
  const url = await page.evaluate(() => {
    const c = document.createElement('canvas');
    c.width = 1600;
    c.height = 1200;
    const g = c.getContext('2d')!;
    for (let i = 0; i < 4000; i++) {
      g.fillStyle = `hsl(${Math.random() * 360} 80% 50%)`;
      g.fillRect(Math.random() * 1600, Math.random() * 1200, 60, 60);
    }
    return c.toDataURL('image/jpeg', 0.9);
  });
  const plain = Buffer.from(url.slice(url.indexOf(',') + 1), 'base64');
  // APP1: Exif, TIFF big endian, one directory with the maker (0x010f) as text.
  const value = Buffer.from(secret + '\0', 'latin1');
  const tiff = Buffer.alloc(8 + 2 + 12 + 4);
  tiff.write('MM\0*', 0, 'latin1');
  tiff.writeUInt32BE(8, 4);
  tiff.writeUInt16BE(1, 8);
  tiff.writeUInt16BE(0x010f, 10);
  tiff.writeUInt16BE(2, 12);
  tiff.writeUInt32BE(value.length, 14);
  tiff.writeUInt32BE(26, 18);
  const body = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff, value]);
  const head = Buffer.alloc(4);
  head.writeUInt16BE(0xffe1, 0);
  head.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([plain.subarray(0, 2), head, body, plain.subarray(2)]);
}
