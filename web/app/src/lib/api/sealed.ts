// The root of an open person under an AES-GCM key that no script can read out:
// for another tab that has to take over and, if the person wants it, on disk,
// so that this device stays unlocked.

import type { Sealed } from './messages';

/** seal seals and clears the root. */
export async function seal(root: Uint8Array<ArrayBuffer>): Promise<Sealed> {
  const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const data = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, root);
  root.fill(0);
  return { key, iv, data };
}

/** unseal returns the root; whoever takes it clears it. */
export async function unseal(s: Sealed): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv: s.iv }, s.key, s.data));
}

const database = 'sxp-device';
const store = 'sealed';

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const r = indexedDB.open(database, 1);
    r.onupgradeneeded = () => r.result.createObjectStore(store);
    r.onsuccess = () => resolve(r.result);
    r.onerror = () => reject(r.error ?? new Error('the storage cannot be opened'));
  });
}

async function run<T>(mode: IDBTransactionMode, f: (s: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const db = await open();
  try {
    return await new Promise<T>((resolve, reject) => {
      const t = db.transaction(store, mode, { durability: 'strict' });
      const r = f(t.objectStore(store));
      t.oncomplete = () => resolve(r.result);
      t.onabort = () => reject(t.error ?? new Error('the change was not stored'));
    });
  } finally {
    db.close();
  }
}

/** remember keeps what was sealed on disk. */
export async function remember(s: Sealed): Promise<void> {
  await run('readwrite', (o) => o.put(s, 'root'));
}

/** forget removes it. */
export async function forget(): Promise<void> {
  await run('readwrite', (o) => o.clear());
}

/** remembered returns what is on disk; null where there is nothing, or no disk. */
export async function remembered(): Promise<Sealed | null> {
  try {
    return ((await run('readonly', (o) => o.get('root'))) as Sealed | undefined) ?? null;
  } catch {
    return null; // the agent says what is wrong with the storage
  }
}
