// Numbers, times and distances as the reader's language writes them.

import { locale } from './i18n.svelte';
import * as time from './time';

// Arabic has only digits where other languages have the name of the month.
const dated = (): 'long' | 'medium' => (locale().startsWith('ar') ? 'long' : 'medium');

/** day is a date without a time. */
export function day(ms: number): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: dated() }).format(ms);
}

/** moment is a date with a time. */
export function moment(ms: number): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: dated(), timeStyle: 'short' }).format(ms);
}

/** hour is a time of day to the minute. */
export function hour(ms: number): string {
  return new Intl.DateTimeFormat(locale(), { timeStyle: 'short' }).format(ms);
}

/** at is a moment that is near: only the time if it is today. */
export function at(ms: number, now = Date.now()): string {
  return time.sameDay(ms, now) ? hour(ms) : moment(ms);
}

/** clock is a time of today to the second. */
export function clock(ms: number): string {
  return new Intl.DateTimeFormat(locale(), { timeStyle: 'medium' }).format(ms);
}

const steps: ['day' | 'hour' | 'minute' | 'second', number][] = [
  ['day', time.day],
  ['hour', time.hour],
  ['minute', time.minute],
  ['second', time.second],
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

/** span writes a length of time by its two largest units: "9 min, 55 sec". */
export function span(ms: number): string {
  let left = Math.max(0, Math.floor(ms / time.second) * time.second);
  const first = steps.findIndex(([, size]) => left >= size);
  const parts: string[] = [];
  for (const [unit, size] of steps.slice(first < 0 ? -1 : first, first < 0 ? undefined : first + 2)) {
    const n = Math.floor(left / size);
    left -= n * size;
    if (n || !parts.length) parts.push(new Intl.NumberFormat(locale(), { style: 'unit', unit, unitDisplay: 'short' }).format(n));
  }
  return new Intl.ListFormat(locale(), { type: 'unit', style: 'short' }).format(parts);
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
