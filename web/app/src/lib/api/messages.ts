// What the page and the worker say to each other, and the tabs to each other.

import type { Kind } from './ops.gen';

/** A Problem is why a call failed. Moved: the tab that did the work went; what only reads may be asked again. */
export type Problem = { kind: Kind; text: string; moved?: boolean };

/** SessionView is what the page shows of the agent as a whole. */
export type SessionView = {
  state: 'starting' | 'new' | 'locked' | 'open' | 'failed'; // new: no person here yet
  progress: number; // 0..1 of starting
  version: number; // grows whenever the agent's durable state changed
  leader: boolean; // this tab runs the agent; others pass their calls on
  label: string; // of the person that is here
  remembered: boolean; // stays unlocked on this device
  passkey: string; // credential id of the passkey that unlocks; empty: none
  error?: Problem | undefined;
};

export type ToWorker = { id: number; op: string; in: string } | { start: { base: string; near: boolean } };

export type FromWorker =
  | { session: Partial<SessionView> }
  | { restart: true } // another tab has taken over: this worker ends
  | { id: number; out?: string; error?: Problem };

/** Sealed is a root under a key that no script can read. */
export type Sealed = { key: CryptoKey; iv: Uint8Array<ArrayBuffer>; data: ArrayBuffer };

/** TabMessage is what the tabs of one browser tell each other. */
export type TabMessage =
  | { hello: string } // a tab came: who leads says how things are
  | { session: Partial<SessionView>; sealed: Sealed | null; leader: string }
  | { to: string; from: string; id: number; op: string; in: string }
  | { to: string; id: number; out?: string; error?: Problem }
  | { ping: string; from: string }
  | { pong: string };
