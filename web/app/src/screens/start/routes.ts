import type { Route } from '../../lib/router.svelte';

export const routes: Route[] = [
  { path: '/start', load: () => import('./Start.svelte'), public: true, bare: true },
  { path: '/unlock', load: () => import('./Unlock.svelte'), public: true, bare: true },
];
