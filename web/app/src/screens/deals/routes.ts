import type { Route } from '../../lib/router.svelte';

export const routes: Route[] = [
  { path: '/deals', load: () => import('./Deals.svelte'), tab: 'deals' },
  { path: '/deal/:id', load: () => import('./Deal.svelte'), tab: 'deals' },
  { path: '/compose', load: () => import('./Compose.svelte'), tab: 'deals' },
  { path: '/contract/:id', load: () => import('./Contract.svelte'), tab: 'deals' },
  { path: '/verify', load: () => import('./Verify.svelte'), tab: 'deals', public: true },
];
