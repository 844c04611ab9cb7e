// Links of markets and announcements, as they are given away and pasted.

/** webLink is the address of this app that opens a market, or one announcement there. The name tells whoever is new what they were sent. All of it stands behind "#", which no server sees. */
export function webLink(link: string, item = '', name = '', base = location.origin + location.pathname): string {
  return `${base}#/open?link=${encodeURIComponent(link)}${item && `&item=${encodeURIComponent(item)}`}${name && `&name=${encodeURIComponent(name)}`}`;
}

/** routeOf is the screen for what somebody pasted: a market's link is looked at, all else is for the screen that opens links. */
export function routeOf(pasted: string): string {
  const text = pasted.trim();
  const at = text.indexOf('#/open?');
  if (at >= 0) return text.slice(at + 1);
  if (/^sxp:market\?/i.test(text)) return '/market/look?link=' + encodeURIComponent(text);
  return '/open?link=' + encodeURIComponent(text);
}

/** itemRoute is the screen of one announcement. */
export function itemRoute(a: { market: string; id: string }): string {
  return `#/item/${encodeURIComponent(a.market)}/${encodeURIComponent(a.id)}`;
}

/** newRoute is the form of a new offer or need, filled in. */
export function newRoute(what: 'offer' | 'need', fields: { market?: string; title?: string; want?: string[] } = {}): string {
  const q = new URLSearchParams();
  if (fields.market) q.set('market', fields.market);
  if (fields.title) q.set('title', fields.title);
  for (const w of fields.want ?? []) q.append('want', w);
  const text = q.toString();
  return `#/new/${what}${text && '?' + text}`;
}
