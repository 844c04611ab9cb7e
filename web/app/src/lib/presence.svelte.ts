// Whether somebody is on this device: what the agent says, and until it has
// come up what it is likely to say, so that the page need not wait for it. A
// wrong guess is put right within the second; nothing else hangs on it.

import { session } from './api/client';

const key = 'sxp.here';

type State = typeof session.state;

function guess(): State {
  try {
    const here = localStorage.getItem(key);
    if (here === 'open') return 'open';
    return here === null ? 'new' : 'starting';
  } catch {
    return 'starting'; // storage refused
  }
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
  if (gone) sessionStorage.clear();
}

/** notePresence keeps what the agent says; App calls it in an effect. */
export function notePresence(): void {
  const now = session.state;
  if (now === 'starting' || now === 'failed') return;
  last = now;
  try {
    forgetDrafts(now);
    if (now === 'new') localStorage.removeItem(key);
    else localStorage.setItem(key, now === 'open' && session.remembered ? 'open' : 'locked');
  } catch {
    // Storage refused: the page waits for the agent each time.
  }
}
