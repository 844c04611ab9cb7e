// Days as a conversation shows them.

import { day, hour } from '../../lib/format';
import { locale } from '../../lib/i18n.svelte';
import { sameDay } from '../../lib/time';

/** dayTitle heads the messages of a day: "today", "yesterday", a weekday, a date. */
export function dayTitle(ms: number, now = Date.now()): string {
  for (const back of [0, 1]) {
    const then = new Date(now);
    then.setDate(then.getDate() - back);
    if (!sameDay(then.getTime(), ms)) continue;
    const words = new Intl.RelativeTimeFormat(locale(), { numeric: 'auto' }).format(-back, 'day');
    return words.charAt(0).toLocaleUpperCase(locale()) + words.slice(1);
  }
  const sameYear = new Date(ms).getFullYear() === new Date(now).getFullYear();
  return new Intl.DateTimeFormat(locale(), { weekday: 'long', day: 'numeric', month: 'long', ...(sameYear ? {} : { year: 'numeric' }) }).format(ms);
}

/** when is the time in a list: the hour today, the date before. */
export function when(ms: number, now = Date.now()): string {
  return sameDay(ms, now) ? hour(ms) : day(ms);
}
