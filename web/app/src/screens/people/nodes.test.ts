import { describe, expect, test } from 'vitest';

import type { RelayView } from '../../lib/api/client';
import { sorted } from './nodes';

const node = (name: string, rest: Partial<RelayView>): RelayView => ({ address: name, url: name, name, inUse: false, reachable: true, millis: 10, services: [], from: 'asked', ...rest });
const offer = (o: Partial<NonNullable<RelayView['offer']>>) => ({ offer: { accounts: 'open' as const, maxTTL: 0, ...o } });
const names = (list: RelayView[]) => list.map((n) => n.name).join('');

describe('sorted', () => {
  test('fast ones first, silent ones last', () =>
    expect(names(sorted([node('a', { reachable: false, millis: 0 }), node('b', { millis: 30 }), node('c', { millis: 5 })], 'speed'))).toBe('cba'));
  test('no limit is the most room, what is not said the least', () =>
    expect(names(sorted([node('a', {}), node('b', offer({ quotaMiB: 5 })), node('c', offer({ quotaMiB: 500 })), node('d', offer({}))], 'room'))).toBe('dcba'));
  test('long ones first', () => expect(names(sorted([node('a', {}), node('b', offer({ maxTTL: 10 })), node('c', offer({ maxTTL: 20 }))], 'ttl'))).toBe('cba'));
  test('what names no price is not the cheapest', () => expect(names(sorted([node('a', {}), node('b', offer({ price: 'free' })), node('c', offer({ price: '2 EUR' }))], 'price'))).toBe('cba'));
  test('equal ones by name', () => expect(names(sorted([node('c', {}), node('a', {}), node('b', {})], 'speed'))).toBe('abc'));
  test('the list given is not changed', () => {
    const list = [node('b', {}), node('a', {})];
    sorted(list, 'name');
    expect(names(list)).toBe('ba');
  });
});
