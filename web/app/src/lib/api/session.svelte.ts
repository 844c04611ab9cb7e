// What the page knows of the agent as a whole, reactive.

import type { SXPError } from './client';
import type { SessionView } from './messages';

export type Session = Omit<SessionView, 'error'> & { error: SXPError | undefined };

export const session: Session = $state({
  state: 'starting',
  progress: 0,
  version: 0,
  leader: false,
  label: '',
  remembered: false,
  passkey: '',
  error: undefined,
});

/** update is for client.ts: what the worker says. */
export function update(now: Partial<Session>): void {
  Object.assign(session, now);
}
