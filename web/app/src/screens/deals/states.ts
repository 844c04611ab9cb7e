// The states of a deal in words, and where each stands in the list.

import type { DealView } from '../../lib/api/client';
import { t } from '../../lib/i18n.svelte';

export type Tone = 'plain' | 'ok' | 'warn' | 'bad';

const tones: Record<string, Tone> = {
  proposed: 'warn',
  promised: 'warn',
  signed: 'ok',
  unsettled: 'bad',
};

/** toneOf is the colour that repeats what the word of a state says. */
export function toneOf(d: DealView): Tone {
  return tones[d.state] ?? 'plain';
}

/** own says that this person has proposed the deal, and has not accepted it: it waits for the others first. */
export function own(d: DealView): boolean {
  return d.state === 'proposed' && d.parties.some((p) => p.me && p.id === d.proposer);
}

/** othersWait says that all others have accepted. */
export function othersWait(d: DealView): boolean {
  return d.parties.every((p) => p.me || p.accepted);
}

/** unusualIn names what may be overlooked in the transfers, as the agent does in DealView.unusual. */
export function unusualIn(d: Pick<DealView, 'transfers'>): ('gift' | 'source' | 'secret')[] {
  const out: ('gift' | 'source' | 'secret')[] = [];
  if (d.transfers.some((x) => x.mineFrom) && !d.transfers.some((x) => x.mineTo)) out.push('gift');
  if (d.transfers.some((x) => x.source && !x.mineFrom)) out.push('source');
  if (d.transfers.some((x) => x.secret && x.mineTo)) out.push('secret');
  return out;
}

/** stateOf is the word of a state. */
export function stateOf(d: DealView): string {
  if (own(d) && !othersWait(d)) return t('deals.state.own');
  return t(`deals.state.${d.state}`, { defaultValue: d.state });
}

/** The parts of the list, in the order of what is most urgent. */
export type Part = 'answer' | 'waiting' | 'making' | 'signed' | 'ended';

const parts: Record<string, Part> = { proposed: 'answer', accepted: 'waiting', promised: 'making', unsettled: 'making', signed: 'signed' };

/** partOf says where in the list a deal stands. */
export function partOf(d: DealView): Part {
  return own(d) && !othersWait(d) ? 'waiting' : (parts[d.state] ?? 'ended');
}

/** until is the time that a deal waits for, 0 for none. */
export function until(d: DealView): number {
  if (d.state === 'proposed' || d.state === 'accepted') return d.signBefore;
  return d.state === 'promised' ? d.deadline : 0;
}

/** page is where a deal is shown. */
export function page(d: DealView): string {
  return d.state === 'signed' ? `#/contract/${d.id}` : `#/deal/${d.id}`;
}

/** declinedIn takes apart how the agent says that somebody declined: what they wrote, and whether they proposed something else instead. Undefined where it says another thing. */
export function declinedIn(why: string | undefined): { text: string; answered: boolean } | undefined {
  const m = /^.* declined(?: \((answered with proposal [0-9a-f]+(?:: |(?=\))))?([\s\S]*)\))?; nothing binds you$/.exec(why ?? '');
  return m ? { text: m[2] ?? '', answered: m[1] !== undefined } : undefined;
}
