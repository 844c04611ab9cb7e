import type { Route } from '../../lib/router.svelte';

export const routes: Route[] = [
  { path: '/markets', load: () => import('./Markets.svelte'), tab: 'market' },
  { path: '/markets/new', load: () => import('./NewMarket.svelte'), tab: 'market' },
  { path: '/market/look', load: () => import('./Look.svelte'), tab: 'market' },
  { path: '/market/:id', load: () => import('./Market.svelte'), tab: 'market' },
  { path: '/market/:id/info', load: () => import('./Info.svelte'), tab: 'market' },
  { path: '/market/:id/report', load: () => import('./Report.svelte'), tab: 'market' },
  { path: '/item/:market/:id', load: () => import('./Item.svelte'), tab: 'market' },
  { path: '/new/offer', load: () => import('./Form.svelte'), tab: 'market' },
  { path: '/new/need', load: () => import('./Form.svelte'), tab: 'market' },
  { path: '/new/gift', load: () => import('./Form.svelte'), tab: 'market' },
  { path: '/edit/:id', load: () => import('./Form.svelte'), tab: 'market' },
  { path: '/mine', load: () => import('./Mine.svelte'), tab: 'market' },
];
