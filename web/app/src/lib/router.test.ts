import { beforeAll, expect, test, vi } from 'vitest';

import type { Route } from './router.svelte';

let match: (routes: Route[], path: string) => { route: Route; params: Record<string, string> } | undefined;

beforeAll(async () => {
  vi.stubGlobal('window', { addEventListener() {} });
  vi.stubGlobal('history', { replaceState() {} });
  vi.stubGlobal('location', { hash: '#/deal/ab?x=1%262' });
  const m = await import('./router.svelte');
  match = m.match;
  expect(m.router.path).toBe('/deal/ab');
  expect(m.router.query.get('x')).toBe('1&2');
});

const route = (path: string): Route => ({ path, load: async () => ({ default: (() => {}) as never }) });
const routes = ['/', '/new/offer', '/new/:what', '/item/:market/:id', '/messages/:id'].map(route);

test('a path finds its screen and parameters', () => {
  expect(match(routes, '/')?.route.path).toBe('/');
  expect(match(routes, '/item/m1/i2')).toMatchObject({ route: { path: '/item/:market/:id' }, params: { market: 'm1', id: 'i2' } });
  expect(match(routes, '/messages/deal%3Aab%2F1')?.params).toEqual({ id: 'deal:ab/1' });
});

test('the first that fits wins, and slashes at the ends do not count', () => {
  expect(match(routes, '/new/offer')?.route.path).toBe('/new/offer');
  expect(match(routes, '/new/need')?.params).toEqual({ what: 'need' });
  expect(match(routes, '/new/offer/')?.route.path).toBe('/new/offer');
});

test('what no screen has is not found', () => {
  for (const path of ['/nowhere', '/item/only-one', '/item/a/b/c', '/messages/%E0%A4%A', '/__proto__']) expect(match(routes, path)).toBeUndefined();
});
