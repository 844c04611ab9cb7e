// Something is given away, and three people are glad: who takes it gives
// something of their own to a third, who gives nothing.

import { axe, Looker, looks } from './look';
import { expect, test } from './test';

test('a gift goes on as a chain, and each of three is told rightly what they give and get', async ({ world, person }) => {
  test.setTimeout(300_000);
  const three = await Promise.all(['Ann', 'Bob', 'Cyd'].map((n) => person(n, { init: axe })));
  const [ann, bob, cyd] = three as [(typeof three)[0], (typeof three)[0], (typeof three)[0]];
  const link = `${world.app}#/start?market=${encodeURIComponent(world.market)}`;
  await Promise.all(
    three.map(async (p) => {
      await p.create(link);
      await p.button(/^(Join and )?go on$/i).click();
      await expect(p.page).toHaveURL(/#\/market\//);
    }),
  );

  await cyd.link('I need').click();
  await cyd.field('What do you need?').fill('20 l beer');
  await cyd.publish();
  await ann.link('I give away').click();
  await ann.field('What do you give away?').fill('long ladder');
  await ann.publish();
  await expect(ann.page.getByText('Gift', { exact: true })).toBeVisible();

  // Bob finds it among the gifts, and says what he gives for it: to whoever needs that.
  const market = /item\/(sxp1[a-z0-9]+)/.exec(ann.page.url())![1]!;
  await bob.go(`/market/${market}?d=gift`);
  await bob.link(/long ladder/).click();
  await expect(bob.page.getByText('It is given away', { exact: false })).toBeVisible();
  await bob.button('I want this').click();
  await bob.link('Offer something new for it').click();
  await bob.field('What do you offer?').fill('20 l beer');
  await bob.publish();

  await Promise.all(three.map((p) => p.proposal()));
  const part = (p: typeof ann, name: string) => p.page.getByRole('region', { name, exact: true });
  await expect(part(ann, 'I give')).toContainText('long ladder');
  await expect(part(ann, 'I get')).toContainText('Nothing: you give it away');
  await expect(ann.page.getByText('You give, and get nothing in return.')).toBeVisible();
  await expect(part(bob, 'I give')).toContainText('20 l beer');
  await expect(part(bob, 'I get')).toContainText('long ladder');
  await expect(part(cyd, 'I give')).toContainText('Nothing');
  await expect(part(cyd, 'I get')).toContainText('20 l beer');
  for (const p of [bob, cyd]) await expect(p.page.getByText('get nothing in return')).toHaveCount(0);

  const looker = new Looker(cyd);
  await looker.look('chain-end', looks.slice(0, 1));

  for (const p of three) await p.accept();
  const files = await Promise.all(three.map((p) => p.contract()));
  const v = JSON.parse(await world.sxp('nobody', 'verify', '--json', files[2]!));
  expect(v.verified).toBe(true);
  expect(v.parties).toHaveLength(3);

  await looker.look('chain-signed', looks.slice(0, 1));
  expect(looker.found).toEqual({});

  // What has gone is marked so, also by who gave it for nothing.
  await ann.go('/mine');
  await expect(ann.page.getByRole('heading', { name: 'Swapped' })).toBeVisible();
});
