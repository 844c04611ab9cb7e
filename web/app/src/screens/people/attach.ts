// Files on their way into a letter, and out of one.

import { call, fromBytes, SXPError, toBytes, type File as Attached, type FileView } from '../../lib/api/client';
import { save } from '../../lib/files';

/** The types of pictures that are shown as pictures: pixels, no documents with scripts or links. */
const pictures = ['image/jpeg', 'image/png', 'image/webp', 'image/gif', 'image/avif'];

/** isPicture reports whether a file is shown as a picture. */
export function isPicture(f: { type?: string }): boolean {
  return pictures.includes(f.type ?? '');
}

/**
 * pack reads a file for a letter, at most room bytes. A picture is drawn anew,
 * smaller if need be: what the camera wrote beside it, such as the place, does
 * not go along. One that this browser cannot read fails where a photo was
 * meant; else it goes as it is, like all other files.
 */
export async function pack(file: File, room: number, photo: boolean): Promise<Attached> {
  const name = nameOf(file.name);
  if (file.type.startsWith('image/') && file.type !== 'image/gif' && file.type !== 'image/svg+xml') {
    try {
      const { preparePhoto } = await import('../market/photo'); // with its folder, only where it is needed
      const made = await preparePhoto(file);
      if (made.data.length > room) throw new SXPError('toolarge', file.name);
      return { name: name.replace(/\.[^.]+$/, '') + '.' + made.type.replace('image/', '').replace('jpeg', 'jpg'), type: made.type, data: fromBytes(made.data) };
    } catch (err) {
      if (photo || err instanceof SXPError) throw err;
    }
  }
  if (file.size > room) throw new SXPError('toolarge', file.name);
  const type = /^[!-~]{1,127}$/.test(file.type) ? file.type : undefined;
  return { name, type, data: fromBytes(new Uint8Array(await file.arrayBuffer())) };
}

/** nameOf is a file's name without folders and control characters. */
export function nameOf(name: string): string {
  const last = name.split(/[/\\]/).pop() ?? '';
  const clean = last.replace(/[\u0000-\u001f\u007f]/g, '').trim();
  return /[^.]/.test(clean) ? [...clean].slice(-60).join('') : 'file';
}

/** picture fetches an attached picture; the caller revokes the address. */
export async function picture(message: string, index: number, file: FileView): Promise<string> {
  const f = await call('inbox.file', { message, file: index + 1 });
  return URL.createObjectURL(new Blob([toBytes(f.data)], { type: file.type }));
}

/** download saves an attached file. */
export async function download(message: string, index: number): Promise<void> {
  const f = await call('inbox.file', { message, file: index + 1 });
  save(f.name, toBytes(f.data));
}
