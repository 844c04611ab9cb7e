import { expect, test, vi } from 'vitest';

vi.mock('./i18n.svelte', () => ({ locale: () => 'en' }));

import { ago, at, bytes, day, distance, list, number, percent, span } from './format';

const plain = (s: string) => s.replace(/[\u00a0\u202f]/g, ' ');

test('how far a time is says the largest unit that fits', () => {
  const now = Date.UTC(2026, 0, 10, 12);
  expect(ago(now - 2 * 86_400_000, now)).toBe('2 days ago');
  expect(ago(now + 3 * 3_600_000, now)).toBe('in 3 hours');
  expect(ago(now - 90_000, now)).toBe('1 minute ago');
  expect(ago(now + 110_000, now)).toBe('in 1 minute'); // not two: a deadline is never later than that
  expect(ago(now, now)).toBe('now');
  expect(ago(now - 400, now)).toBe('now');
});

test('sizes are written in units of a thousand', () => {
  expect(plain(bytes(999))).toBe('999 bytes');
  expect(plain(bytes(1500))).toBe('1.5 kB');
  expect(plain(bytes(14_600_000))).toBe('14.6 MB');
  expect(plain(bytes(5e12))).toBe('5,000 GB');
});

test('a small share keeps a digit that counts', () => {
  expect(percent(0.5)).toBe('50%');
  expect(percent(0.000012)).toBe('0.001%');
  expect(percent(0)).toBe('0%');
});

test('numbers, distances, days and lists are the language\'s', () => {
  expect(number(12345)).toBe('12,345');
  expect(plain(distance(3.25))).toBe('3.3 km');
  expect(plain(distance(120))).toBe('120 km');
  expect(day(Date.UTC(2026, 0, 10, 12))).toBe('Jan 10, 2026');
  expect(list(['Ana', 'Bo', 'Cy'])).toBe('Ana, Bo, and Cy');
});

test('a moment of today is a time, another has its day', () => {
  const noon = new Date(2026, 0, 10, 12).getTime();
  expect(plain(at(noon + 3_600_000, noon))).toBe('1:00 PM');
  expect(plain(at(noon + 86_400_000, noon))).toBe('Jan 11, 2026, 12:00 PM');
});

test.each([
  [595_900, '9 min, 55 sec'],
  [600_000, '10 min'],
  [59_000, '59 sec'],
  [0, '0 sec'],
  [-5, '0 sec'],
  [3_600_000 * 26, '1 day, 2 hr'],
  [86_400_000 * 14, '14 days'],
])('a length of %i ms is %s', (ms, text) => expect(span(ms)).toBe(text));
