// Where everything of the picture of a deal goes: pure geometry, without a
// page. People sit around a closed curve, the reader at the bottom; what one
// gives to the next lies on the curve between them, clockwise. What goes to
// somebody else crosses the inside. The picture grows in height until nothing
// covers anything else.

import {
  bowed, boundsOf, beside, draw, headBox, headOf, lengthOf, loop, near, overlap, part, round, rowsAt, seen, square, textWidth, trim, within,
  type Box, type Label, type Point, type Side,
} from './shapes';

/** A Mover is somebody in the picture. */
export type Mover = { id: string; name: string; me?: boolean };

/** A Thing goes from one of them to another; both are positions in the list of people. */
export type Thing = { from: number; to: number; text: string; role?: string }; // role: words above the text, "I give"

/** A Seat is where a person is. */
export type Seat = { person: number; x: number; y: number; r: number; name: Label };

/** An Arrow carries all things from one person to another. */
export type Arrow = {
  from: number;
  to: number;
  things: number[];
  path: string;
  head: Point & { angle: number }; // degrees
  tile: Point & { r: number };
  label?: Label; // none: only the number of the first thing stands on the tile
};

export type Layout = {
  width: number;
  height: number;
  seats: Seat[];
  arrows: Arrow[];
  curve: string; // through all seats, closed
  centre?: Box; // free for a few words or the seal
  tileSize: number;
  fontSize: number;
  lineHeight: number;
};

type Metrics = { face: number; tile: number; text: number; font: number; line: number; lines: number; name: number; least: number };

// From generous to tight; the first that keeps the picture low enough is taken.
const wide: Metrics[] = [
  { face: 34, tile: 30, text: 160, font: 16, line: 21, lines: 2, name: 140, least: 150 },
  { face: 30, tile: 26, text: 150, font: 15, line: 20, lines: 2, name: 130, least: 120 },
  { face: 26, tile: 22, text: 130, font: 14, line: 18, lines: 2, name: 110, least: 110 },
  { face: 22, tile: 18, text: 120, font: 14, line: 18, lines: 2, name: 100, least: 110 },
];
const narrow: Metrics[] = [
  { face: 29, tile: 26, text: 112, font: 14, line: 18, lines: 2, name: 100, least: 96 },
  { face: 25, tile: 22, text: 106, font: 14, line: 18, lines: 2, name: 96, least: 90 },
  { face: 22, tile: 19, text: 100, font: 13, line: 17, lines: 2, name: 92, least: 78 },
  { face: 20, tile: 16, text: 96, font: 13, line: 17, lines: 2, name: 90, least: 78 },
];

const edge = 6; // free space around the picture
const apart = 5; // between two things that do not belong together
const gapIn = 15; // of an arrow that has to be seen before its head
const gapOut = 6; // of it that has to be seen after its giver

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

type Group = { from: number; to: number; things: number[]; text: string; role: string };

function groupsOf(things: Thing[]): Group[] {
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

type Plan = { m: Metrics; words: 'all' | 'rim' | 'none'; width: number; most: number };
type Line = { group: Group; line: Point[]; head: Point & { angle: number }; tile: Point; label?: Label; size: number };

type Words = Label & { cut: boolean }; // whether the text is too long for it

// boxFor is a label of a text beside a picture, as wide as it needs and no wider than there is room.
function boxFor(p: Point, r: number, text: string, plan: Plan, most: number, lines: number, role: string, side: Side): Words | undefined {
  const half = plan.width / 2 - edge;
  let room = most;
  if (side === 'left') room = Math.min(room, p.x - r - near - 2 + half);
  if (side === 'right') room = Math.min(room, half - (p.x + r + near + 2));
  if (side === 'below' || side === 'above') room = Math.min(room, 2 * (half - Math.abs(p.x)));
  if (room < 56) return undefined;
  const { font, line } = plan.m;
  const least = Math.max(24, role ? textWidth(role, font) * 1.2 + 8 : 0);
  const extra = role ? line : 0;
  if (least > room) return undefined;
  if (lines === 1) {
    const need = textWidth(text, font) * 1.2 + 8; // names are bold
    return { ...beside(p, r, Math.min(room, Math.max(need, least)), line + extra, side), cut: need > room };
  }
  const inner = room - 6;
  const rows = Math.min(lines, rowsAt(text, font, inner));
  let w = inner;
  while (w > least && rowsAt(text, font, w - 6) <= rows) w -= 6; // no wider than it has to be
  return { ...beside(p, r, w + 6, rows * line + extra, side), cut: rowsAt(text, font, inner) > lines };
}

// sidesOf are where words may stand, best first: outside the curve, then inside, then across it.
function sidesOf(p: Point, rx: number, ry: number): Side[] {
  const [out, inn]: Side[] = p.x < 0 ? ['left', 'right'] : ['right', 'left'];
  if (Math.abs(p.x) < rx * 0.35) return p.y > 0 ? ['below', 'above', out, inn] : ['above', 'below', out, inn];
  if (Math.abs(p.y) > ry * 0.5) return p.y > 0 ? ['below', out, inn, 'above'] : ['above', out, inn, 'below'];
  return [out, inn, 'below', 'above'];
}

// place tries one size; it returns nothing where something would cover something else.
function place(people: Mover[], order: number[], groups: Group[], plan: Plan, rx: number, ry: number): { layout: Layout; flaws: number } | undefined {
  const { m, width } = plan;
  const n = order.length;
  const half = width / 2 - edge;
  const l = loop(rx, ry, 2 + 1.5 * Math.max(0, Math.min(1, ry / rx - 1.05)));
  const at = (slot: number) => l.points[Math.round((slot / (2 * n)) * l.points.length) % l.points.length]!;
  const seats = order.map((person, k) => ({ person, ...at(2 * k), r: m.face }));
  const solid: Box[] = [];
  const free = (b: Box, by = apart) => b.x >= -half && b.x + b.w <= half && solid.every((o) => !overlap(b, o, by));
  const put = (b: Box, by = apart) => free(b, by) && solid.push(b) > 0;
  for (const s of seats) if (!put(square(s, m.face))) return undefined;

  const where = new Map(order.map((person, k) => [person, k]));
  const lines: Line[] = [];
  for (const group of groups) {
    const a = where.get(group.from)!;
    const [p, q] = [seats[a]!, seats[where.get(group.to)!]!];
    const rim = (a + 1) % n === where.get(group.to);
    const line = trim(rim ? part(l, a / n, (a + 1) / n) : bowed(p, q, 0.35, 16), p, m.face + 2, q, m.face + 5);
    const size = plan.words === 'none' || (plan.words === 'rim' && !rim) ? numberSize : m.tile;
    lines.push({ group, line, head: headOf(line), tile: rim ? at(2 * a + 1) : line[0]!, size: rim ? size : -size });
  }

  for (const x of lines) if (x.size > 0 && !put(square(x.tile, x.size))) return undefined;
  for (const x of lines) if (!put(headBox(x.head), -3)) return undefined;
  const around = lines.map((x) => boundsOf(x.line));
  const offLines = (b: Box) => lines.every((x, i) => !overlap(b, around[i]!) || !x.line.some((p) => within(p, b)));
  const clear = (b: Box) => lines.every((x, i) => !overlap(b, around[i]!) || seen(x.line, [b]) > lengthOf(x.line) * 0.45);
  let flaws = 0;
  const words = (p: Point, r: number, text: string, most: number, rows: number, role: string, sides: Side[]): Label | undefined => {
    const all = sides.map((side) => boxFor(p, r, text, plan, most, rows, role, side)).filter((b) => b !== undefined && free(b)) as Words[];
    const best = all.find((b) => !b.cut && offLines(b)) ?? all.find((b) => !b.cut && clear(b)) ?? all.find(offLines) ?? all.find(clear);
    if (!best) return undefined;
    if (best.cut && (rows === 1 ? textWidth(text, m.font) * 1.2 + 8 <= most : rowsAt(text, m.font, most - 6) <= rows)) flaws += 4;
    if (!offLines(best)) flaws += 2;
    solid.push(best);
    const { cut: _, ...label } = best;
    return label;
  };

  const names: Label[] = [];
  for (const s of seats) {
    const name = words(s, m.face, people[s.person]!.name, m.name, 1, '', sidesOf(s, rx, ry));
    if (!name) return undefined;
    names.push(name);
  }
  for (const x of lines) {
    if (x.size < 0) continue;
    if (plan.words === 'none') continue;
    x.label = words(x.tile, m.tile, x.group.text, m.text, m.lines, x.group.role, sidesOf(x.tile, rx, ry));
    if (!x.label) return undefined;
  }
  for (const x of lines) {
    if (x.size > 0) continue;
    x.size = -x.size;
    const found = [0.5, 0.42, 0.58, 0.35, 0.65, 0.28, 0.72].some((t) => {
      x.tile = x.line[Math.round(t * (x.line.length - 1))]!;
      const tile = square(x.tile, x.size);
      if (!put(tile)) return false;
      if (plan.words !== 'all') return true;
      x.label = words(x.tile, x.size, x.group.text, m.text, m.lines, x.group.role, ['below', 'above', 'right', 'left']);
      if (!x.label) solid.pop();
      return x.label !== undefined;
    });
    if (!found) return undefined;
  }
  for (const x of lines) {
    // Of each arrow enough has to be seen, before its thing and behind it.
    const covers = solid.filter((b) => !within(x.head, b, 2));
    const i = x.line.findIndex((p) => within(p, square(x.tile, x.size)));
    if (i < 0 || seen(x.line.slice(0, i), covers) < gapOut || seen(x.line.slice(i), covers) < gapIn) return undefined;
  }
  const done = finish(plan, seats.map((s, k) => ({ ...s, name: names[k]! })), lines, l.points, solid);
  return done && { layout: done, flaws: flaws + (done.centre ? 0 : 1) };
}

const numberSize = 12;

// finish moves a picture around the origin into its box.
function finish(plan: Plan, seats: Seat[], lines: Line[], curve: Point[], solid: Box[]): Layout | undefined {
  const { m, width } = plan;
  const top = Math.min(...solid.map((b) => b.y)) - edge;
  const bottom = Math.max(...solid.map((b) => b.y + b.h)) + edge;
  if (bottom - top > plan.most) return undefined;
  const mid = { x: 0, y: (Math.min(...seats.map((s) => s.y)) + Math.max(...seats.map((s) => s.y))) / 2 };
  const centre = [120, 96, 72]
    .map((w) => ({ x: mid.x - w / 2, y: mid.y - w * 0.35, w, h: w * 0.7 }))
    .find((b) => solid.every((o) => !overlap(b, o, 6)) && !lines.some((x) => x.line.some((p) => within(p, b))));
  const move = <P extends Point>(p: P): P => ({ ...p, x: round(p.x + width / 2), y: round(p.y - top) });
  return {
    width,
    height: Math.ceil(bottom - top),
    seats: seats.map((s) => ({ ...move(s), name: move(s.name) })),
    arrows: lines.map((x) => ({
      from: x.group.from,
      to: x.group.to,
      things: x.group.things,
      path: draw(x.line.map(move)),
      head: move(x.head),
      tile: { ...move(x.tile), r: x.size },
      label: x.label && move(x.label),
    })),
    curve: draw(curve.map(move), true),
    centre: centre && move(centre),
    tileSize: m.tile,
    fontSize: m.font,
    lineHeight: m.line,
  };
}

/** layout places a deal in a picture of the given width in pixels; scale is the reader's text size, 1 for 16 px. */
export function layout(people: Mover[], things: Thing[], width: number, scale = 1): Layout {
  const groups = groupsOf(things);
  const order = arrange(people.length, Math.max(0, people.findIndex((p) => p.me)), things);
  const n = order.length;
  const next = new Map(order.map((p, k) => [p, order[(k + 1) % n]!]));
  const isRing = groups.every((g) => next.get(g.from) === g.to);
  const sizes = (width >= 440 * scale ? wide : narrow).map((m) => scaled(m, scale));
  const low = (width >= 440 ? Math.min(560, width * 1.1) : width * 1.3) * Math.max(1, scale);
  for (const m of sizes) {
    const l = grow(people, order, groups, { m, words: 'all', width, most: low });
    if (l) return l;
  }
  const tight = sizes[sizes.length - 1]!;
  if (isRing) return columns(people, order, groups, { m: tight, words: 'all', width, most: Infinity });
  for (const words of ['rim', 'none'] as const) {
    const l = grow(people, order, groups, { m: tight, words, width, most: Math.max(low, 640 * scale) });
    if (l) return l;
  }
  return bare(people, order, groups, tight, width);
}

// grow makes the curve larger until all fits; and a little more, if that shows
// whole words or frees the middle.
function grow(people: Mover[], order: number[], groups: Group[], plan: Plan): Layout | undefined {
  const limit = plan.width / 2 - edge - Math.max(plan.m.face, plan.m.tile);
  let best: { layout: Layout; flaws: number } | undefined;
  let most = Infinity;
  for (let ry = plan.m.least; 2 * ry < Math.min(plan.most, most); ry += Math.max(6, ry * 0.05)) {
    for (const f of [1, 1.25, 0.8, 1.5, 0.66]) {
      const rx = Math.min(ry * f, limit);
      if (rx < limit * 0.4 || (rx === limit && ry * f > limit * 1.2 && f > 1)) continue;
      const found = place(people, order, groups, plan, rx, ry);
      if (!found || (best && best.flaws <= found.flaws)) continue;
      if (!best) most = found.layout.height * 1.2;
      best = found;
      if (!best.flaws) return best.layout;
    }
  }
  return best?.layout;
}

// columns is for rings that are too many for a circle: up on the left, down on
// the right, words inside, so that it always fits.
function columns(people: Mover[], order: number[], groups: Group[], plan: Plan): Layout {
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

// bare is for more than a picture can tell: faces, names and arrows; the list has the words.
function bare(people: Mover[], order: number[], groups: Group[], m: Metrics, width: number): Layout {
  const n = order.length;
  const r = Math.min(m.face, 16);
  const w = Math.min(m.name, 54);
  const big = width / 2 - w / 2 - edge;
  const at = (turn: number) => ({ x: width / 2 + big * Math.cos(turn), y: edge + r + big + big * Math.sin(turn) });
  const seats = order.map((person, k) => {
    const p = at(Math.PI / 2 + (k / n) * 2 * Math.PI);
    const need = Math.min(w, Math.max(24, textWidth(people[person]!.name, m.font) * 1.2 + 8));
    return { person, ...p, r, name: beside(p, r - near, need, m.line, 'below') };
  });
  const seat = new Map(seats.map((s) => [s.person, s]));
  const arrows = groups.map((g) => {
    const a = straight(seat.get(g.from)!, seat.get(g.to)!, width);
    return { from: g.from, to: g.to, things: g.things, path: a.path, head: a.head, tile: { ...a.middle, r: 0 } };
  });
  const curve = draw(Array.from({ length: 120 }, (_, i) => at((i / 60) * Math.PI)), true);
  return { width, height: Math.ceil(2 * (big + r + edge) + m.line + 2), seats, arrows, curve, tileSize: m.tile, fontSize: m.font, lineHeight: m.line };
}

function scaled(m: Metrics, s: number): Metrics {
  return { face: m.face, tile: m.tile, text: m.text * Math.min(s, 1.25), font: m.font * s, line: m.line * s, lines: m.lines, name: m.name * Math.min(s, 1.25), least: m.least };
}

/** thumb places faces alone in a square: the small picture of lists. */
export function thumb(people: number, size: number): { seats: (Point & { r: number })[]; curve: string } {
  const r = Math.min(size * 0.19, (Math.PI * size * 0.36) / Math.max(people, 2) / 1.35);
  const big = size / 2 - r - 1;
  const seats = Array.from({ length: people }, (_, i) => {
    const a = Math.PI / 2 + (i / people) * 2 * Math.PI;
    return { x: round(size / 2 + big * Math.cos(a)), y: round(size / 2 + big * Math.sin(a)), r: round(r) };
  });
  const points = Array.from({ length: 90 }, (_, i) => ({ x: size / 2 + big * Math.cos((i / 45) * Math.PI), y: size / 2 + big * Math.sin((i / 45) * Math.PI) }));
  return { seats, curve: draw(points, true) };
}

/** straight is an arrow between two faces, bowed a little so that the way back is another line. */
export function straight(p: Point & { r: number }, q: Point & { r: number }, size: number): { path: string; head: Point & { angle: number }; middle: Point } {
  const far = Math.hypot(q.x - p.x, q.y - p.y) || 1;
  const c = { x: (p.x + q.x) / 2 + ((q.y - p.y) / far) * size * 0.09, y: (p.y + q.y) / 2 - ((q.x - p.x) / far) * size * 0.09 };
  const line = Array.from({ length: 41 }, (_, i) => {
    const t = i / 40;
    return { x: (1 - t) ** 2 * p.x + 2 * t * (1 - t) * c.x + t * t * q.x, y: (1 - t) ** 2 * p.y + 2 * t * (1 - t) * c.y + t * t * q.y };
  });
  const cut = trim(line, p, p.r + 1, q, q.r + 2);
  return { path: draw(cut), head: headOf(cut), middle: cut[Math.floor(cut.length / 2)]! };
}
