// Files on their way into a letter, and out of one.

import { call, fromBytes, SXPError, toBytes, type File as Attached, type FileView } from '../../lib/api/client';

/** The types of pictures that are shown as pictures: pixels, no documents with scripts or links. */
const pictures = ['image/jpeg', 'image/png', 'image/webp', 'image/gif', 'image/avif'];

/** isPicture reports whether a file is shown as a picture. */
export function isPicture(f: { type?: string }): boolean {
  return pictures.includes(f.type ?? '');
}

/** longest is the longest side of a photo that is sent, in pixels: enough for any screen. */
const longest = 1600;

/** photoRoom is how many bytes one photo takes at most, so that several go into a letter. */
const photoRoom = 200 << 10;

/**
 * pack reads a file for a letter, at most room bytes. A photo is drawn anew,
 * smaller if need be: what the camera wrote beside it, such as the place, does
 * not go along. Other files go as they are.
 */
export async function pack(file: File, room: number): Promise<Attached> {
  const name = nameOf(file.name);
  if (file.type.startsWith('image/') && file.type !== 'image/gif' && file.type !== 'image/svg+xml') {
    const jpeg = await shrink(file, Math.min(room, photoRoom));
    if (jpeg) return { name: name.replace(/\.[^.]+$/, '') + '.jpg', type: 'image/jpeg', data: fromBytes(jpeg) };
  }
  if (file.size > room) throw new SXPError('toolarge', file.name);
  const type = /^[!-~]{1,127}$/.test(file.type) ? file.type : undefined;
  return { name, type, data: fromBytes(new Uint8Array(await file.arrayBuffer())) };
}

/** nameOf is a file's name without folders and control characters. */
export function nameOf(name: string): string {
  const last = name.split(/[/\\]/).pop() ?? '';
  const clean = last.replace(/[\u0000-\u001f\u007f]/g, '').trim();
  return [...clean].slice(-60).join('') || 'file';
}

/** shrink draws a picture until it fits; undefined where this browser cannot read it. */
async function shrink(file: Blob, room: number): Promise<Uint8Array | undefined> {
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' });
  } catch {
    return undefined;
  }
  try {
    let side = Math.min(longest, Math.max(bitmap.width, bitmap.height));
    while (side >= 64) {
      for (const quality of [0.82, 0.7, 0.55]) {
        const blob = await draw(bitmap, side, quality);
        if (blob && blob.size <= room) return new Uint8Array(await blob.arrayBuffer());
      }
      side = Math.round(side * 0.75);
    }
    throw new SXPError('toolarge', '');
  } finally {
    bitmap.close();
  }
}

function draw(bitmap: ImageBitmap, side: number, quality: number): Promise<Blob | null> {
  const scale = Math.min(1, side / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const pen = canvas.getContext('2d');
  if (!pen) return Promise.resolve(null);
  pen.fillStyle = '#fff'; // JPEG has no transparency
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, 'image/jpeg', quality));
}

/** picture fetches an attached picture; the caller revokes the address. */
export async function picture(message: string, index: number, file: FileView): Promise<string> {
  const f = await call('inbox.file', { message, file: index + 1 });
  return URL.createObjectURL(new Blob([toBytes(f.data)], { type: file.type }));
}

/** save hands bytes to the device's downloads. The type says nothing, so that nothing is opened in place. */
export function save(name: string, data: Uint8Array<ArrayBuffer> | string): void {
  const url = URL.createObjectURL(new Blob([data], { type: 'application/octet-stream' }));
  const a = document.createElement('a');
  a.href = url;
  a.download = name;
  document.body.append(a);
  a.click();
  a.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // once the browser has taken it
}

/** download saves an attached file. */
export async function download(message: string, index: number): Promise<void> {
  const f = await call('inbox.file', { message, file: index + 1 });
  save(f.name, toBytes(f.data));
}
