import { describe, expect, it } from 'vitest';

import { itemRoute, newRoute, routeOf, webLink } from './links';

const link = 'sxp:market?id=sxp1m&node=sxp1n&at=https%3A%2F%2Fa.example';

describe('links', () => {
  it('keep all of it behind "#"', () => {
    const url = new URL(webLink(link, 'ab12', 'Harbour & swap', 'https://node.example/app/'));
    expect(url.pathname + url.search).toBe('/app/');
    const q = new URLSearchParams(url.hash.slice(url.hash.indexOf('?') + 1));
    expect(q.get('link')).toBe(link);
    expect(q.get('item')).toBe('ab12');
    expect(q.get('name')).toBe('Harbour & swap');
    expect(webLink(link, '', '', 'https://node.example/')).not.toContain('item=');
  });

  it('are opened by the screen they are for', () => {
    expect(routeOf(` ${link}\n`)).toBe('/market/look?link=' + encodeURIComponent(link));
    expect(routeOf(webLink(link, 'ab12', '', 'https://other.example/'))).toBe('/open?link=' + encodeURIComponent(link) + '&item=ab12');
    expect(routeOf('sxp:card?x=1')).toBe('/open?link=sxp%3Acard%3Fx%3D1');
    expect(routeOf('nonsense & more')).toBe('/open?link=nonsense%20%26%20more');
  });

  it('fill in the form', () => {
    expect(newRoute('need')).toBe('#/new/need');
    const q = new URLSearchParams(newRoute('offer', { market: 'sxp1m', title: '20 l beer & more', want: ['coins', 'a|b'] }).split('?')[1]);
    expect([q.get('market'), q.get('title'), q.getAll('want')]).toEqual(['sxp1m', '20 l beer & more', ['coins', 'a|b']]);
    expect(itemRoute({ market: 'sxp1m', id: '00' })).toBe('#/item/sxp1m/00');
  });
});
