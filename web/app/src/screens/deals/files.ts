// Files to and from the device.

import { toBytes } from '../../lib/api/client';

/** save hands a file to the device's downloads. */
export function save(name: string, data: string): void {
  const url = URL.createObjectURL(new Blob([toBytes(data)], { type: 'application/octet-stream' }));
  const a = document.createElement('a');
  a.href = url;
  a.download = name;
  document.body.append(a);
  a.click();
  a.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // downloads may start late
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

/** shareFile hands a file to other programs; that the person changes their mind is no error. */
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
