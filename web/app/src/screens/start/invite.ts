// What a link to the first start brings with it: #/start?name=…&market=…&offer=…
// &want=…, or need=…; and then=…, the screen that was asked for before.

import { newPath } from '../../lib/links';

export type Invite = { name: string; market: string; offer: string; want: string; need: string; invitation: string; then: string };

/** readInvite reads the part of the address behind "?". */
export function readInvite(query: URLSearchParams): Invite {
  const get = (k: string) => (query.get(k) ?? '').trim();
  const then = get('then');
  return {
    name: get('name'),
    market: get('market'),
    offer: get('offer'),
    want: get('want'),
    need: get('need'),
    invitation: get('invitation'),
    then: /^\/(?!\/)/.test(then) && !then.startsWith('/start') && !then.startsWith('/unlock') ? then : '',
  };
}

/** nextOf is the screen after the first start: the form that the link fills in, the market, or what was asked for. */
export function nextOf(i: Invite, market = i.market): string {
  if (i.offer) return newPath('offer', { market, title: i.offer, want: i.want ? [i.want] : [] });
  if (i.need) return newPath('need', { market, title: i.need });
  return i.then || '/';
}
