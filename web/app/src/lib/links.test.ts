import { describe, expect, test } from 'vitest';

import { after, appLink, given, itemRoute, newRoute, partsOf, pathOf, unwrap, wayOf } from './links';

const none = { item: '', offer: '', need: '', want: [] as string[], name: '' };
const market = 'sxp:market?id=sxp1m&node=sxp1n&at=https%3A%2F%2Fnode.example';

describe('unwrap', () => {
  test.each([
    ['a bare link', market, market],
    ['spaces around', `  ${market}\n`, market],
    ['another case of the scheme', 'SXP:card?id=sxp1a', 'sxp:card?id=sxp1a'],
    ['web+sxp', 'web+sxp:card?id=sxp1a', 'sxp:card?id=sxp1a'],
    ['web+sxp with slashes', 'web+sxp://card?id=sxp1a', 'sxp:card?id=sxp1a'],
    ['in a sentence', `Come here: ${market} and see`, market],
    ['an app', appLink(market, {}, 'https://node.example/'), market],
    ['an app in a folder', appLink(market, {}, 'https://node.example/app/index.html#/card'), market],
    ['an app, in a sentence', `my card ${appLink(market, {}, 'http://127.0.0.1:8440/')}`, market],
    ['an app, wrapped twice', appLink('web+sxp:card?id=sxp1a', {}, 'https://node.example/'), 'sxp:card?id=sxp1a'],
    ['a node', 'https://node.example#sxp1abc', 'https://node.example#sxp1abc'],
    ['a card file', '{"type":"Identity","relays":["https://node.example"]}', '{"type":"Identity","relays":["https://node.example"]}'],
    ['no link', 'hello', 'hello'],
    ['nothing', '', ''],
  ])('%s', (_, text, link) => expect(unwrap(text)).toEqual({ ...none, link }));

  test('what stands beside the link is kept', () => {
    const g = unwrap(appLink(market, {}, 'https://node.example/') + '&item=ab12&want=beer&want=bread&name=Harbour+swap');
    expect(g).toEqual({ ...none, link: market, item: 'ab12', want: ['beer', 'bread'], name: 'Harbour swap' });
    expect(given(new URLSearchParams(pathOf(g).replace('/open?', '')))).toEqual(g);
  });
});

describe('wayOf', () => {
  const g = { ...none, link: market };
  test('a market is looked at', () => expect(wayOf('market', g)).toEqual({ go: '/market/look?link=' + encodeURIComponent(market) }));
  test('a market with an item is asked about', () => expect(wayOf('market', { ...g, item: 'ab' })).toEqual({ ask: 'market' }));
  test('a card and an invitation are asked about', () => {
    expect(wayOf('card', g)).toEqual({ ask: 'card' });
    expect(wayOf('invitation', g)).toEqual({ ask: 'invitation' });
  });
  test('a node is shown among nodes', () => expect(wayOf('relay', { ...none, link: 'https://n#sxp1' })).toEqual({ go: '/relays?look=https%3A%2F%2Fn%23sxp1' }));
  test('everything else is said to be unknown', () => {
    expect(wayOf('block', g)).toEqual({ say: 'block' });
    expect(wayOf('javascript', g)).toEqual({ say: 'unknown' });
  });
});

describe('after', () => {
  test('to the item', () => expect(after('sxp1m', { ...none, link: market, item: 'a/b' })).toBe('/item/sxp1m/a%2Fb'));
  test('to a form', () => expect(after('sxp1m', { ...none, link: market, offer: '3 h maths', want: ['beer', 'bread'] })).toBe('/new/offer?market=sxp1m&title=3+h+maths&want=beer&want=bread'));
  test('to the need form', () => expect(after('sxp1m', { ...none, link: market, need: 'ladder' })).toBe('/new/need?market=sxp1m&title=ladder'));
  test('to the market', () => expect(after('sxp1m', { ...none, link: market })).toBe('/market/sxp1m'));
});

describe('partsOf', () => {
  test('text alone', () => expect(partsOf('a < b & c')).toEqual([{ text: 'a < b & c' }]));
  test('a page, without the full stop', () =>
    expect(partsOf('See https://a.example/x?y=1.')).toEqual([{ text: 'See ' }, { text: 'https://a.example/x?y=1', href: 'https://a.example/x?y=1', away: true }, { text: '.' }]));
  test('our links stay in the app', () => expect(partsOf('sxp:card?id=sxp1a')).toEqual([{ text: 'sxp:card?id=sxp1a', href: '#/open?link=sxp%3Acard%3Fid%3Dsxp1a' }]));
  test('links of any app open in this one', () =>
    expect(partsOf(appLink('sxp:card?id=sxp1a', {}, 'https://node.example/'))[0]!.href).toBe('#/open?link=sxp%3Acard%3Fid%3Dsxp1a'));
  test('no script', () => expect(partsOf('javascript:alert(1) data:text/html,x')).toEqual([{ text: 'javascript:alert(1) data:text/html,x' }]));
  test('a link reads as it leads', () => expect(partsOf('https://a.example/\u202egro.knab')[0]).toEqual({ text: 'https://a.example/', href: 'https://a.example/', away: true }));
  test('nothing is lost', () => {
    const text = 'one https://a.example, two (sxp:card?id=x) three';
    expect(partsOf(text).map((p) => p.text).join('')).toBe(text);
  });
});

describe('appLink', () => {
  test('keeps all of it behind "#"', () => {
    const url = new URL(appLink(market, { item: 'ab12', name: 'Harbour & swap' }, 'https://node.example/app/?x#/market'));
    expect(url.pathname + url.search).toBe('/app/');
    const q = new URLSearchParams(url.hash.slice(url.hash.indexOf('?') + 1));
    expect([q.get('link'), q.get('item'), q.get('name')]).toEqual([market, 'ab12', 'Harbour & swap']);
    expect(appLink(market, {}, 'https://node.example/')).not.toContain('item=');
  });
});

test('the form is filled in', () => {
  expect(newRoute('need')).toBe('#/new/need');
  const q = new URLSearchParams(newRoute('offer', { market: 'sxp1m', title: '20 l beer & more', want: ['coins', 'a|b'] }).split('?')[1]);
  expect([q.get('market'), q.get('title'), q.getAll('want')]).toEqual(['sxp1m', '20 l beer & more', ['coins', 'a|b']]);
  expect(itemRoute({ market: 'sxp1m', id: '00' })).toBe('#/item/sxp1m/00');
});
