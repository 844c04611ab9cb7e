import { expect, test, vi } from 'vitest';

vi.mock('../../lib/i18n.svelte', () => ({ t: (k: string) => k }));

import type { TransferView } from '../../lib/api/client';

import { declinedIn, unusualIn } from './states';

test('what somebody wrote who declined is taken out of what the agent says', () => {
  expect(declinedIn('Gina declined (answered with proposal dd442ff2: The clay (mine) cost 7.); nothing binds you')).toEqual({ text: 'The clay (mine) cost 7.', answered: true });
  expect(declinedIn('Gina declined (answered with proposal dd442ff2); nothing binds you')).toEqual({ text: '', answered: true });
  expect(declinedIn('Gina declined (too far away); nothing binds you')).toEqual({ text: 'too far away', answered: false });
  expect(declinedIn('Gina declined; nothing binds you')).toEqual({ text: '', answered: false });
  expect(declinedIn('not all accepted in time')).toBeUndefined();
  expect(declinedIn(undefined)).toBeUndefined();
});

test('who gets nothing, what rests on another contract, and what is sealed is not overlooked', () => {
  const move = (x: Partial<TransferView>) => x as TransferView;
  const source = { contract: 'ab', transfer: 1 };
  expect(unusualIn({ transfers: [move({ mineFrom: true }), move({ mineTo: true })] })).toEqual([]);
  expect(unusualIn({ transfers: [move({ mineTo: true }), move({})] })).toEqual([]);
  expect(unusualIn({ transfers: [move({ mineFrom: true }), move({})] })).toEqual(['gift']);
  expect(unusualIn({ transfers: [move({ mineFrom: true, source }), move({ mineTo: true })] })).toEqual([]);
  expect(unusualIn({ transfers: [move({ mineFrom: true }), move({ mineTo: true, source })] })).toEqual(['source']);
  expect(unusualIn({ transfers: [move({ mineFrom: true }), move({ mineTo: true, secret: true })] })).toEqual(['secret']);
  expect(unusualIn({ transfers: [move({ mineFrom: true, secret: true }), move({ mineTo: true })] })).toEqual([]);
});
