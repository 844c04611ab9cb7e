import type { Route } from '../../lib/router.svelte';

export const routes: Route[] = [{ path: '/', load: () => import('./Home.svelte'), tab: 'home' }];
