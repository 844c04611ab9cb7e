// Unlocking with a passkey: the ceremony between the person, the browser and
// the passkey (WebAuthn level 3, extension "prf"). What comes out of it is a
// secret of this passkey and this app alone; the agent seals the person's root
// under it. No server takes part.

import { fromBytes, SXPError, toBytes } from './api/client';
import { t } from './i18n.svelte';

const salt = new TextEncoder().encode('sxp passkey/1');

/** A Passkey is its public id and the secret that it gave, both as the agent's JSON writes bytes. */
export type Passkey = { credential: string; prf: string };

/** passkeysWork reports whether this browser can try it. Whether the passkey itself can, only the ceremony shows. */
export async function passkeysWork(): Promise<boolean> {
  if (!window.isSecureContext || typeof PublicKeyCredential === 'undefined') return false;
  if (/^[\d.]+$|:/.test(location.hostname)) return false; // passkeys belong to names, not to numbers
  const ask = (PublicKeyCredential as unknown as { getClientCapabilities?: () => Promise<Record<string, boolean>> }).getClientCapabilities;
  if (!ask) return true;
  try {
    return (await ask.call(PublicKeyCredential))['extension:prf'] !== false;
  } catch {
    return true; // it cannot say: the ceremony will
  }
}

/** createPasskey makes a passkey for this app and takes its secret. */
export async function createPasskey(label: string): Promise<Passkey> {
  const made = await ceremony(() =>
    navigator.credentials.create({
      publicKey: {
        rp: { name: 'SXP' },
        user: { id: random(16), name: label, displayName: label },
        challenge: random(32),
        pubKeyCredParams: [-7, -8, -257].map((alg) => ({ type: 'public-key', alg })),
        authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
        extensions: { prf: { eval: { first: salt } } },
      },
    }),
  );
  const credential = fromBytes(new Uint8Array(made.rawId));
  const out = made.getClientExtensionResults().prf;
  if (out?.results?.first) return { credential, prf: bytes(out.results.first) };
  if (out?.enabled) return { credential, prf: await usePasskey(credential) }; // some give it only when used
  throw new SXPError('unsupported', t('settings.passkey.noPRF'));
}

/** usePasskey asks a passkey for its secret. */
export async function usePasskey(credential: string): Promise<string> {
  const got = await ceremony(() =>
    navigator.credentials.get({
      publicKey: {
        challenge: random(32),
        allowCredentials: [{ type: 'public-key', id: toBytes(credential) }],
        userVerification: 'required',
        extensions: { prf: { eval: { first: salt } } },
      },
    }),
  );
  const first = got.getClientExtensionResults().prf?.results?.first;
  if (!first) throw new SXPError('unsupported', t('settings.passkey.noPRF'));
  return bytes(first);
}

async function ceremony(run: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  try {
    const c = await run();
    if (c instanceof PublicKeyCredential) return c;
  } catch (err) {
    const name = err instanceof DOMException ? err.name : '';
    if (name === 'SecurityError' || name === 'NotSupportedError') throw new SXPError('unsupported', t('settings.passkey.notHere'));
    if (name !== 'NotAllowedError' && name !== 'AbortError') throw new SXPError('internal', String(err));
  }
  throw new SXPError('denied', t('settings.passkey.cancelled'));
}

function random(n: number): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(n));
}

function bytes(b: BufferSource): string {
  return fromBytes(b instanceof ArrayBuffer ? new Uint8Array(b) : new Uint8Array(b.buffer, b.byteOffset, b.byteLength));
}
