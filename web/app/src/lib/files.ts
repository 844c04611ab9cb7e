// Files to and from the device.

import { toBytes } from './api/client';
import { minute } from './time';

/** save hands a file to the device's downloads. The type says nothing, so that nothing is opened in place. */
export function save(name: string, data: Uint8Array<ArrayBuffer> | string): void {
  const url = URL.createObjectURL(new Blob([data], { type: 'application/octet-stream' }));
  const a = document.createElement('a');
  a.href = url;
  a.download = name;
  document.body.append(a);
  a.click();
  a.remove();
  setTimeout(() => URL.revokeObjectURL(url), minute); // downloads may start late
}

// asFile finds a form of a file that the device hands on: some only take
// endings that they know, and a contract file is text.
function asFile(name: string, data: string): File | undefined {
  if (typeof navigator.share !== 'function') return undefined;
  const forms = [new File([toBytes(data)], name, { type: 'text/plain' }), new File([toBytes(data)], name + '.txt', { type: 'text/plain' })];
  return forms.find((f) => navigator.canShare?.({ files: [f] }));
}

/** canShareFile reports whether the device can hand a file to other programs. */
export function canShareFile(): boolean {
  return asFile('swap.sxpc', '') !== undefined;
}

/** shareFile hands a file, in base64url, to other programs; that the person changes their mind is no error. */
export async function shareFile(name: string, data: string, title: string): Promise<void> {
  const file = asFile(name, data);
  if (!file) throw new Error('this device cannot share files');
  const given = async (f: File) => {
    try {
      await navigator.share({ files: [f], title });
    } catch (err) {
      if (err instanceof DOMException && err.name === 'AbortError') return;
      throw err;
    }
  };
  try {
    await given(file);
  } catch (err) {
    if (file.name.endsWith('.txt')) throw err;
    await given(new File([file], name + '.txt', { type: 'text/plain' }));
  }
}
