// A photo on its way to the market: made small, and nothing left in it but the
// picture. A camera notes the place, the time and its own number in the file;
// only pixels pass through a canvas.

import { strip } from './strip';

/** longest is the longest side of a published photo, in pixels. */
export const longest = 1024;

/** most is the largest published photo, in bytes: a block has 128 KiB. */
export const most = 120 * 1024;

export type Try = { width: number; height: number; quality: number };

/** tries lists sizes and qualities, the best first: the first that comes out small enough is taken. */
export function tries(width: number, height: number): Try[] {
  const out: Try[] = [];
  for (const side of [longest, 820, 640, 480]) {
    const scale = Math.min(1, side / Math.max(width, height));
    const size = { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
    if (out.length > 0 && out[out.length - 1]!.width === size.width && out[out.length - 1]!.height === size.height) continue; // it was this small before
    for (const quality of [0.82, 0.7, 0.55, 0.4]) out.push({ ...size, quality });
  }
  return out;
}

export type Photo = { data: Uint8Array<ArrayBuffer>; type: string; width: number; height: number };

function encode(canvas: HTMLCanvasElement, type: string, quality: number): Promise<Blob | null> {
  return new Promise((done) => canvas.toBlob(done, type, quality));
}

/** preparePhoto makes a photo of any picture that the browser can read. */
export async function preparePhoto(file: Blob): Promise<Photo> {
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' }); // upright, as the camera was held
  } catch {
    throw new Error('this browser cannot read that picture');
  }
  try {
    const canvas = document.createElement('canvas');
    let type = 'image/webp';
    for (const t of tries(bitmap.width, bitmap.height)) {
      if (canvas.width !== t.width || canvas.height !== t.height) draw(canvas, bitmap, t);
      let blob = await encode(canvas, type, t.quality);
      if (blob?.type !== type) {
        type = 'image/jpeg'; // this browser writes no WebP
        blob = await encode(canvas, type, t.quality);
      }
      if (!blob || blob.type !== type) break;
      if (blob.size > most) continue;
      const data = strip(new Uint8Array(await blob.arrayBuffer()));
      return { data, type, width: t.width, height: t.height };
    }
  } finally {
    bitmap.close();
  }
  throw new Error('this browser cannot make that picture small enough');
}

function draw(canvas: HTMLCanvasElement, bitmap: ImageBitmap, t: Try): void {
  canvas.width = t.width;
  canvas.height = t.height;
  const c = canvas.getContext('2d');
  if (!c) throw new Error('this browser has no room to draw the picture');
  c.fillStyle = '#fff'; // behind what is transparent
  c.fillRect(0, 0, t.width, t.height);
  c.imageSmoothingQuality = 'high';
  c.drawImage(bitmap, 0, 0, t.width, t.height);
}
