import type { Route } from '../../lib/router.svelte';

export const routes: Route[] = [
  { path: '/settings', load: () => import('./Settings.svelte'), tab: 'me' },
  { path: '/settings/backup', load: () => import('./Backup.svelte'), tab: 'me' },
  { path: '/settings/devices', load: () => import('./Devices.svelte'), tab: 'me' },
  { path: '/settings/security', load: () => import('./Security.svelte'), tab: 'me' },
  { path: '/settings/delete', load: () => import('./Delete.svelte'), tab: 'me' },
  { path: '/settings/about', load: () => import('./About.svelte'), tab: 'me', public: true },
];
