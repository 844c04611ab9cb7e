// The typed way to the agent, which runs in a worker. There are no rules of
// the product here: call asks, the answer or the error is the agent's.

import { lists, type Kind, type Ops } from './ops.gen';
import { session, update } from './session.svelte';
import type { FromWorker, ToWorker } from './messages';

export { session };
export type * from './ops.gen';

/** SXPError is why something was not done: kind is for programs, the text for people. */
export class SXPError extends Error {
  kind: Kind;
  /** moved: the tab that did the work went meanwhile; what only reads may be asked again. */
  moved: boolean;
  constructor(kind: Kind, text: string, moved = false) {
    super(text);
    this.name = 'SXPError';
    this.kind = kind;
    this.moved = moved;
  }
  /** What a person reads. */
  get text(): string {
    return this.message;
  }
}

type Waiting = { op: string; resolve: (out: unknown) => void; reject: (err: SXPError) => void };

let worker: Worker | undefined;
let next = 1;
const waiting = new Map<number, Waiting>();

/** call asks the worker for one operation. It fails with an SXPError only. */
export function call<K extends keyof Ops>(op: K, input: Ops[K]['in']): Promise<Ops[K]['out']> {
  return new Promise((resolve, reject) => {
    let to: Worker;
    try {
      to = start();
    } catch (err) {
      reject(err instanceof SXPError ? err : new SXPError('internal', String(err)));
      return;
    }
    const id = next++;
    waiting.set(id, { op, resolve: resolve as (out: unknown) => void, reject });
    post(to, { id, op, in: JSON.stringify(input) });
  });
}

/** start starts the worker; call does it too. */
export function start(): Worker {
  if (worker) return worker;
  const why = unable();
  if (why) {
    const error = new SXPError('unsupported', why);
    update({ state: 'failed', error });
    throw error;
  }
  worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'sxp' });
  worker.onmessage = (e: MessageEvent<FromWorker>) => take(e.data);
  worker.onerror = (e) => {
    fail(new SXPError('internal', `the app's worker cannot run: ${e.message || 'it could not be loaded'}`));
  };
  post(worker, { start: { base: new URL('.', document.baseURI).href, near: !!navigator.serviceWorker?.controller } });
  return worker;
}

function post(to: Worker, message: ToWorker): void {
  to.postMessage(message);
}

/** unable says why this browser cannot run the agent, in words for people. */
function unable(): string {
  if (typeof WebAssembly === 'undefined' || typeof Worker === 'undefined') return 'this browser has no WebAssembly: use a newer one';
  if (!isSecureContext) return 'the page was loaded without TLS: browsers give it neither keys nor storage. Open it by https, or on this machine by http://localhost';
  if (!navigator.locks || typeof BroadcastChannel === 'undefined' || typeof indexedDB === 'undefined') return 'this browser lacks locks or storage for web apps: use a newer one';
  return '';
}

let version = 0; // as the agent counts; another tab's agent counts anew

function take(m: FromWorker): void {
  if ('session' in m) {
    const { error, ...rest } = m.session;
    if (rest.version !== undefined) {
      const changed = rest.version !== version;
      version = rest.version;
      rest.version = session.version + (changed ? 1 : 0);
    }
    update('error' in m.session ? { ...rest, error: error && new SXPError(error.kind, error.text) } : rest);
    return;
  }
  if ('restart' in m) {
    restart();
    return;
  }
  const w = waiting.get(m.id);
  if (!w) return;
  waiting.delete(m.id);
  if (m.error) {
    w.reject(new SXPError(m.error.kind, m.error.text, m.error.moved));
    return;
  }
  try {
    w.resolve(withLists(w.op, JSON.parse(m.out ?? 'null')));
    if (w.op === 'host.create' || w.op === 'host.restore') void navigator.storage?.persist?.();
  } catch {
    w.reject(new SXPError('internal', `the answer to ${w.op} is not understood`));
  }
}

/** restart begins with a new worker. */
export function restart(): void {
  worker?.terminate();
  worker = undefined;
  drop(new SXPError('unavailable', 'another tab has taken over the work: see what was done, and repeat the rest', true));
  update({ state: 'starting', progress: 0, leader: false, error: undefined });
  start();
}

function fail(error: SXPError): void {
  update({ state: 'failed', error });
  drop(error);
}

function drop(error: SXPError): void {
  for (const w of waiting.values()) w.reject(error);
  waiting.clear();
}

/** withLists puts an empty list where Go wrote null for one. */
function withLists(op: string, out: unknown): unknown {
  for (const path of lists[op] ?? []) out = fill(out, path === '' ? [] : path.split('.'));
  return out;
}

function fill(v: unknown, path: string[]): unknown {
  if (path.length === 0) return v ?? [];
  if (v === null || typeof v !== 'object') return v;
  const [name, ...rest] = path as [string, ...string[]];
  const o = v as Record<string, unknown>;
  for (const key of name === '*' ? Object.keys(o) : [name]) {
    if (rest.length === 0 || o[key] != null) o[key] = fill(o[key], rest);
  }
  return v;
}

/** toBytes and fromBytes are how byte strings travel: base64url without padding. */
export function toBytes(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  const b = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) b[i] = binary.charCodeAt(i);
  return b;
}

export function fromBytes(b: Uint8Array): string {
  let binary = '';
  for (let i = 0; i < b.length; i += 0x8000) binary += String.fromCharCode(...b.subarray(i, i + 0x8000));
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
