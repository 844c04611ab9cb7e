import { describe, expect, test } from 'vitest';

import type { MessageView } from '../../lib/api/client';
import { before, byDay, firstUnread, fresh, merge } from './talk';

const day = (d: number, h: number, m = 0) => new Date(2026, 10, d, h, m).getTime();

function message(id: string, at: number, from = 'ana', rest: Partial<MessageView> = {}): MessageView {
  return { id, at, from, fromName: from, text: id, read: true, mine: from === 'me', state: '', ...rest };
}

describe('byDay', () => {
  test('days of the reader’s clock, midnight between', () => {
    const days = byDay([message('a', day(1, 23, 59)), message('b', day(2, 0, 0)), message('c', day(2, 23, 59))]);
    expect(days.map((d) => d.messages.map((l) => l.message.id))).toEqual([['a'], ['b', 'c']]);
  });
  test('a wrong clock moves no message', () => {
    const days = byDay([message('a', day(2, 9)), message('b', day(1, 9)), message('c', day(2, 10))]);
    expect(days.map((d) => d.messages[0]!.message.id)).toEqual(['a', 'b', 'c']);
    expect(new Set(days.map((d) => d.key)).size).toBe(3);
  });
  test('a run opens with another person, after a silence, on a new day', () => {
    const opens = byDay([
      message('a', day(1, 9, 0)), message('b', day(1, 9, 5)), message('c', day(1, 9, 6), 'me'), message('d', day(1, 9, 30), 'me'), message('e', day(2, 9, 31), 'me'),
    ]).flatMap((d) => d.messages.map((l) => l.opens));
    expect(opens).toEqual([true, false, true, true, true]);
  });
  test('nothing', () => expect(byDay([])).toEqual([]));
});

describe('merge', () => {
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((id, i) => message(id, i)) as [MessageView, MessageView, MessageView, MessageView];
  const ids = (r: { messages: MessageView[] }) => r.messages.map((m) => m.id).join('');
  test('the first page', () => expect(merge([], [a, b])).toEqual({ messages: [a, b], gap: true }));
  test('newer ones come after', () => expect(ids(merge([a, b], [b, c]))).toBe('abc'));
  test('the page’s version of a message counts', () => {
    const sent = { ...b, state: 'sent' };
    expect(merge([a, b], [a, sent]).messages).toEqual([a, sent]);
  });
  test('older pages stay', () => expect(merge([a, b, c], [c, d])).toEqual({ messages: [a, b, c, d], gap: false }));
  test('where it does not touch, there is a gap', () => expect(merge([a, b], [d])).toEqual({ messages: [d], gap: true }));
  test('a late one in between is put in its place', () => expect(ids(merge([a, c], [b, c, d]))).toBe('abcd'));
  test('an empty page', () => expect(merge([], [])).toEqual({ messages: [], gap: true }));
  test('an older page goes in front, each once', () => expect(before([a, b], [b, c]).map((m) => m.id).join('')).toBe('abc'));
  test('what is fresh', () => expect(fresh([a, b], [a, b, c, d]).map((m) => m.id)).toEqual(['c', 'd']));
});

test('firstUnread is of others', () => {
  expect(firstUnread([message('a', 1), message('b', 2, 'me', { read: false }), message('c', 3, 'ana', { read: false })])).toBe('c');
  expect(firstUnread([message('a', 1)])).toBeUndefined();
});
