// What a person has typed of an offer or need, before it is announced: kept
// in the page's session storage, so that neither a reload nor a failure loses
// it, and gone when the tab is.

import type { Announce, AnnouncementView, Direction, EditItem, GroupView, ItemKind, Point } from '../../lib/api/client';
import { day } from '../../lib/time';

/** A photo is at a node already (url), or still here. */
export type DraftPhoto = { url?: string; data?: string; type?: string };

export type Draft = {
  market: string;
  title: string;
  kind: ItemKind | ''; // '': as the title is read
  wants: string[];
  needs: boolean; // given for whatever meets one of the person's needs
  share: string; // id of another own offer that has the same want list, a group
  group: string; // id of the group that the list is in already
  photos: DraftPhoto[];
  text: string;
  category: string;
  place: string;
  point: Point | undefined;
  from: string; // a date, as the browser's field has it
  until: string;
  days: string; // how long it stands; '': as it is
  divisible: boolean;
};

const key = 'sxp.draft.item';

/** emptyDraft is a new form, filled in as far as the address says. */
export function emptyDraft(q: URLSearchParams, market: string): Draft {
  const wants = q.getAll('want').map((w) => w.trim()).filter(Boolean);
  return { market, title: q.get('title') ?? '', kind: '', wants, needs: false, share: '', group: '', photos: [], text: '', category: '', place: '', point: undefined, from: '', until: '', days: '90', divisible: false };
}

/** marketOf takes the id of a market out of what an address names it by: the id itself, or its link. */
export function marketOf(ref: string): string {
  const cut = ref.indexOf('?');
  return ref.startsWith('sxp:market?') ? (new URLSearchParams(ref.slice(cut)).get('id') ?? '') : ref;
}

/** groupOf is the own group that all wants of an offer are in. */
export function groupOf(a: AnnouncementView, groups: GroupView[]): GroupView | undefined {
  return a.wants?.length === 1 ? groups.find((g) => a.wants![0] === 'group:' + g.id) : undefined;
}

/** draftOf is the form of an announcement that stands; a shared want list is spelled out. */
export function draftOf(a: AnnouncementView, own: AnnouncementView[] = [], groups: GroupView[] = []): Draft {
  const it = a.item;
  const group = groupOf(a, groups);
  const share = group ? (own.find((o) => o.id !== a.id && o.state === 'active' && groupOf(o, groups) === group)?.id ?? '') : '';
  return {
    market: a.market, title: a.title, kind: it.kind, wants: group?.list ?? a.wants ?? [], needs: (a.wants ?? []).length === 0, share, group: group?.id ?? '',
    photos: (it.photos ?? []).map((url) => ({ url })), text: it.text ?? '', category: it.category ?? '', place: it.place ?? '', point: it.point,
    from: dateText(it.from), until: dateText(it.until), days: '', divisible: it.divisible ?? false,
  };
}

/** dateText writes a time as a date field has it, in the device's time zone. */
export function dateText(ms: number | undefined): string {
  if (!ms) return '';
  const d = new Date(ms);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${String(d.getFullYear()).padStart(4, '0')}-${two(d.getMonth() + 1)}-${two(d.getDate())}`;
}

/** dateTime reads a date field: its first moment, or its last. */
export function dateTime(text: string, end = false): number | undefined {
  const m = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (!m) return undefined;
  return new Date(Number(m[1]), Number(m[2]) - 1, Number(m[3]) + (end ? 1 : 0)).getTime() - (end ? 1 : 0);
}

function life(days: string): number | undefined {
  return days ? Number(days) * day : undefined;
}

/** wantsOf are the wants to announce; none means: whatever meets a need. */
export function wantsOf(d: Draft): string[] {
  return d.needs ? [] : d.wants;
}

/** announceOf is the request for a new offer, need or gift. */
export function announceOf(d: Draft, direction: Direction, photos: string[], wants: string[]): Announce {
  return {
    market: d.market, title: d.title.trim(), kind: d.kind || undefined, text: d.text.trim() || undefined, category: d.category.trim() || undefined,
    wants: direction === 'offer' && wants.length > 0 ? wants : undefined, for: life(d.days), place: d.place.trim() || undefined, point: d.point,
    from: dateTime(d.from), until: dateTime(d.until, true), photos: photos.length > 0 ? photos : undefined, divisible: d.divisible || undefined,
  };
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

type Clearable = 'text' | 'category' | 'place' | 'from' | 'until';

/** editOf is the request that makes an announcement what the form says: only what differs is sent. */
export function editOf(d: Draft, a: AnnouncementView, photos: string[], wants: string[]): EditItem {
  const before = draftOf(a);
  const e: EditItem = { item: a.id };
  const clear: Clearable[] = [];
  if (d.title.trim() !== before.title) e.title = d.title.trim();
  if (d.kind !== before.kind) e.kind = d.kind || undefined;
  for (const name of ['text', 'category', 'place'] as const) {
    const now = d[name].trim();
    if (now === before[name]) continue;
    if (now) e[name] = now;
    else clear.push(name);
  }
  for (const name of ['from', 'until'] as const) {
    if (d[name] === before[name]) continue;
    const at = dateTime(d[name], name === 'until');
    if (at) e[name] = at;
    else clear.push(name);
  }
  if (!same(wants, a.wants ?? [])) e.wants = wants;
  if (!same(photos, before.photos.map((p) => p.url))) e.photos = photos;
  if (!same(d.point, before.point)) {
    if (d.point) e.point = d.point;
    else e.noPoint = true;
  }
  if (d.divisible !== before.divisible) e.divisible = d.divisible;
  if (clear.length > 0) e.clear = clear;
  e.for = life(d.days);
  return e;
}

/** keepDraft stores a form; where the browser refuses, it lives as long as the screen. */
export function keepDraft(place: string, version: number, d: Draft): void {
  const name = `${key}.${place}`;
  try {
    sessionStorage.setItem(name, JSON.stringify({ version, d }));
  } catch {
    try {
      sessionStorage.setItem(name, JSON.stringify({ version, d: { ...d, photos: d.photos.filter((p) => p.url) } })); // the words at least
    } catch {
      // Storage refused.
    }
  }
}

/** keptDraft is the form that was left, if it was about this version. */
export function keptDraft(place: string, version: number): Draft | undefined {
  try {
    const kept = JSON.parse(sessionStorage.getItem(`${key}.${place}`) ?? 'null') as { version: number; d: Draft } | null;
    return kept?.version === version ? kept.d : undefined;
  } catch {
    return undefined;
  }
}

/** forgetDraft is for what was announced, or thrown away. */
export function forgetDraft(place: string): void {
  try {
    sessionStorage.removeItem(`${key}.${place}`);
  } catch {
    // Storage refused: nothing was kept.
  }
}
