// The lines, boxes and lengths of text that the picture of a deal is made of.

export type Point = { x: number; y: number };
export type Box = { x: number; y: number; w: number; h: number };
export type Align = 'center' | 'left' | 'right';

/** Label is a box of text and how its text is set. */
export type Label = Box & { align: Align };

export const near = 4; // between a picture and its words
const headSize = 11;

const widths = new Map<string, number>(); // of texts at 1 px; the same few are asked for again and again

/** textWidth estimates the width of a line; rather too wide than too narrow. */
export function textWidth(text: string, font: number): number {
  let w = widths.get(text);
  if (w === undefined) {
    w = 0;
    for (const c of text) w += c.codePointAt(0)! > 0x2e7f ? 1.05 : /[ijlI.,:;'|!\s]/.test(c) ? 0.36 : /[mwMW—@%]/.test(c) ? 0.95 : 0.6;
    if (widths.size > 500) widths.clear();
    widths.set(text, w);
  }
  return w * font;
}

export type Loop = { points: Point[]; length: number };

// loop samples a superellipse clockwise from the bottom, evenly by length.
export function loop(rx: number, ry: number, power: number): Loop {
  const raw: Point[] = [];
  for (let i = 0; i <= 240; i++) {
    const a = Math.PI / 2 + (i / 240) * 2 * Math.PI;
    const bend = (v: number) => (power === 2 ? v : Math.sign(v) * Math.abs(v) ** (2 / power));
    raw.push({ x: rx * bend(Math.cos(a)), y: ry * bend(Math.sin(a)) });
  }
  const far = [0];
  for (let i = 1; i < raw.length; i++) far.push(far[i - 1]! + Math.hypot(raw[i]!.x - raw[i - 1]!.x, raw[i]!.y - raw[i - 1]!.y));
  const length = far[far.length - 1]!;
  const points: Point[] = [];
  const count = 200;
  for (let i = 0, k = 0; i < count; i++) {
    const want = (i / count) * length;
    while (far[k + 1]! < want) k++;
    const part = (want - far[k]!) / (far[k + 1]! - far[k]! || 1);
    points.push({ x: raw[k]!.x + part * (raw[k + 1]!.x - raw[k]!.x), y: raw[k]!.y + part * (raw[k + 1]!.y - raw[k]!.y) });
  }
  return { points, length };
}

export function part(l: Loop, from: number, to: number): Point[] {
  const count = l.points.length;
  const out: Point[] = [];
  for (let i = Math.round(from * count); i <= Math.round(to * count); i++) out.push(l.points[((i % count) + count) % count]!);
  return out;
}

export function within(p: Point, b: Box, by = 0): boolean {
  return p.x > b.x - by && p.x < b.x + b.w + by && p.y > b.y - by && p.y < b.y + b.h + by;
}

/** overlap reports whether two boxes come closer than by. */
export function overlap(a: Box, b: Box, by = 0): boolean {
  return a.x < b.x + b.w + by && b.x < a.x + a.w + by && a.y < b.y + b.h + by && b.y < a.y + a.h + by;
}

export function square(p: Point, r: number): Box {
  return { x: p.x - r, y: p.y - r, w: 2 * r, h: 2 * r };
}

export type Side = 'below' | 'above' | 'left' | 'right';

export function beside(p: Point, r: number, w: number, h: number, side: Side): Label {
  switch (side) {
    case 'below':
      return { x: p.x - w / 2, y: p.y + r + near + 2, w, h, align: 'center' };
    case 'above':
      return { x: p.x - w / 2, y: p.y - r - near - 2 - h, w, h, align: 'center' };
    case 'left':
      return { x: p.x - r - near - 2 - w, y: p.y - h / 2, w, h, align: 'right' };
    case 'right':
      return { x: p.x + r + near + 2, y: p.y - h / 2, w, h, align: 'left' };
  }
}

// trim cuts a line where it leaves one disc and enters another.
export function trim(line: Point[], from: Point, fromR: number, to: Point, toR: number): Point[] {
  let a = 0;
  while (a < line.length - 2 && Math.hypot(line[a]!.x - from.x, line[a]!.y - from.y) < fromR) a++;
  let b = line.length - 1;
  while (b > a + 1 && Math.hypot(line[b]!.x - to.x, line[b]!.y - to.y) < toR) b--;
  return line.slice(a, b + 1);
}

// headOf says where a head sits and turns the end of a line into its direction.
export function headOf(line: Point[]): Point & { angle: number } {
  const end = line[line.length - 1]!;
  let i = line.length - 2;
  while (i > 0 && Math.hypot(line[i]!.x - end.x, line[i]!.y - end.y) < headSize) i--;
  const before = line[Math.max(0, i)]!;
  return { ...end, angle: (Math.atan2(end.y - before.y, end.x - before.x) * 180) / Math.PI };
}

export function headBox(h: Point & { angle: number }): Box {
  const a = (h.angle * Math.PI) / 180;
  return square({ x: h.x - (Math.cos(a) * headSize) / 2, y: h.y - (Math.sin(a) * headSize) / 2 }, headSize / 2);
}

export const round = (v: number) => Math.round(v * 10) / 10;

export function draw(line: Point[], closed = false): string {
  return line.map((p, i) => (i ? 'L' : 'M') + round(p.x) + ' ' + round(p.y)).join('') + (closed ? 'Z' : '');
}

// seen measures how much of a line no box covers.
export function seen(line: Point[], boxes: Box[]): number {
  let n = 0;
  for (let i = 1; i < line.length; i++) {
    if (!boxes.some((b) => within(line[i]!, b))) n += Math.hypot(line[i]!.x - line[i - 1]!.x, line[i]!.y - line[i - 1]!.y);
  }
  return n;
}

// rowsAt counts the lines of a text that is set in a width, as a page breaks it.
export function rowsAt(text: string, font: number, width: number): number {
  let rows = 1;
  let filled = 0;
  for (const word of text.split(/\s+/)) {
    const w = textWidth(word, font) * 1.1;
    if (filled && filled + 0.3 * font + w <= width) {
      filled += 0.3 * font + w;
      continue;
    }
    if (filled) rows++;
    rows += Math.ceil(w / width) - 1; // a long word is broken
    filled = w % width;
  }
  return rows;
}

/** torn reports whether a word of a text is too long for a line, so that it is broken. */
export function torn(text: string, font: number, width: number): boolean {
  return text.split(/\s+/).some((word) => textWidth(word, font) * 1.1 > width);
}

// bowed is a line between two faces that bends towards the middle, and aside, so that the way back is another line.
export function bowed(p: Point, q: Point, pull: number, aside: number): Point[] {
  const far = Math.hypot(q.x - p.x, q.y - p.y) || 1;
  const c = {
    x: ((p.x + q.x) / 2) * (1 - pull) - ((q.y - p.y) / far) * aside,
    y: ((p.y + q.y) / 2) * (1 - pull) + ((q.x - p.x) / far) * aside,
  };
  return Array.from({ length: 81 }, (_, i) => {
    const t = i / 80;
    return { x: (1 - t) ** 2 * p.x + 2 * t * (1 - t) * c.x + t * t * q.x, y: (1 - t) ** 2 * p.y + 2 * t * (1 - t) * c.y + t * t * q.y };
  });
}

export function boundsOf(line: Point[]): Box {
  let [x, y, right, low] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const p of line) [x, y, right, low] = [Math.min(x, p.x), Math.min(y, p.y), Math.max(right, p.x), Math.max(low, p.y)];
  return { x, y, w: right - x, h: low - y };
}

export function lengthOf(line: Point[]): number {
  return seen(line, []);
}
