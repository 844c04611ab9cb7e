// What this browser remembers of a person beside the agent: whether the 24
// words were checked, and which hints were put away. Only hints hang on it.

const checkedKey = (id: string) => `sxp.words.${id}`;
const awayKey = (id: string, hint: string) => `sxp.hint.${id}.${hint}`;

let turn = $state(0);
const kept = new Map<string, string>(); // where storage is refused, until the page is closed

function has(key: string): boolean {
  void turn;
  try {
    return localStorage.getItem(key) !== null || kept.has(key);
  } catch {
    return kept.has(key);
  }
}

function set(key: string): void {
  kept.set(key, '1');
  try {
    localStorage.setItem(key, '1');
  } catch {
    // Storage refused: asked again at the next start.
  }
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

/** forgetPerson removes all that this browser remembers here, and drafts. */
export function forgetPerson(): void {
  kept.clear();
  try {
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith('sxp.words.') || key.startsWith('sxp.hint.')) localStorage.removeItem(key);
    }
    sessionStorage.clear();
  } catch {
    // Storage refused: nothing was kept.
  }
  turn++;
}
