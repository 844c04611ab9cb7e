// Lengths of time in milliseconds, as the agent counts them.

export const second = 1000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;

/** sameDay reports whether two moments are on one day of the reader's clock. */
export function sameDay(a: number, b: number): boolean {
  return new Date(a).toDateString() === new Date(b).toDateString();
}
