import { expect, test, vi } from 'vitest';

vi.mock('../../lib/i18n.svelte', () => ({ t: (k: string) => k }));

import { declinedIn } from './states';

test('what somebody wrote who declined is taken out of what the agent says', () => {
  expect(declinedIn('Gina declined (answered with proposal dd442ff2: The clay (mine) cost 7.); nothing binds you')).toEqual({ text: 'The clay (mine) cost 7.', answered: true });
  expect(declinedIn('Gina declined (answered with proposal dd442ff2); nothing binds you')).toEqual({ text: '', answered: true });
  expect(declinedIn('Gina declined (too far away); nothing binds you')).toEqual({ text: 'too far away', answered: false });
  expect(declinedIn('Gina declined; nothing binds you')).toEqual({ text: '', answered: false });
  expect(declinedIn('not all accepted in time')).toBeUndefined();
  expect(declinedIn(undefined)).toBeUndefined();
});
