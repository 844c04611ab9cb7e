import type { Person } from './person';

/** kept waits until the service worker has the whole app on the device and serves this page. */
export async function kept(p: Person): Promise<void> {
  await p.page.waitForFunction(() => navigator.serviceWorker.controller !== null, undefined, { timeout: 120_000 });
}
