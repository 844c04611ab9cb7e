// Rings of more people than a circle has room for.

import { apart, edge, finish, gapIn, type Group, type Layout, type Line, type Mover, type Plan } from './ring-parts';
import { beside, headOf, near, rowsAt, square, textWidth, trim, type Point } from './shapes';

/**
 * columns places them up on the left, down on the right, words inside, so that
 * it always fits.
 */
export function columns(people: Mover[], order: number[], groups: Group[], plan: Plan): Layout {
  const { m, width } = plan;
  const n = order.length;
  const big = Math.max(m.face, m.tile);
  const x = Math.min(width / 2, 300 * Math.max(1, m.font / 15)) - edge - big;
  const room = x - big - near - apart;
  const groupOf = new Map(groups.map((g) => [g.from, g]));
  const slots = Array.from({ length: 2 * n }, (_, s) => {
    const person = order[Math.floor(s / 2)]!;
    const g = groupOf.get(person);
    const thing = s % 2 === 1;
    const text = thing ? (g?.text ?? '') : people[person]!.name;
    const role = thing ? (g?.role ?? '') : '';
    const r = thing ? m.tile : m.face;
    const rows = thing ? Math.min(m.lines, rowsAt(text, m.font, room - 6)) : 1;
    return { thing, r, text, rows, role, h: rows * m.line + (role ? m.line : 0), person };
  });
  // The slots of the left column from below, of the right one from above; the top one stands alone.
  const points: Point[] = Array.from({ length: 2 * n }, () => ({ x: 0, y: 0 }));
  const gap = gapIn + 8;
  const high = (k: number) => Math.max(2 * slots[k]!.r, slots[k]!.h);
  const topH = 2 * slots[n]!.r + near + slots[n]!.h;
  const stack = (ks: number[], sign: number) => {
    let y = topH + gap / 2;
    for (const k of ks) {
      points[k] = { x: sign * x, y: y + high(k) / 2 };
      y += high(k) + gap;
    }
    return y;
  };
  const left = Array.from({ length: n - 1 }, (_, i) => n - 1 - i);
  const right = Array.from({ length: n - 1 }, (_, i) => n + 1 + i);
  const low = Math.max(stack(left, -1), stack(right, 1));
  for (const [ks, sign] of [[left, -1], [right, 1]] as const) {
    // The shorter side is spread over the same height.
    const spare = low - (points[ks[ks.length - 1]!]!.y + high(ks[ks.length - 1]!) / 2 + gap);
    ks.forEach((k, i) => (points[k] = { x: sign * x, y: points[k]!.y + (spare * (i + 1)) / ks.length }));
  }
  points[n] = { x: 0, y: slots[n]!.r };
  points[0] = { x: 0, y: low + slots[0]!.r };

  const labels = slots.map((s, k) => {
    const p = points[k]!;
    const w = s.rows > 1 ? room : Math.min(room, Math.max(textWidth(s.text, m.font) * (s.thing ? 1.1 : 1.2) + 8, 24, s.role ? textWidth(s.role, m.font) * 1.2 + 8 : 0));
    return beside(p, s.r, k === 0 || k === n ? Math.min(Math.max(w, 24), 2 * room) : w, s.h, k === 0 || k === n ? 'below' : p.x < 0 ? 'right' : 'left');
  });
  const curve = track(points[0]!, points[n]!, x);
  const nearest = (p: Point) => curve.reduce((best, q, i) => (Math.hypot(q.x - p.x, q.y - p.y) < Math.hypot(curve[best]!.x - p.x, curve[best]!.y - p.y) ? i : best), 0);
  const index = points.map(nearest);
  index[0] = 0;
  const seats = order.map((person, k) => ({ person, ...points[2 * k]!, r: m.face, name: labels[2 * k]! }));
  const lines: Line[] = [];
  order.forEach((person, k) => {
    const g = groupOf.get(person);
    if (!g) return;
    const [p, q] = [seats[k]!, seats[(k + 1) % n]!];
    const cut = trim(curve.slice(index[2 * k]!, k + 1 < n ? index[2 * k + 2]! + 1 : curve.length), p, m.face + 2, q, m.face + 5);
    lines.push({ group: g, line: cut, head: headOf(cut), tile: points[2 * k + 1]!, label: labels[2 * k + 1]!, size: m.tile });
  });
  const solid = [...seats.flatMap((s) => [square(s, s.r), s.name]), ...lines.flatMap((l) => [square(l.tile, l.size), l.label!])];
  return finish(plan, seats, lines, curve, solid)!;
}

// track is the way of columns: a rectangle with round corners, clockwise from the middle below.
function track(bottom: Point, top: Point, x: number): Point[] {
  const r = Math.min(28, x, (bottom.y - top.y) / 2);
  const corner = (cx: number, cy: number, from: number) =>
    Array.from({ length: 9 }, (_, i) => {
      const a = ((from + i * 11.25) * Math.PI) / 180;
      return { x: cx + r * Math.cos(a), y: cy + r * Math.sin(a) };
    });
  const knots = [
    bottom,
    ...corner(-x + r, bottom.y - r, 90),
    ...corner(-x + r, top.y + r, 180),
    top,
    ...corner(x - r, top.y + r, 270),
    ...corner(x - r, bottom.y - r, 0),
    bottom,
  ];
  const out: Point[] = [];
  for (let i = 0; i + 1 < knots.length; i++) {
    const [p, q] = [knots[i]!, knots[i + 1]!];
    const steps = Math.max(1, Math.round(Math.hypot(q.x - p.x, q.y - p.y) / 3));
    for (let s = 0; s < steps; s++) out.push({ x: p.x + ((q.x - p.x) * s) / steps, y: p.y + ((q.y - p.y) * s) / steps });
  }
  out.push(bottom);
  return out;
}
