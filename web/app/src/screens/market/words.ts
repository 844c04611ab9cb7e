// Wants and states of announcements in words.

import type { AnnouncementView } from '../../lib/api/client';
import { language, t } from '../../lib/i18n.svelte';

/** isItem reports whether a want means one certain announcement. */
export function isItem(want: string): boolean {
  return /^[0-9a-f]{32}$/.test(want);
}

/** isGroup reports whether a want means "at most so many of a list". */
export function isGroup(want: string): boolean {
  return want.startsWith('group:');
}

/** wantText says one want where there is no room to look it up. */
export function wantText(want: string): string {
  if (isItem(want)) return t('market.want.item');
  if (isGroup(want)) return t('market.want.group');
  return want;
}

/** wantLine says all wants of an announcement in one line: "beer, coins or honey". */
export function wantLine(a: AnnouncementView): string {
  if (!a.wants?.length) return a.direction === 'offer' ? t(a.mine ? 'market.want.needsMine' : 'market.want.needs') : '';
  const all = a.wants.map(wantText).filter((w, i, list) => list.indexOf(w) === i);
  return new Intl.ListFormat(language(), { type: 'disjunction' }).format(all);
}

type Tone = 'plain' | 'ok' | 'warn' | 'bad';

/** stateOf is the mark of one's own announcement: what happens to it on the board, then what it is. */
export function stateOf(a: AnnouncementView): { text: string; tone: Tone } {
  if (a.why) return { text: t('market.state.refused'), tone: 'bad' };
  if (a.pending) return { text: t('market.state.pending'), tone: 'warn' };
  const tones: Record<string, Tone> = { active: 'ok', promised: 'warn', swapped: 'ok' };
  return { text: t(`market.state.${a.state}`, { defaultValue: a.state }), tone: tones[a.state] ?? 'plain' };
}
