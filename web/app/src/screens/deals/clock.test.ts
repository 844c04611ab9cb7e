import { expect, it, vi } from 'vitest';

import { span } from './clock.svelte';

vi.mock('../../lib/i18n.svelte', () => ({ language: () => 'en', locale: () => 'en' }));

it.each([
  [595_900, '9 min, 55 sec'],
  [600_000, '10 min'],
  [59_000, '59 sec'],
  [0, '0 sec'],
  [-5, '0 sec'],
  [3_600_000 * 26, '1 day, 2 hr'],
  [86_400_000 * 14, '14 days'],
])('writes %i ms as %s', (ms, text) => {
  expect(span(ms)).toBe(text);
});
