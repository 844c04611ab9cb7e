// Times as a conversation shows them.

import { locale } from '../../lib/i18n.svelte';
import { day } from '../../lib/format';
import { dayOf } from './talk';

/** hour is a time of day to the minute. */
export function hour(ms: number): string {
  return new Intl.DateTimeFormat(locale(), { timeStyle: 'short' }).format(ms);
}

/** dayTitle heads the messages of a day: "today", "yesterday", a weekday, a date. */
export function dayTitle(ms: number, now = Date.now()): string {
  for (const back of [0, 1]) {
    const then = new Date(now);
    then.setDate(then.getDate() - back);
    if (dayOf(then.getTime()) !== dayOf(ms)) continue;
    const words = new Intl.RelativeTimeFormat(locale(), { numeric: 'auto' }).format(-back, 'day');
    return words.charAt(0).toLocaleUpperCase(locale()) + words.slice(1);
  }
  const sameYear = new Date(ms).getFullYear() === new Date(now).getFullYear();
  return new Intl.DateTimeFormat(locale(), { weekday: 'long', day: 'numeric', month: 'long', ...(sameYear ? {} : { year: 'numeric' }) }).format(ms);
}

/** when is the time in a list: the hour today, the date before. */
export function when(ms: number, now = Date.now()): string {
  return dayOf(ms) === dayOf(now) ? hour(ms) : day(ms);
}

/** span writes how long something lasts: "30 days", "12 hours". */
export function span(ms: number): string {
  const days = ms / 86_400_000;
  const [value, unit] = days >= 1 ? [days, 'day'] : ms >= 3_600_000 ? [ms / 3_600_000, 'hour'] : [ms / 60_000, 'minute'];
  return new Intl.NumberFormat(locale(), { style: 'unit', unit: unit as string, unitDisplay: 'long', maximumFractionDigits: 1 }).format(value as number);
}
