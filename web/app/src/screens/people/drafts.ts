// What was typed and not sent, kept in this tab until it is sent, the tab is
// closed, or the person locks the app (lib/presence.svelte.ts).

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
