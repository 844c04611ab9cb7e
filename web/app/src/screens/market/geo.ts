// Places and the plain map: where things lie relative to one point.

import type { Point } from '../../lib/api/client';

const earth = 6371; // km, as spec/market.md has it

/** rounded makes degrees a point: thousandths of a degree, some 100 m, so that no address leaves the device. */
export function rounded(lat: number, lon: number): Point {
  const p = { lat: Math.round(lat * 1000), lon: Math.round(lon * 1000) };
  if (p.lon > 180_000) p.lon -= 360_000;
  if (p.lon < -180_000) p.lon += 360_000;
  return { lat: p.lat || 0, lon: p.lon || 0 }; // no -0
}

/** readPlace reads coordinates as people paste them: "52.52, 13.405", "52,52; 13,405", "geo:52.52,13.405", "33.9 S 151.2 E". */
export function readPlace(text: string): Point | undefined {
  const m = /^\s*(?:geo:)?\s*([+-]?\d{1,3}(?:[.,]\d+)?)\s*°?\s*([NS])?\s*[,; ]\s*([+-]?\d{1,3}(?:[.,]\d+)?)\s*°?\s*([EWO])?\s*$/i.exec(text);
  if (!m) return undefined;
  const lat = Number(m[1]!.replace(',', '.')) * (m[2]?.toUpperCase() === 'S' ? -1 : 1);
  const lon = Number(m[3]!.replace(',', '.')) * (m[4]?.toUpperCase() === 'W' || m[4]?.toUpperCase() === 'O' ? -1 : 1);
  return Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? rounded(lat, lon) : undefined;
}

/** writePlace writes a point as readPlace reads it. */
export function writePlace(p: Point): string {
  return `${(p.lat / 1000).toFixed(3)}, ${(p.lon / 1000).toFixed(3)}`;
}

const radians = (milli: number) => (milli * Math.PI) / 180_000;

/** kmBetween is the distance on the great circle. */
export function kmBetween(a: Point, b: Point): number {
  const x = Math.sin(radians(b.lat - a.lat) / 2) ** 2 + Math.cos(radians(a.lat)) * Math.cos(radians(b.lat)) * Math.sin(radians(b.lon - a.lon) / 2) ** 2;
  return 2 * earth * Math.asin(Math.min(1, Math.sqrt(x)));
}

/** bearing is the direction from a to b, in radians clockwise from north. */
export function bearing(a: Point, b: Point): number {
  const d = radians(b.lon - a.lon);
  const y = Math.sin(d) * Math.cos(radians(b.lat));
  const x = Math.cos(radians(a.lat)) * Math.sin(radians(b.lat)) - Math.sin(radians(a.lat)) * Math.cos(radians(b.lat)) * Math.cos(d);
  return Math.atan2(y, x);
}

/**
 * reach is how far from the middle of the map something is drawn, 0 to 1. The
 * square root gives what is near more room: with 20 km at the edge, 1 km is
 * at a fifth and 5 km at half.
 */
export function reach(km: number, edge: number): number {
  return Math.sqrt(Math.min(1, Math.max(0, km / edge)));
}

/** rings are the distances drawn as circles on a map whose edge is that far. */
export function rings(edge: number): number[] {
  return [1, 5, 20, 100, 500, 2000].filter((km) => km < edge * 0.9).slice(-2).concat(edge);
}

export type Spot<T> = { x: number; y: number; km: number; things: T[] };

/**
 * spots places things on a square from -1 to 1, north up. Those nearer to each
 * other than apart share a spot, so that each can be tapped.
 */
export function spots<T>(middle: Point, things: { thing: T; point: Point }[], edge: number, apart: number): Spot<T>[] {
  const out: Spot<T>[] = [];
  for (const { thing, point } of things) {
    const km = kmBetween(middle, point);
    const r = reach(km, edge);
    const angle = bearing(middle, point);
    const x = r * Math.sin(angle);
    const y = -r * Math.cos(angle);
    const near = out.find((s) => Math.hypot(s.x - x, s.y - y) < apart);
    if (near) near.things.push(thing);
    else out.push({ x, y, km, things: [thing] });
  }
  return out;
}
