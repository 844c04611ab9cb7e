// What of the deals belongs on the start page. The states are the agent's.

import type { DealView, TransferView } from '../../lib/api/client';

/** allOf joins the lists of deals and of contracts; the agent names some in both. */
export function allOf(...lists: (DealView[] | undefined)[]): DealView[] {
  return [...new Map(lists.flatMap((l) => l ?? []).map((d) => [d.id, d])).values()];
}

/** waits says that a proposal waits for this person: an own one does once all others have accepted. */
function waits(d: DealView): boolean {
  return d.state === 'proposed' && (!d.parties.some((p) => p.me && p.id === d.proposer) || d.parties.every((p) => p.me || p.accepted));
}

/** toAnswer are the proposals that wait for this person, the most urgent first. */
export function toAnswer(deals: DealView[]): DealView[] {
  return deals.filter(waits).sort((a, b) => a.signBefore - b.signBefore);
}

/** inMaking are the contracts that are being signed: this person has done the own part, or may be bound. */
export function inMaking(deals: DealView[]): DealView[] {
  return deals.filter((d) => ['accepted', 'promised', 'unsettled'].includes(d.state)).sort((a, b) => a.deadline - b.deadline);
}

/** A Duty is something of a signed contract whose day has not passed. */
export type Duty = { deal: DealView; transfer: TransferView };

/** duties are what this person hands over or receives next, soonest first. */
export function duties(deals: DealView[], now: number): Duty[] {
  return deals
    .filter((d) => d.state === 'signed')
    .flatMap((deal) => deal.transfers.filter((t) => (t.mineFrom || t.mineTo) && t.due >= now).map((transfer) => ({ deal, transfer })))
    .sort((a, b) => a.transfer.due - b.transfer.due);
}

/** signedSoFar counts who has signed, or promised where nobody has signed yet. */
export function signedSoFar(d: DealView): { done: number; of: number } {
  const signed = d.parties.filter((p) => p.signed).length;
  return { done: signed || d.parties.filter((p) => p.promised || p.accepted).length, of: d.parties.length };
}
