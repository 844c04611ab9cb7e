// What the picture of a deal is put together from, and how it is brought into
// its box at the end.

import { draw, overlap, round, within, type Box, type Label, type Point } from './shapes';

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

export type Metrics = { face: number; tile: number; text: number; font: number; line: number; lines: number; name: number; least: number };

export const edge = 6; // free space around the picture
export const apart = 5; // between two things that do not belong together
export const gapIn = 15; // of an arrow that has to be seen before its head
export const gapOut = 6; // of it that has to be seen after its giver

export type Group = { from: number; to: number; things: number[]; text: string; role: string };

export type Plan = { m: Metrics; words: 'all' | 'rim' | 'none'; width: number; most: number };
export type Line = { group: Group; line: Point[]; head: Point & { angle: number }; tile: Point; label?: Label; size: number };

/** finish moves a picture around the origin into its box. */
export function finish(plan: Plan, seats: Seat[], lines: Line[], curve: Point[], solid: Box[]): Layout | undefined {
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
