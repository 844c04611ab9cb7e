// Editing of words that are typed: the agent says which are wrong, this only
// puts another in their place.

// A word as the agent counts them: letters, whatever numbers and dots are around.
const word = /[\p{L}]+/gu;

/** lastUnfinished reports whether the cursor is still in the last word. */
export function lastUnfinished(text: string): boolean {
  return /\p{L}$/u.test(text);
}

/** replaceLast puts a word in place of the last one, ready for the next. */
export function replaceLast(text: string, w: string): string {
  return text.replace(/\p{L}+$/u, w + ' ');
}

/** replaceWord puts a word in place of the nth, counted from 1. */
export function replaceWord(text: string, n: number, w: string): string {
  let i = 0;
  return text.replace(word, (old) => (++i === n ? w : old));
}
