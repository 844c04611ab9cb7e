// What the picture of a deal shows, from what the agent says of it.

import type { DealParty, DealView, TransferView, VerifyView } from '../../lib/api/client';
import { t } from '../../lib/i18n.svelte';
import type { Mover } from './ring-parts';

/** How far somebody is with a deal. */
export type Did = 'nothing' | 'accepted' | 'promised' | 'signed';

export type RingPerson = Mover & { label?: string; did?: Did }; // label: the name behind "You"

/** RingMove is one thing that goes from one person to another, by their ids. */
export type RingMove = { from: string; to: string; text: string; kind?: string; photo?: string; gives?: boolean; gets?: boolean };

/** How the picture ends: open, closed by all signatures, or certainly never. */
export type RingEnd = 'open' | 'complete' | 'void';

export type RingData = { people: RingPerson[]; moves: RingMove[]; end: RingEnd };

export function didOf(p: Pick<DealParty, 'accepted' | 'promised' | 'signed'>): Did {
  return p.signed ? 'signed' : p.promised ? 'promised' : p.accepted ? 'accepted' : 'nothing';
}

/** ringOf is the picture of a deal. */
export function ringOf(d: DealView): RingData {
  const done = d.state === 'signed';
  return {
    people: d.parties.map((p) => ({ id: p.id, name: p.me ? t('deals.you') : p.name, label: p.name, me: p.me, did: done ? 'signed' : didOf(p) })),
    moves: d.transfers.map(moveOf),
    end: done ? 'complete' : d.state === 'void' ? 'void' : 'open',
  };
}

function moveOf(x: TransferView): RingMove {
  return { from: x.from, to: x.to, text: x.item, kind: x.kind, photo: x.photos?.[0], gives: x.mineFrom, gets: x.mineTo };
}

/** ringOfFile is the picture of a contract file; me is who reads it, if they are known. */
export function ringOfFile(v: VerifyView, me?: string): RingData {
  const id = (i: number) => v.parties[i]?.id ?? '';
  return {
    people: v.parties.map((p) => ({ id: p.id, name: p.id === me ? t('deals.you') : p.label, label: p.label, me: p.id === me, did: didOf({ accepted: p.accepted, promised: false, signed: p.signed }) })),
    moves: v.transfers.map((x) => ({ from: id(x.from), to: id(x.to), text: x.item, gives: id(x.from) === me, gets: id(x.to) === me })),
    end: v.valid ? (v.kind === 'contract' ? 'complete' : 'void') : 'open',
  };
}
