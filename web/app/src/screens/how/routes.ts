import type { Route } from '../../lib/router.svelte';

export const routes: Route[] = [{ path: '/how', load: () => import('./How.svelte'), public: true }];
