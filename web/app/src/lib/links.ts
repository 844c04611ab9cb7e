// Links as people pass them on, and where each kind of link leads. What a link
// says is the agent's to read (host.identify); here it is only taken out of
// what surrounds it.

/** Given is a link without its wrapping, and what the wrapping says beside it. */
export type Given = { link: string; item: string; offer: string; need: string; want: string[]; name: string };

const none = { item: '', offer: '', need: '', want: [], name: '' };

/**
 * unwrap takes a link out of the address of an app ("https://…/#/open?link=…"),
 * out of "web+sxp:", and out of a text that has one in it. What has none comes
 * back as it is.
 */
export function unwrap(text: string): Given {
  const whole = text.trim();
  const first = whole.startsWith('{') ? undefined : /(?:https?:\/\/|web\+sxp:|sxp:)\S+/i.exec(whole)?.[0];
  const at = first ?? whole;
  const fragment = /^https?:\/\/[^#]*#\/open\?(.*)$/i.exec(at)?.[1];
  if (fragment !== undefined) {
    const q = new URLSearchParams(fragment);
    return { ...given(q), link: plain(q.get('link') ?? '') };
  }
  return { ...none, link: plain(at) };
}

/** given reads the query of this app's own address "#/open?…". */
export function given(q: URLSearchParams): Given {
  return { link: q.get('link') ?? '', item: q.get('item') ?? '', offer: q.get('offer') ?? '', need: q.get('need') ?? '', want: q.getAll('want'), name: (q.get('name') ?? '').trim().slice(0, 80) };
}

function plain(link: string): string {
  return link.trim().replace(/^(?:web\+)?sxp:(?:\/\/)?/i, 'sxp:');
}

/** pathOf is the screen of this app that opens what was given. */
export function pathOf(g: Given): string {
  const q = new URLSearchParams();
  for (const [name, values] of Object.entries(g)) for (const value of [values].flat()) if (value) q.append(name, value);
  return '/open?' + q.toString();
}

/** appLink is the address that opens a link in the app at base: any camera and any messenger takes it. All of it stands behind "#", which no server sees. */
export function appLink(link: string, beside: Partial<Given> = {}, base = location.href): string {
  return base.replace(/[?#].*$/, '') + '#' + pathOf({ ...none, ...beside, link });
}

/** itemRoute is the screen of one announcement. */
export function itemRoute(a: { market: string; id: string }): string {
  return `#/item/${encodeURIComponent(a.market)}/${encodeURIComponent(a.id)}`;
}

/** newPath is the form of a new offer, need or gift, filled in. */
export function newPath(what: 'offer' | 'need' | 'gift', fields: { market?: string; title?: string; want?: string[] } = {}): string {
  const q = new URLSearchParams();
  if (fields.market) q.set('market', fields.market);
  if (fields.title) q.set('title', fields.title);
  for (const w of fields.want ?? []) q.append('want', w);
  const text = q.toString();
  return `/new/${what}${text && '?' + text}`;
}

/** newRoute is the same as the address of a link. */
export function newRoute(...args: Parameters<typeof newPath>): string {
  return '#' + newPath(...args);
}

/** Way is what happens with a kind of link: another screen, or a question here. */
export type Way = { go: string } | { ask: 'card' | 'market' | 'invitation' } | { say: 'block' | 'unknown' };

/** wayOf says what to do with a link that the agent found to be of a kind. */
export function wayOf(kind: string, g: Given): Way {
  switch (kind) {
    case 'card':
    case 'invitation':
      return { ask: kind };
    case 'market':
      if (g.item || g.offer || g.need) return { ask: 'market' };
      return { go: '/market/look?link=' + encodeURIComponent(g.link) };
    case 'relay':
      return { go: '/relays?look=' + encodeURIComponent(g.link) };
    case 'block':
      return { say: 'block' };
  }
  return { say: 'unknown' };
}

/** after says where to go once the market of a link was joined. */
export function after(market: string, g: Given): string {
  if (g.item) return itemRoute({ market, id: g.item }).slice(1);
  if (g.offer) return newPath('offer', { market, title: g.offer, want: g.want });
  if (g.need) return newPath('need', { market, title: g.need, want: g.want });
  return `/market/${encodeURIComponent(market)}`;
}

/** startPath is the first start of somebody who was sent the link of a market: they see it right after, and join with one tap. */
export function startPath(g: Given): string {
  const q = new URLSearchParams({ market: g.link });
  if (g.offer) q.set('offer', g.offer);
  if (g.need) q.set('need', g.need);
  if (g.want[0]) q.set('want', g.want[0]);
  return '/start?' + q.toString();
}

/** Part is a piece of a message: words, or a link with the address it leads to. */
export type Part = { text: string; href?: string; away?: boolean };

/** partsOf finds the links in what somebody wrote. Nothing but http, https and sxp becomes one; where letters turn the direction of text, or are not seen, it ends. */
export function partsOf(text: string): Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (const m of text.matchAll(/\b(?:https?:\/\/|(?:web\+)?sxp:)[^\s<>"\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f]+/gi)) {
    const link = m[0].replace(/[.,;:!?)\]}'»”]+$/, ''); // belongs to the sentence
    if (m.index > from) parts.push({ text: text.slice(from, m.index) });
    const g = unwrap(link);
    if (g.link.startsWith('sxp:')) parts.push({ text: link, href: '#' + pathOf(g) });
    else parts.push({ text: link, href: link, away: true });
    from = m.index + link.length;
  }
  if (from < text.length) parts.push({ text: text.slice(from) });
  return parts;
}
