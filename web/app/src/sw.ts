// The service worker keeps the app on the device: the page, its parts, the
// agent and all languages, as one version that is complete or not used at all.
// It answers for these files only. Everything else, and every request to a
// node, goes by it untouched and is kept nowhere.

export {}; // a module: its names are its own

type Entry = { url: string; revision: string };
declare const self: ServiceWorkerGlobalScope & { __WB_MANIFEST: Entry[] };

// Put in by the build: each file with the SHA-256 of its content.
const files = self.__WB_MANIFEST;

// One cache, in which a file is named by its content: what two versions share
// is fetched once.
const store = 'sxp-app';
const keyOf = (f: Entry) => `${f.url}?sha256=${f.revision}`;
const keys = new Map(files.map((f) => [f.url, keyOf(f)]));

self.addEventListener('install', (e) => e.waitUntil(fetchAll()));

async function fetchAll(): Promise<void> {
  const cache = await caches.open(store);
  const missing: Entry[] = [];
  for (const f of files) if (!(await cache.match(keyOf(f)))) missing.push(f);
  const next = async (): Promise<void> => {
    for (let f = missing.shift(); f; f = missing.shift()) await fetchOne(cache, f);
  };
  await Promise.all(Array.from({ length: 6 }, next));
}

// The content must be what the build has seen: a node that was updated in
// between, or a captive portal, gives no mixture of versions.
async function fetchOne(cache: Cache, f: Entry): Promise<void> {
  const answer = await fetch(f.url, { cache: 'no-cache', redirect: 'error' });
  if (answer.status !== 200) throw new Error(`${f.url}: status ${answer.status}`);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await answer.clone().arrayBuffer()));
  const sum = Array.from(digest, (b) => b.toString(16).padStart(2, '0')).join('');
  if (sum !== f.revision) throw new Error(`${f.url} is not of this version of the app`);
  await cache.put(keyOf(f), answer);
}

self.addEventListener('activate', (e) => e.waitUntil(begin()));

async function begin(): Promise<void> {
  const cache = await caches.open(store);
  const wanted = new Set(files.map((f) => new URL(keyOf(f), self.registration.scope).href));
  for (const request of await cache.keys()) if (!wanted.has(request.url)) await cache.delete(request);
  await self.clients.claim(); // the first visit works offline too
}

// Only a person's tap on "update" puts a new version in place of one that runs.
self.addEventListener('message', (e) => {
  if (e.data === 'update') void self.skipWaiting();
});

self.addEventListener('fetch', (e) => {
  if (e.request.method !== 'GET') return;
  const url = new URL(e.request.url);
  const scope = new URL(self.registration.scope);
  if (url.origin !== scope.origin || !url.pathname.startsWith(scope.pathname)) return;
  const key = keys.get(url.pathname.slice(scope.pathname.length) || 'index.html');
  if (key) e.respondWith(kept(key, e.request));
});

async function kept(key: string, request: Request): Promise<Response> {
  const cache = await caches.open(store);
  return (await cache.match(key)) ?? fetch(request); // the browser may have made room
}
