// What a link to the first start brings with it: #/start?name=…&market=…&offer=…
// &want=…, or need=…; and then=…, the screen that was asked for before.

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
  const q = new URLSearchParams();
  if (market) q.set('market', market);
  if (i.offer) {
    q.set('title', i.offer);
    if (i.want) q.set('want', i.want);
    return '/new/offer?' + q;
  }
  if (i.need) {
    q.set('title', i.need);
    return '/new/need?' + q;
  }
  return i.then || '/';
}
