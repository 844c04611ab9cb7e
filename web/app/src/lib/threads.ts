// What a conversation is called, on every screen that names one.

import type { Thread, ThreadView } from './api/client';
import { list } from './format';
import { t } from './i18n.svelte';

/** threadName names a conversation by its deal and the people in it, or by the one who is written to. */
export function threadName(x: Pick<ThreadView | Thread, 'deal' | 'with' | 'people'>): string {
  const who = list(x.people.map((p) => p.name));
  if (!x.deal) return x.with?.name ?? who;
  return x.deal.number ? t('common.dealWith', { n: x.deal.number, who }) : t('common.dealNewWith', { who });
}
