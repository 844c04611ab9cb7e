// The time as it passes, for what a screen counts down to.

import { locale } from '../../lib/i18n.svelte';

/** passing gives the time of now, renewed while the component lives. */
export function passing(every = 1000): { readonly now: number } {
  let now = $state(Date.now());
  $effect(() => {
    const timer = setInterval(() => (now = Date.now()), every);
    return () => clearInterval(timer);
  });
  return {
    get now() {
      return now;
    },
  };
}

const units: [string, number][] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
];

/** span writes a length of time by its two largest units: "9 min, 55 sec". */
export function span(ms: number): string {
  let left = Math.max(0, Math.floor(ms / 1000) * 1000);
  const first = units.findIndex(([, size]) => left >= size);
  const parts: string[] = [];
  for (const [unit, size] of units.slice(first < 0 ? -1 : first, first < 0 ? undefined : first + 2)) {
    const n = Math.floor(left / size);
    left -= n * size;
    if (n || !parts.length) parts.push(new Intl.NumberFormat(locale(), { style: 'unit', unit, unitDisplay: 'short' }).format(n));
  }
  return new Intl.ListFormat(locale(), { type: 'unit', style: 'short' }).format(parts);
}
