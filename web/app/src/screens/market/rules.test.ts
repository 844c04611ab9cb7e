import { expect, test } from 'vitest';

import { caps, goalsOf, nextRound, orderOf, orders } from './rules';

test('what a market does not say is as the protocol has it', () => {
  expect(goalsOf({})).toEqual(['items', 'people', 'cost']);
  expect(caps({})).toEqual({ ring: 4, chain: 3 });
  expect(caps({ maxRing: 6, maxChain: 2 })).toEqual({ ring: 6, chain: 2 });
});

test('rounds are at the first one plus multiples, before it too', () => {
  const d = { every: 100, first: 30 };
  expect([nextRound(d, 29), nextRound(d, 30), nextRound(d, 129), nextRound(d, 131), nextRound({ every: 100, first: 1030 }, 5)]).toEqual([30, 130, 130, 230, 30]);
});

test('an order of goals has a name, or is kept as it is', () => {
  for (const [name, goals] of Object.entries(orders)) expect(orderOf({ goals })).toBe(name);
  expect(orderOf({})).toBe('things');
  expect(orderOf({ goals: ['cost'] })).toBe('kept');
});
