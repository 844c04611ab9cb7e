// A deal by hand, while it is being written: rows of who gives what to whom.

import type { AnnouncementView, ComposeMove, DealView, SXPError } from '../../lib/api/client';
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
};

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
