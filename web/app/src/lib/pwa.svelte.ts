// The app on the device: its service worker, new versions of it, and a place
// on the home screen. Nothing here reloads the page but a person's tap.

import { session } from './api/client';
import { hour } from './time';

type InstallEvent = Event & { prompt(): Promise<void>; userChoice: Promise<{ outcome: 'accepted' | 'dismissed' }> };

export const pwa = $state({
  update: false, // a new version is here and waits
  replaced: false, // another tab has put a new version in place
  installable: false, // the browser offers a place on the home screen
  installed: window.matchMedia('(display-mode: standalone)').matches,
});

let worker: ServiceWorkerRegistration | undefined;
let offer: InstallEvent | undefined;
let asked = false; // this tab asked for the new version

window.addEventListener('beforeinstallprompt', (e) => {
  e.preventDefault();
  offer = e as InstallEvent;
  pwa.installable = true;
});

window.addEventListener('appinstalled', () => {
  pwa.installable = false;
  pwa.installed = true;
});

/** install asks the person whether the app shall be on the home screen. */
export async function install(): Promise<void> {
  if (!offer) return;
  const e = offer;
  offer = undefined; // a browser shows it once
  pwa.installable = false;
  await e.prompt();
  await e.userChoice;
}

/**
 * startPWA registers the service worker once the agent runs, so that keeping
 * the app does not slow down its first start.
 */
export function startPWA(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  $effect.root(() => {
    let begun = false;
    $effect(() => {
      if (begun || session.state === 'starting') return;
      begun = true;
      void register();
    });
  });
}

async function register(): Promise<void> {
  const had = navigator.serviceWorker.controller !== null;
  let first = !had;
  navigator.serviceWorker.addEventListener('controllerchange', () => {
    if (asked) location.reload();
    else if (first) first = false; // the first version takes charge of this page
    else pwa.replaced = true;
  });
  try {
    worker = await navigator.serviceWorker.register('./sw.js', { updateViaCache: 'none' });
  } catch {
    return; // private mode, or no TLS: the app works while the node is there
  }
  if (!worker) return; // blocked by the browser without a word
  if (worker.waiting && had) pwa.update = true;
  worker.addEventListener('updatefound', () => {
    const next = worker?.installing;
    next?.addEventListener('statechange', () => {
      if (next.state === 'installed' && navigator.serviceWorker.controller) pwa.update = true;
    });
  });
  setInterval(look, hour);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') void look();
  });
}

async function look(): Promise<void> {
  try {
    await worker?.update();
  } catch {
    // Offline: asked again later.
  }
}

/** update puts the new version in place and loads the page anew. */
export function update(): void {
  if (pwa.replaced || !worker?.waiting) {
    location.reload();
    return;
  }
  asked = true;
  worker.waiting.postMessage('update');
}
