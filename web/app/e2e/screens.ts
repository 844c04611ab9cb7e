// All screens that a person with a past can open.

import type { Person } from './person';
import { expect } from './test';

export type Past = { market: string; item: string; deal: string; contact: string };

/** screens are the addresses of all screens, named for files and reports. */
export function screens(p: Past): Record<string, string> {
  return {
    home: '/',
    how: '/how',
    markets: '/markets?all=1',
    'new-market': '/markets/new',
    market: `/market/${p.market}`,
    near: `/market/${p.market}?view=near`,
    'market-info': `/market/${p.market}/info`,
    item: `/item/${p.market}/${p.item}`,
    offer: '/new/offer',
    need: '/new/need',
    mine: '/mine',
    compose: '/compose',
    deals: '/deals',
    deal: `/deal/${p.deal}`,
    counter: `/compose?counter=${p.deal}`,
    contract: `/contract/${p.deal}`,
    verify: '/verify',
    messages: '/messages',
    'new-message': '/messages/new',
    talk: `/messages/${p.contact}`,
    'deal-talk': `/messages/deal:${p.deal}`,
    contacts: '/contacts',
    contact: `/contact/${p.contact}?market=${p.market}`,
    card: '/card',
    open: '/open',
    scan: '/scan',
    relays: '/relays',
    settings: '/settings',
    backup: '/settings/backup',
    security: '/settings/security',
    devices: '/settings/devices',
    about: '/settings/about',
    delete: '/settings/delete',
    lost: '/no/such/page',
  };
}

/** settled waits until a screen has loaded what it shows. */
export async function settled(p: Person): Promise<void> {
  await expect(p.page.getByRole('heading', { level: 1 }).first()).toBeVisible();
  const busy = p.page.locator('[aria-busy="true"], main .loading');
  await expect(busy).toHaveCount(0);
  // What is asked for in answer to the first answers is waited for as well.
  await p.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  await expect(busy).toHaveCount(0);
}
