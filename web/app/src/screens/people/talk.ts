// A conversation as it is shown: pages put together, messages grouped by day
// and by who writes.

import type { MessageView } from '../../lib/api/client';
import { minute, sameDay } from '../../lib/time';

/** Day is a run of messages of one day of the reader's clock. */
export type Day = { key: string; at: number; messages: Line[] };

/** Line is one message and whether it opens a run of one person. */
export type Line = { message: MessageView; opens: boolean };

/** runGap is the silence after which a name is shown again. */
const runGap = 10 * minute;

/**
 * byDay groups messages, oldest first, in the order given: a clock that is
 * wrong on the other side starts another day rather than move a message.
 */
export function byDay(messages: MessageView[]): Day[] {
  const days: Day[] = [];
  let before: MessageView | undefined;
  for (const message of messages) {
    const last = days[days.length - 1];
    const same = last !== undefined && before !== undefined && sameDay(before.at, message.at);
    const opens = !same || !before || before.from !== message.from || Math.abs(message.at - before.at) > runGap;
    if (same) last.messages.push({ message, opens });
    else days.push({ key: message.id, at: message.at, messages: [{ message, opens }] });
    before = message;
  }
  return days;
}

/**
 * merge puts the newest page after what is known, newer versions of a message
 * in the place of older ones. Where the page does not touch what is known,
 * there is a gap: then only the page is kept.
 */
export function merge(known: MessageView[], page: MessageView[]): { messages: MessageView[]; gap: boolean } {
  const cut = page.length ? known.findIndex((m) => m.id === page[0]!.id) : -1;
  if (cut >= 0) return { messages: [...known.slice(0, cut), ...page], gap: false };
  if (!known.some((m) => page.some((p) => p.id === m.id))) return { messages: page, gap: true };
  // An older message came in between: the page is right about its own span.
  const first = known.findIndex((m) => page.some((p) => p.id === m.id));
  const fresh = new Set(page.map((m) => m.id));
  return { messages: [...known.slice(0, first).filter((m) => !fresh.has(m.id)), ...page], gap: false };
}

/** before puts an older page in front of what is known, each message once. */
export function before(page: MessageView[], known: MessageView[]): MessageView[] {
  const here = new Set(known.map((m) => m.id));
  return [...page.filter((m) => !here.has(m.id)), ...known];
}

/** fresh lists what is in now and was not in then. */
export function fresh(then: MessageView[], now: MessageView[]): MessageView[] {
  const here = new Set(then.map((m) => m.id));
  return now.filter((m) => !here.has(m.id));
}

/** firstUnread finds where the unread part begins. */
export function firstUnread(messages: MessageView[]): string | undefined {
  return messages.find((m) => !m.mine && !m.read)?.id;
}
