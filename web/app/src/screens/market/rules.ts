// What a market declares about the deals that it proposes, with what holds where
// it says nothing (spec/market.md, "Deals").

import type { Deals } from '../../lib/api/client';

export const usualGoals = ['items', 'people', 'cost'];

/** goalsOf are a market's goals, the most important first. */
export function goalsOf(d: Deals): string[] {
  return d.goals?.length ? d.goals : usualGoals;
}

/** caps are the most things of one ring, and of a chain from a gift. */
export function caps(d: Deals): { ring: number; chain: number } {
  const ring = d.maxRing || 4;
  return { ring, chain: d.maxChain || ring - 1 };
}

/** nextRound is when the next round of a market with rounds is. */
export function nextRound(d: Deals, now: number): number {
  const every = d.every || 1;
  const since = (((now - (d.first ?? 0)) % every) + every) % every;
  return now - since + every;
}

/** The orders of goals that can be chosen in the app, by what comes first. */
export const orders: Record<string, string[]> = {
  things: usualGoals,
  people: ['people', 'items', 'cost'],
  likely: ['expected', 'items', 'people', 'cost'],
  wishes: ['cost', 'items', 'people'],
};

/** orderOf is the name of a market's order of goals; "kept" for another one. */
export function orderOf(d: Deals): string {
  const goals = goalsOf(d).join();
  return Object.keys(orders).find((k) => orders[k]!.join() === goals) ?? 'kept';
}
