// What nodes offer, in words, and in which order they are compared.

import type { RelayView } from '../../lib/api/client';
import { bytes, list, number, span } from '../../lib/format';
import { t } from '../../lib/i18n.svelte';

/** whoOf says who may use a node. */
export function whoOf(n: RelayView): string {
  const mode = n.account?.mode ?? n.offer?.accounts;
  return mode ? t(`people.relays.mode.${mode}`) : t('people.relays.unsaid');
}

/** priceOf says what a node asks for. A node that names no price is not said to be free. */
export function priceOf(n: RelayView): string {
  return n.offer?.price || t('people.relays.unsaid');
}

/** quotaOf says how much one person may leave at a node. */
export function quotaOf(n: RelayView): string {
  if (!n.offer) return t('people.relays.unsaid');
  const { quotaMiB = 0, quotaRecords = 0 } = n.offer;
  if (!quotaMiB && !quotaRecords) return t('people.relays.noLimit');
  if (!quotaRecords) return bytes(quotaMiB * 1024 * 1024);
  if (!quotaMiB) return t('people.relays.records', { count: quotaRecords, n: number(quotaRecords) });
  return t('people.relays.both', { room: bytes(quotaMiB * 1024 * 1024), count: quotaRecords, n: number(quotaRecords) });
}

/** ttlOf says how long a message rests at a node at most. */
export function ttlOf(n: RelayView): string {
  return n.offer?.maxTTL ? span(n.offer.maxTTL) : t('people.relays.unsaid');
}

/** servicesOf lists what a node does. */
export function servicesOf(n: RelayView): string {
  return n.services.length ? list(n.services.map((s) => t(`people.relays.service.${s}`, { defaultValue: s }))) : t('people.relays.unsaid');
}

/** speedOf says how long a node took to answer just now. */
export function speedOf(n: RelayView): string {
  return n.reachable ? t('people.relays.millis', { n: number(n.millis) }) : t('people.relays.silent');
}

/** By is what nodes are compared by. */
export type By = 'speed' | 'price' | 'room' | 'ttl' | 'name';

/** sorted orders nodes: the better ones first, what is not said last. */
export function sorted(nodes: RelayView[], by: By): RelayView[] {
  const key = keys[by];
  return nodes.toSorted((a, b) => compare(key(a), key(b)) || compare(a.name || a.url, b.name || b.url));
}

const keys: { [by in By]: (n: RelayView) => number | string } = {
  speed: (n) => (n.reachable ? n.millis : Infinity),
  price: (n) => n.offer?.price?.toLowerCase() || '\uffff',
  room: (n) => (n.offer ? -(n.offer.quotaMiB || Infinity) : Infinity),
  ttl: (n) => -(n.offer?.maxTTL ?? -1),
  name: (n) => n.name || n.url,
};

function compare(a: number | string, b: number | string): number {
  if (typeof a === 'number' && typeof b === 'number') return a === b ? 0 : a < b ? -1 : 1;
  return String(a).localeCompare(String(b));
}
