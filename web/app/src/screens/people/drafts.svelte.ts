// What was typed and not sent, kept in this tab until it is sent, closed, or
// the person locks the app: it is the only text of theirs outside the vault.

import { session } from '../../lib/api/client';

const prefix = 'sxp.draft.';

/** draft returns what was typed for a conversation. */
export function draft(thread: string): string {
  try {
    return sessionStorage.getItem(prefix + thread) ?? '';
  } catch {
    return ''; // storage refused
  }
}

/** keepDraft keeps it; an empty text forgets it. */
export function keepDraft(thread: string, text: string): void {
  try {
    if (text) sessionStorage.setItem(prefix + thread, text);
    else sessionStorage.removeItem(prefix + thread);
  } catch {
    // Storage refused or full: it lives as long as the screen.
  }
}

function forget(): void {
  try {
    for (const key of Object.keys(sessionStorage)) if (key.startsWith(prefix)) sessionStorage.removeItem(key);
  } catch {
    // Nothing was kept.
  }
}

$effect.root(() => {
  $effect(() => {
    if (session.state === 'locked' || session.state === 'new') forget();
  });
});
