// All screens of the app. A folder of screens is loaded when it is first shown.

import type { Route } from '../lib/router.svelte';
import { routes as deals } from './deals/routes';
import { routes as home } from './home/routes';
import { routes as how } from './how/routes';
import { routes as market } from './market/routes';
import { routes as people } from './people/routes';
import { routes as settings } from './settings/routes';
import { routes as start } from './start/routes';

export const routes: Route[] = [...start, ...home, ...market, ...deals, ...people, ...settings, ...how];
