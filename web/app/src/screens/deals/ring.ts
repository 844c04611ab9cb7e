// Where everything of the picture of a deal goes: pure geometry, without a
// page. People sit around a closed curve, the reader at the bottom; what one
// gives to the next lies on the curve between them, clockwise. What goes to
// somebody else crosses the inside. The picture grows in height until nothing
// covers anything else.

import { columns } from './ring-columns';
import { arrange, groupsOf } from './ring-order';
import { apart, edge, finish, gapIn, gapOut, type Group, type Layout, type Line, type Metrics, type Mover, type Plan, type Thing } from './ring-parts';
import {
  bowed, boundsOf, beside, draw, headBox, headOf, lengthOf, loop, near, overlap, part, round, rowsAt, seen, square, textWidth, torn, trim, within,
  type Box, type Label, type Point, type Side,
} from './shapes';

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

type Words = Label & { cut: boolean }; // whether the text is too long for it, or a word is broken

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
  const broken = torn(text, font, inner);
  while (w > least && rowsAt(text, font, w - 6) <= rows && (broken || !torn(text, font, w - 6))) w -= 6; // no wider than it has to be
  return { ...beside(p, r, w + 6, rows * line + extra, side), cut: broken || rowsAt(text, font, inner) > lines };
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
    if (best.cut && (rows === 1 ? textWidth(text, m.font) * 1.2 + 8 <= most : rowsAt(text, m.font, most - 6) <= rows && !torn(text, m.font, most - 6))) flaws += 4;
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
