// How fast the app starts and how heavy it is. Printed and kept, asserted never.

import type { Page } from '@playwright/test';

import { kept } from './offline';
import { expect, figure, test } from './test';

// What the browser measures of a page, from its first moment on.
const observe = `
  const m = (window.measured = { lcp: 0, cls: 0, tbt: 0, fcp: 0 });
  new PerformanceObserver((l) => { for (const e of l.getEntries()) m.lcp = e.startTime; }).observe({ type: 'largest-contentful-paint', buffered: true });
  new PerformanceObserver((l) => { for (const e of l.getEntries()) if (!e.hadRecentInput) m.cls += e.value; }).observe({ type: 'layout-shift', buffered: true });
  new PerformanceObserver((l) => { for (const e of l.getEntries()) m.tbt += Math.max(0, e.duration - 50); }).observe({ type: 'longtask', buffered: true });
  new PerformanceObserver((l) => { for (const e of l.getEntries()) if (e.name === 'first-contentful-paint') m.fcp = e.startTime; }).observe({ type: 'paint', buffered: true });
`;

type Measured = { lcp: number; cls: number; tbt: number; fcp: number };

async function measured(page: Page): Promise<Record<string, number>> {
  const m = await page.evaluate(() => (window as unknown as { measured: Measured }).measured);
  return { 'first paint ms': Math.round(m.fcp), 'LCP ms': Math.round(m.lcp), CLS: Math.round(m.cls * 10_000) / 10_000, 'TBT ms': Math.round(m.tbt) };
}

/** since is the time since the navigation began. */
const since = (page: Page) => page.evaluate(() => Math.round(performance.now()));

test('starts, paints and weight', async ({ world, person }) => {
  test.setTimeout(300_000);
  const alice = await person('Alice', { init: observe });
  const { page } = alice;
  const devtools = await alice.context.newCDPSession(page);
  await devtools.send('Network.enable');
  let bytes = 0;
  let requests = 0;
  devtools.on('Network.loadingFinished', (e) => {
    bytes += e.encodedDataLength;
    requests++;
  });

  await page.goto(world.app);
  await alice.button('I am new').waitFor();
  figure('first start: welcome is shown, ms', await since(page));
  await page.locator('main[aria-busy="false"]').waitFor({ timeout: 120_000 });
  figure('first start: the agent runs, ms', await since(page));
  await kept(alice);
  figure('first start: all of it is on the device, ms', await since(page));
  figure('first start', { ...(await measured(page)), 'page KiB as sent, without workers': Math.round(bytes / 1024), requests });

  await alice.create(world.app, { later: true });
  for (const again of ['second', 'third']) {
    await page.goto('about:blank');
    bytes = requests = 0;
    await page.goto(world.app);
    await alice.heading('Hello Alice').waitFor();
    figure(`${again} start: home is shown, ms`, await since(page));
    await page.locator('main[aria-busy="false"]').waitFor();
    figure(`${again} start: the agent runs, ms`, await since(page));
    figure(`${again} start`, await measured(page));
  }

  // A cold browser with what the service worker kept.
  await alice.reopen();
  const begun = Date.now();
  await alice.page.goto(world.app);
  await alice.heading('Hello Alice').waitFor();
  await alice.page.locator('main[aria-busy="false"]').waitFor();
  figure('second start in a new browser process: the agent runs, ms', Date.now() - begun);
  figure('second start in a new browser process', await measured(alice.page));
  expect(await alice.page.evaluate(() => navigator.serviceWorker.controller?.scriptURL)).toContain('/sw.js');
});
