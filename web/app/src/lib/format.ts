// Numbers, times and distances as the reader's language writes them.

import { locale } from './i18n.svelte';

/** day is a date without a time. */
export function day(ms: number): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: 'medium' }).format(ms);
}

/** moment is a date with a time. */
export function moment(ms: number): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: 'medium', timeStyle: 'short' }).format(ms);
}

/** at is a moment that is near: only the time if it is today. */
export function at(ms: number, now = Date.now()): string {
  const today = new Date(ms).toDateString() === new Date(now).toDateString();
  return today ? new Intl.DateTimeFormat(locale(), { timeStyle: 'short' }).format(ms) : moment(ms);
}

/** clock is a time of today to the second. */
export function clock(ms: number): string {
  return new Intl.DateTimeFormat(locale(), { timeStyle: 'medium' }).format(ms);
}

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
];

/** ago says how far a time is from now: "in 3 hours", "2 days ago". It never says more than there is. */
export function ago(ms: number, now = Date.now()): string {
  const f = new Intl.RelativeTimeFormat(locale(), { numeric: 'auto' });
  const d = ms - now;
  for (const [unit, size] of steps) {
    if (Math.abs(d) >= size || unit === 'second') return f.format(Math.trunc(d / size) + 0, unit); // + 0: no "-0 seconds"
  }
  return '';
}

/** number writes a count. */
export function number(n: number): string {
  return new Intl.NumberFormat(locale()).format(n);
}

/** percent writes a share, 0 to 1; small ones keep one digit that counts. */
export function percent(share: number): string {
  const digits = share > 0 && share < 0.01 ? { maximumSignificantDigits: 1 } : { maximumFractionDigits: 0 };
  return new Intl.NumberFormat(locale(), { style: 'percent', ...digits }).format(share);
}

/** bytes writes a size. */
export function bytes(n: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'];
  let i = 0;
  while (n >= 1000 && i < units.length - 1) {
    n /= 1000;
    i++;
  }
  return new Intl.NumberFormat(locale(), { style: 'unit', unit: units[i], unitDisplay: i ? 'short' : 'long', maximumFractionDigits: i ? 1 : 0 }).format(n);
}

/** distance writes kilometres. */
export function distance(km: number): string {
  return new Intl.NumberFormat(locale(), { style: 'unit', unit: 'kilometer', unitDisplay: 'short', maximumFractionDigits: km < 10 ? 1 : 0 }).format(km);
}

/** list joins names: "Ana, Bo and Cy". */
export function list(names: string[]): string {
  return new Intl.ListFormat(locale(), { type: 'conjunction' }).format(names);
}
