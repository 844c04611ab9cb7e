// Who sits where in the picture of a deal, and what goes between them.

import type { Group, Thing } from './ring-parts';

/** arrange orders people around the curve, the reader first, so that as much as possible goes to the next. */
export function arrange(people: number, me: number, things: Thing[]): number[] {
  if (people === 0) return [];
  const goes = new Set(things.map((x) => x.from * people + x.to));
  const others = [...Array(people).keys()].filter((i) => i !== me);
  if (others.length > 6) return chain(people, me, goes);
  let best: number[] = [];
  let most = -1;
  const walk = (order: number[], left: number[], score: number) => {
    if (!left.length) {
      const total = score + (goes.has(order[order.length - 1]! * people + me) ? 1 : 0);
      if (total > most) [most, best] = [total, order];
      return;
    }
    for (const i of left) walk([...order, i], left.filter((x) => x !== i), score + (goes.has(order[order.length - 1]! * people + i) ? 1 : 0));
  };
  walk([me], others, 0);
  return best;
}

// chain follows what is given from one to the next, for many people.
function chain(people: number, me: number, goes: Set<number>): number[] {
  const order = [me];
  const left = new Set([...Array(people).keys()].filter((i) => i !== me));
  while (left.size) {
    const last = order[order.length - 1]!;
    const next = [...left].find((i) => goes.has(last * people + i)) ?? [...left][0]!;
    order.push(next);
    left.delete(next);
  }
  return order;
}

/** groupsOf puts together what goes from one person to the same other one. */
export function groupsOf(things: Thing[]): Group[] {
  const groups: Group[] = [];
  things.forEach((x, i) => {
    if (x.from === x.to) return; // not said yet
    const g = groups.find((y) => y.from === x.from && y.to === x.to);
    if (g) {
      g.things.push(i);
      g.text += ', ' + x.text;
    } else groups.push({ from: x.from, to: x.to, things: [i], text: x.text, role: x.role ?? '' });
  });
  return groups;
}
