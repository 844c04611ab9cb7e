// Whether somebody is on this device: what the agent says, and until it has
// come up what it is likely to say, so that the page need not wait for it. A
// wrong guess is put right within the second; nothing else hangs on it.

import { session } from './api/client';
import { store, stored } from './storage';

const key = 'sxp.here';

type State = typeof session.state;

function guess(): State {
  const here = stored(key);
  if (here === 'open') return 'open';
  return here === null ? 'new' : 'starting';
}

let last = $state<State>(guess());

export const presence = {
  /** state is session.state; while the agent comes up, what was before or is likely. */
  get state(): State {
    return session.state === 'starting' ? last : session.state;
  },
};

let wasOpen = false; // somebody was, in this tab

/** forgetDrafts clears what was typed in this tab, wherever the person was locked or erased: perhaps in another tab. */
function forgetDrafts(now: State): void {
  const gone = now === 'new' || (now === 'locked' && wasOpen);
  wasOpen = now === 'open';
  if (!gone) return;
  try {
    sessionStorage.clear();
  } catch {
    // Storage refused: nothing was kept.
  }
}

/** notePresence keeps what the agent says; App calls it in an effect. */
export function notePresence(): void {
  const now = session.state;
  if (now === 'starting' || now === 'failed') return;
  last = now;
  forgetDrafts(now);
  store(key, now === 'new' ? null : now === 'open' && session.remembered ? 'open' : 'locked');
}
