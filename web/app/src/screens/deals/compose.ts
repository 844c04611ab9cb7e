// A deal by hand, while it is being written: rows of who gives what to whom.

import { fromBytes, type AnnouncementView, type ComposeMove, type DealView, type SXPError } from '../../lib/api/client';
import type { RingMove, RingPerson } from './ring-data';

export type Somebody = { id: string; name: string };

/** me stands for the reader, as the agent reads it. */
export const me = 'me';

export type Row = {
  key: number;
  from: string; // me, an id or a name; empty: not chosen yet
  to: string;
  pick: string; // what names an announcement of the giver to the agent; empty: the words
  words: string;
  due: string; // milliseconds after the signing, as text of a choice; empty: the usual
  delivery: string;
  sealed: boolean; // I sell a secret by it: that of the file, else that in words
  secret: string;
  file?: { name: string; size: number; data?: Uint8Array }; // without data: too large to be read
  declare: boolean; // the contract names its SHA-256
};

/** empty is a row of which nothing is said. */
export const empty: Omit<Row, 'key'> = { from: '', to: '', pick: '', words: '', due: '', delivery: '', sealed: false, secret: '', declare: false };

/** maxSecret is the longest secret, in bytes (spec/secret.md). */
export const maxSecret = 4096;
/** minDeclared is the shortest one whose SHA-256 a contract names, in bytes: a shorter one could be guessed from it. */
export const minDeclared = 16;

/** SealFault is why a row's secret cannot be sealed: not between two people, a second one of mine, none, too long, too short to be declared. */
export type SealFault = 'people' | 'twice' | 'none' | 'long' | 'short';

/** sealing reports whether a row sells a secret: only who gives it can seal it. */
export function sealing(r: Row): boolean {
  return r.sealed && r.from === me;
}

/** sealFault is what is wrong with the secret of the nth row, if anything. */
export function sealFault(rows: Row[], n: number): SealFault | undefined {
  const r = rows[n]!;
  if (!sealing(r)) return undefined;
  const size = r.file?.size ?? new TextEncoder().encode(r.secret).length;
  if (new Set(rows.flatMap((x) => [x.from, x.to]).filter(Boolean)).size > 2) return 'people';
  if (rows.findIndex(sealing) < n) return 'twice';
  if (size === 0) return 'none';
  if (size > maxSecret) return 'long';
  return r.declare && size < minDeclared ? 'short' : undefined;
}

/** A Pick is an announcement that can be given. */
export type Pick = { value: string; owner: string; title: string; kind?: string; photo?: string };

/** picksOf lists what people offer, by what the agent calls it. */
export function picksOf(list: AnnouncementView[]): Pick[] {
  return list
    .filter((x) => x.direction !== 'need' && (x.state === 'active' || !x.state))
    .map((x) => ({ value: x.id, owner: x.mine ? me : x.owner, title: x.title, kind: x.item.kind, photo: x.item.photos?.[0] }));
}

/** rowsOf are the rows of a proposal that is answered by another. */
export function rowsOf(d: DealView, picks: Pick[]): Row[] {
  const who = (id: string) => (d.parties.some((p) => p.me && p.id === id) ? me : id);
  return d.transfers.map((x, key) => {
    const ref = x.ref ?? '';
    return {
      ...empty,
      key,
      from: who(x.from),
      to: who(x.to),
      pick: picks.some((p) => p.value === ref && p.owner === who(x.from)) ? ref : '',
      words: x.item,
      due: x.due > d.deadline ? String(x.due - d.deadline) : '',
      delivery: x.delivery ?? '',
    };
  });
}

/** titleOf is what a row gives, in words. */
export function titleOf(r: Row, picks: Pick[]): string {
  return picks.find((p) => p.value === r.pick)?.title ?? r.words.trim();
}

/** movesOf is what the agent is asked for. */
export function movesOf(rows: Row[]): ComposeMove[] {
  return rows.map((r) => ({
    from: r.from,
    to: r.to,
    item: r.pick || r.words.trim(),
    due: r.due ? Number(r.due) : undefined,
    delivery: r.delivery.trim() || undefined,
    ...(sealing(r) && { secret: fromBytes(r.file?.data ?? new TextEncoder().encode(r.secret)), declare: r.declare || undefined }),
  }));
}

/** pictureOf draws what the rows say so far. */
export function pictureOf(rows: Row[], people: Somebody[], mine: Somebody & { label?: string }, picks: Pick[]): { people: RingPerson[]; moves: RingMove[] } {
  const id = (who: string) => (who === me ? mine.id : who);
  const named = [...new Set(rows.flatMap((r) => [r.from, r.to]).filter(Boolean))];
  if (!named.includes(me)) named.unshift(me);
  return {
    people: named.map((who) => ({ id: id(who), name: who === me ? mine.name : (people.find((p) => p.id === who)?.name ?? who), label: who === me ? mine.label : undefined, me: who === me })),
    moves: rows
      .filter((r) => r.from && r.to && r.from !== r.to)
      .map((r) => {
        const pick = picks.find((p) => p.value === r.pick);
        return { from: id(r.from), to: id(r.to), text: titleOf(r, picks) || '…', kind: pick?.kind, photo: pick?.photo, gives: r.from === me, gets: r.to === me };
      }),
  };
}

/** rowOfError finds the row that an error of the agent speaks of: the one whose thing or person it quotes; -1 for none. */
export function rowOfError(err: SXPError | undefined, rows: Row[], people: Somebody[]): number {
  if (!err) return -1;
  const says = (text: string) => text.length > 1 && err.message.includes(text);
  const thing = rows.findIndex((r) => says(r.pick) || (!r.pick && says(`"${r.words.trim()}"`)));
  if (thing >= 0) return thing;
  const bySomebody = people.find((p) => says(`"${p.name}"`) || says(p.id) || (p.id.length > 12 && says(p.id.slice(0, 12))));
  return bySomebody ? rows.findIndex((r) => r.from === bySomebody.id || r.to === bySomebody.id) : -1;
}
