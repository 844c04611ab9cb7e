// What of a market is shown: kept in the address, so that it survives a
// reload, the way back, and being sent to somebody.

import type { Browse, Direction, ItemKind, Near } from '../../lib/api/client';

export type Filter = {
  words: string;
  direction: Direction | '';
  kind: ItemKind | '';
  category: string;
  mine: boolean;
  near?: Near;
  view: 'new' | 'near'; // newest first, or nearest first with the map
};

/** distances are the choices of a filter, in kilometres. */
export const distances = [1, 5, 20, 100, 500];

const directions: Direction[] = ['offer', 'need', 'gift'];
/** kinds are the sorts of things, in the order of a list. */
export const kinds: ItemKind[] = ['good', 'service', 'money', 'right'];

function oneOf<T extends string>(values: readonly T[], text: string | null): T | '' {
  return values.find((v) => v === text) ?? '';
}

function readNear(text: string | null): Near | undefined {
  const parts = (text ?? '').split(',').map(Number);
  const [lat, lon, km] = parts;
  if (parts.length !== 3 || lat === undefined || lon === undefined || km === undefined || !parts.every(Number.isInteger)) return undefined;
  if (Math.abs(lat) > 90_000 || Math.abs(lon) > 180_000 || km < 1 || km > 20_015) return undefined;
  return { lat, lon, km };
}

/** readFilter takes a filter from the part of an address behind "?". What it does not know it leaves out. */
export function readFilter(q: URLSearchParams): Filter {
  return {
    words: q.get('q') ?? '',
    direction: oneOf(directions, q.get('d')),
    kind: oneOf(kinds, q.get('kind')),
    category: q.get('cat') ?? '',
    mine: q.get('mine') === '1',
    near: readNear(q.get('near')),
    view: q.get('view') === 'near' ? 'near' : 'new',
  };
}

/** writeFilter is the reverse: "" where nothing is filtered. */
export function writeFilter(f: Filter): string {
  const q = new URLSearchParams();
  if (f.words.trim()) q.set('q', f.words.trim());
  if (f.direction) q.set('d', f.direction);
  if (f.kind) q.set('kind', f.kind);
  if (f.category) q.set('cat', f.category);
  if (f.mine) q.set('mine', '1');
  if (f.near) q.set('near', `${f.near.lat},${f.near.lon},${f.near.km}`);
  if (f.view === 'near') q.set('view', 'near');
  const text = q.toString();
  return text && '?' + text;
}

/** narrowed counts what is filtered, the words and the direction aside. */
export function narrowed(f: Filter): number {
  return [f.kind, f.category, f.mine, f.near].filter(Boolean).length;
}

/** browseOf is the question to the agent. The nearest are taken from a longer page, because the board answers by age. */
export function browseOf(market: string, f: Filter, before = 0): Browse {
  return {
    market,
    words: f.words.trim() || undefined,
    direction: f.direction || undefined,
    kind: f.kind || undefined,
    category: f.category || undefined,
    mine: f.mine || undefined,
    near: f.near,
    before: before || undefined,
    limit: f.view === 'near' ? 200 : 30,
  };
}
