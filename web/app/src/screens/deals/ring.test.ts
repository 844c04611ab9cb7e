import { describe, expect, it } from 'vitest';

import { layout, straight, thumb } from './ring';
import { arrange } from './ring-order';
import type { Layout, Mover, Thing } from './ring-parts';
import { overlap, type Box } from './shapes';

const names = ['You', 'alice', 'Maximiliane Freifrau von Hohenstein', 'bob', '陳大文', 'Ng', 'Étienne Dupont-Lajoie', 'charlie', 'ليلى', 'dora', 'erik', 'WWWWWWWWWWWWWW'];
const goods = ['3 h maths lessons', '20 l beer', '12 coins', 'A very long title of a thing that somebody has to give away, with two frames', 'bread', 'Fahrrad', 'MMMMMMMMMMMMMMMMMMMMMMMMMMMMMMM', '2 h guitar lessons', '自行車修理服務兩小時', 'cider', 'x', '8 tokens'];

function people(n: number): Mover[] {
  return Array.from({ length: n }, (_, i) => ({ id: 'sxp1' + i, name: names[i]!, me: i === 0 }));
}

function ring(n: number): Thing[] {
  return Array.from({ length: n }, (_, i) => ({ from: i, to: (i + 1) % n, text: goods[i]!, role: i === 0 ? 'I give' : i === n - 1 ? 'I get' : undefined }));
}

/** boxes lists what has to be readable, with what belongs together under one name. */
function boxes(l: Layout): { name: string; box: Box }[] {
  const out: { name: string; box: Box }[] = [];
  for (const s of l.seats) {
    out.push({ name: `person ${s.person}`, box: { x: s.x - s.r, y: s.y - s.r, w: 2 * s.r, h: 2 * s.r } });
    out.push({ name: `person ${s.person}`, box: s.name });
  }
  l.arrows.forEach((a, i) => {
    if (a.tile.r > 0) out.push({ name: `arrow ${i}`, box: { x: a.tile.x - a.tile.r, y: a.tile.y - a.tile.r, w: 2 * a.tile.r, h: 2 * a.tile.r } });
    if (a.label) out.push({ name: `arrow ${i}`, box: a.label });
  });
  return out;
}

function check(l: Layout): void {
  const all = boxes(l);
  for (const a of all) {
    expect(a.box.x, a.name).toBeGreaterThanOrEqual(0);
    expect(a.box.y, a.name).toBeGreaterThanOrEqual(0);
    expect(a.box.x + a.box.w, a.name).toBeLessThanOrEqual(l.width);
    expect(a.box.y + a.box.h, a.name).toBeLessThanOrEqual(l.height);
    for (const b of all) if (a.name < b.name) expect(overlap(a.box, b.box), `${a.name} covers ${b.name}`).toBe(false);
    if (l.centre) expect(overlap(a.box, l.centre), `${a.name} covers the middle`).toBe(false);
  }
}

describe.each([320, 360, 640, 900])('a ring at %i px', (width) => {
  it.each([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])('of %i people has its words apart and inside', (n) => {
    const l = layout(people(n), ring(n), width);
    check(l);
    expect(l.arrows.length).toBe(n);
    expect(l.arrows.every((a) => a.label)).toBe(true);
    expect(l.height).toBeLessThan(Math.max(520, n * 95));
  });

  it.each([2, 3, 5, 12])('of %i people has room for large text', (n) => {
    check(layout(people(n), ring(n), width, 1.5));
    check(layout(people(n), ring(n), width, 2));
  });
});

it('keeps the reader at the bottom and goes round clockwise', () => {
  const l = layout(people(4), ring(4), 360);
  const [me, left, top, right] = l.seats;
  expect(l.seats.map((s) => s.person)).toEqual([0, 1, 2, 3]);
  expect(me!.y).toBeGreaterThan(left!.y);
  expect(top!.y).toBeLessThan(left!.y);
  expect(left!.x).toBeLessThan(right!.x);
});

it('points each arrow at its taker', () => {
  for (const n of [2, 3, 7]) {
    const l = layout(people(n), ring(n), 360);
    for (const a of l.arrows) {
      const to = l.seats.find((s) => s.person === a.to)!;
      const angle = (a.head.angle * Math.PI) / 180;
      const dx = to.x - a.head.x;
      const dy = to.y - a.head.y;
      expect(Math.hypot(dx, dy)).toBeLessThan(to.r + 12);
      expect(dx * Math.cos(angle) + dy * Math.sin(angle)).toBeGreaterThan(0);
    }
  }
});

it('orders people so that things go to the next, whatever their order was', () => {
  expect(arrange(4, 2, [{ from: 2, to: 0, text: '' }, { from: 0, to: 3, text: '' }, { from: 3, to: 1, text: '' }, { from: 1, to: 2, text: '' }])).toEqual([2, 0, 3, 1]);
  const twelve = Array.from({ length: 12 }, (_, i) => ({ from: (i * 5) % 12, to: ((i + 1) * 5) % 12, text: '' }));
  expect(arrange(12, 0, twelve)).toEqual([0, 5, 10, 3, 8, 1, 6, 11, 4, 9, 2, 7]);
});

describe.each([320, 640])('a deal that is no ring at %i px', (width) => {
  const cases: [string, number, [number, number][]][] = [
    ['a star of three', 3, [[0, 1], [1, 0], [0, 2], [2, 0]]],
    ['a star of five', 5, [[0, 1], [1, 0], [0, 2], [2, 0], [0, 3], [3, 0], [0, 4], [4, 0]]],
    ['all to all', 4, [[0, 1], [1, 0], [0, 2], [2, 0], [0, 3], [3, 0], [1, 2], [2, 1], [1, 3], [3, 1], [2, 3], [3, 2]]],
    ['a ring with a chord', 6, [[0, 1], [1, 2], [2, 3], [3, 4], [4, 5], [5, 0], [2, 5]]],
    ['all to all of twelve', 12, Array.from({ length: 144 }, (_, i) => [i % 12, Math.floor(i / 12)] as [number, number]).filter(([a, b]) => a !== b)],
    ['several things one way', 2, [[0, 1], [0, 1], [0, 1], [1, 0]]],
  ];
  it.each(cases)('%s has its words apart and inside', (_, n, pairs) => {
    const l = layout(people(n), pairs.map(([from, to], i) => ({ from, to, text: goods[i % goods.length]!, role: from === 0 ? 'Je donne' : to === 0 ? 'Je reçois' : undefined })), width);
    check(l);
    expect(l.arrows.flatMap((a) => a.things).sort((a, b) => a - b)).toEqual(pairs.map((_, i) => i));
  });
});

it('shows an unfinished deal: nobody, one person, a thing without a taker', () => {
  expect(layout(people(1), [], 320).seats.length).toBe(1);
  expect(layout(people(2), [{ from: 0, to: 0, text: 'x' }], 320).arrows).toEqual([]);
  check(layout(people(3), [{ from: 0, to: 1, text: 'x' }], 320));
});

it('keeps small faces apart and inside', () => {
  for (let n = 2; n <= 12; n++) {
    const { seats } = thumb(n, 72);
    for (const [i, a] of seats.entries()) {
      expect(Math.min(a.x, a.y) - a.r).toBeGreaterThanOrEqual(0);
      expect(Math.max(a.x, a.y) + a.r).toBeLessThanOrEqual(72);
      for (const b of seats.slice(i + 1)) expect(Math.hypot(a.x - b.x, a.y - b.y)).toBeGreaterThan(2 * a.r);
    }
    const there = straight(seats[0]!, seats[1]!, 72);
    expect(there.path.startsWith('M')).toBe(true);
    expect(there.path).not.toBe(straight(seats[1]!, seats[0]!, 72).path);
  }
});
