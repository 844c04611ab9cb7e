// What this browser remembers of a person beside the agent: whether the 24
// words were checked, and which hints were put away. Only hints hang on it.

import { store, stored, storedKeys } from './storage';

const checkedKey = (id: string) => `sxp.words.${id}`;
const awayKey = (id: string, hint: string) => `sxp.hint.${id}.${hint}`;

let turn = $state(0);
const kept = new Map<string, string>(); // where storage is refused, until the page is closed

function has(key: string): boolean {
  void turn;
  return kept.has(key) || typeof stored(key) === 'string';
}

function set(key: string): void {
  kept.set(key, '1');
  store(key, '1');
  turn++;
}

/** wordsChecked reports whether a person has shown that the words are written down. */
export const wordsChecked = (id: string): boolean => has(checkedKey(id));

/** markWordsChecked notes it. */
export const markWordsChecked = (id: string): void => set(checkedKey(id));

/** isAway reports whether a hint was put away. */
export const isAway = (id: string, hint: string): boolean => has(awayKey(id, hint));

/** putAway takes a hint from the screen for good. */
export const putAway = (id: string, hint: string): void => set(awayKey(id, hint));

/** forgetPerson removes all that this browser remembers here. */
export function forgetPerson(): void {
  kept.clear();
  for (const key of storedKeys('sxp.words.', 'sxp.hint.')) store(key, null);
  turn++;
}
