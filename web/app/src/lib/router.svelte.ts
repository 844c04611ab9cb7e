// The way between screens: the part of the address behind "#", which no
// server sees.

import type { Component } from 'svelte';

/** A Route is one screen. In path, ":name" is a parameter. */
export type Route = {
  path: string;
  load: () => Promise<{ default: Component<any> }>;
  tab?: Tab; // which entry of the navigation is current
  public?: boolean; // shown without a person who is unlocked
  bare?: boolean; // without the navigation: first start, unlocking
};

export type Tab = 'home' | 'market' | 'deals' | 'messages' | 'me';

type Place = { path: string; query: URLSearchParams };

function read(): Place {
  const hash = location.hash.replace(/^#/, '') || '/';
  const cut = hash.indexOf('?');
  const path = cut < 0 ? hash : hash.slice(0, cut);
  return { path: path.startsWith('/') ? path : '/' + path, query: new URLSearchParams(cut < 0 ? '' : hash.slice(cut + 1)) };
}

let place = $state.raw<Place>(read());
let depth = 0; // screens of this visit before this one

// Each entry of the history has a number, under which it is kept how far down
// its screen was read.
let entry = Date.now();
let newest = entry;
let top = 0;
const tops = new Map<number, number>();
if (typeof history !== 'undefined') {
  history.scrollRestoration = 'manual'; // the browser would scroll before the screen is there
  history.replaceState({ sxp: entry }, '');
}

window.addEventListener('hashchange', () => {
  tops.set(entry, window.scrollY);
  const known: unknown = history.state?.sxp;
  if (typeof known === 'number') {
    entry = known; // back, or forward again
    top = tops.get(known) ?? 0;
  } else {
    entry = ++newest;
    top = 0;
    history.replaceState({ sxp: entry }, '');
  }
  place = read();
});

export const router = {
  /** path is the current screen's, "/deal/ab12". */
  get path(): string {
    return place.path;
  },
  /** query has what follows "?". */
  get query(): URLSearchParams {
    return place.query;
  },
  /** top is how far down this screen was read when it was left, in pixels. */
  get top(): number {
    return top;
  },
};

/** go shows a screen. With replace the one that is left cannot be come back to. */
export function go(path: string, options: { replace?: boolean } = {}): void {
  if (location.hash === '#' + path) return;
  if (options.replace) {
    history.replaceState({ sxp: entry }, '', '#' + path);
    top = 0;
    place = read();
    return;
  }
  depth++;
  location.hash = path;
}

/** back shows the screen before, or the one given where there is none. */
export function back(otherwise: string): void {
  if (depth > 0) {
    depth--;
    history.back();
  } else {
    go(otherwise, { replace: true });
  }
}

/** match finds the route of a path, and its parameters. */
export function match(routes: Route[], path: string): { route: Route; params: Record<string, string> } | undefined {
  const parts = path.split('/').filter(Boolean);
  for (const route of routes) {
    const want = route.path.split('/').filter(Boolean);
    if (want.length !== parts.length) continue;
    const params: Record<string, string> = {};
    const fits = want.every((w, i) => {
      if (!w.startsWith(':')) return w === parts[i];
      try {
        params[w.slice(1)] = decodeURIComponent(parts[i]!);
        return true;
      } catch {
        return false; // no text in that escape
      }
    });
    if (fits) return { route, params };
  }
  return undefined;
}
