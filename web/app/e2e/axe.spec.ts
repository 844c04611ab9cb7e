// What axe-core finds on every screen with real content: nothing. And a picture
// of every screen, to be looked at: test-results/gallery/index.html.

import { axe, Looker, looks, sheet } from './look';
import { invitation, past } from './scene';
import { screens } from './screens';
import { expect, figure, test } from './test';

test('axe finds nothing on any screen, light and dark, in three languages', async ({ world, person }) => {
  test.setTimeout(600_000);
  const alice = await person('Alice', { init: axe });
  const looker = new Looker(alice);
  const { page } = alice;

  // Before there is a person, in English.
  const english = looks.filter((l) => l.lang === 'en');
  await page.goto(world.app);
  await looker.look('welcome', english);
  await alice.button('I have 24 words').click();
  await looker.look('restore', english);
  await page.goBack();
  await alice.button('I am new').click();
  await looker.look('name', english);

  await alice.create(invitation(world, '3 h maths lessons', 'a moon stone'));
  await looker.look('ready', english);
  await alice.join();
  const made = await past(world, alice);
  // Proposed, and not answered yet.
  await world.sxp('bob', 'propose', 'deal', '--give', 'Alice: a kite', '--get', 'Alice: an evening of chess', '--within', '9m');
  await alice.proposal();
  const open = /deal\/([0-9a-f]+)/.exec(page.url())![1]!;
  await alice.go('/mine');
  await page.getByRole('link', { name: /3 h maths/ }).first().click();
  await expect(page).toHaveURL(/#\/item\//);
  const [, market, item] = /item\/(sxp1[a-z0-9]+)\/([0-9a-f]+)/.exec(page.url())!;
  await looker.all({ ...screens({ market: market!, item: item!, deal: made.deal, contact: made.bob }), answer: `/deal/${open}` });

  sheet();
  figure('axe-core: pages looked at', looker.looked);
  expect(looker.found).toEqual({});
});

test('axe finds nothing where gifts, rules, levies and what is yet to come are shown', async ({ world, person }) => {
  test.setTimeout(480_000);
  const alice = await person('Alma', { init: axe });
  const { page } = alice;
  const looker = new Looker(alice);
  await alice.begin(invitation(world, 'red kayak', 'bicycle'));
  const [, market, item] = /item\/(sxp1[a-z0-9]+)\/([0-9a-f]+)/.exec(page.url())!;

  // Ben gives and takes for nothing, and founds a market next door, with rules.
  await world.member('ben');
  await world.member('cleo');
  await world.sxp('cleo', 'offer', '3 kg apples', '--want', 'moon stone');
  await world.member('dan');
  await world.sxp('dan', 'offer', 'a globe', '--want', 'moon stone');
  await world.sxp('ben', 'gift', '12 m garden hose');
  await world.sxp('ben', 'offer', '20 l beer', '--want', 'kayak');
  await world.sxp('ben', 'market', 'create', 'Old town', '--at', world.node);
  const link = /sxp:market\?\S+/.exec(await world.sxp('ben', 'market', 'show', 'Old town'))![0];
  await world.sxp('ben', 'market', 'rules', '--market', 'Old town', '--rhythm', 'rounds', '--every', '1d', '--goal', 'people', '--goal', 'items', '--max-ring', '6', '--neighbour', world.market, '--levy', 'VAT: 20 % of goods and services in home to the tax office', '--guarantee', 'The town checks every thing before it is handed over.');
  await alice.go('/market/look?link=' + encodeURIComponent(link));
  await alice.button('Join Old town').click();
  await expect(page).toHaveURL(/#\/market\/sxp1/);
  const town = /market\/(sxp1[a-z0-9]+)/.exec(page.url())![1]!;

  // Three proposals: she gives for nothing; she gets for nothing; one over both markets.
  const deals: Record<string, string> = {};
  const propose = async (name: string, what: RegExp, ...args: string[]) => {
    await world.sxp('ben', 'propose', ...args);
    await alice.go('/deals');
    await alice.link(what).first().click();
    await expect(alice.button('Accept')).toBeVisible();
    deals[name] = '/deal/' + /deal\/([0-9a-f]+)/.exec(page.url())![1]!;
  };
  await propose('giver', /long ladder/, 'deal', '--market', 'harbour swap', '--get', 'Alma: a long ladder');
  await propose('taker', /armchair/, 'deal', '--market', 'harbour swap', '--give', 'Alma: an armchair');
  await world.sxp('ben', 'offer', 'a blue bicycle', '--category', 'home/vehicles', '--want', 'kayak', '--market', 'Old town');
  await propose('two-markets', /blue bicycle/, '--market', 'harbour swap', '--with', 'Old town');

  // A chain of four, by hand, in which the last one gives nothing.
  await propose('chain', /pancakes/, 'deal', '--market', 'harbour swap', '--move', 'ben > Alma: a hammock', '--move', 'Alma > cleo: an evening of pancakes', '--move', 'cleo > dan: 3 kg pears');

  // A market of her own, to be ruled.
  await alice.go('/markets/new');
  await alice.field('Name').fill('Hill gardens');
  await alice.button('Open the market').click();
  await expect(page).toHaveURL(/#\/market\/sxp1[a-z0-9]+\/info/);
  const own = /market\/(sxp1[a-z0-9]+)/.exec(page.url())![1]!;
  await page.getByText('When, which and how long').click();
  await page.getByLabel('When it proposes deals').selectOption('rounds');
  await page.getByLabel('What counts most').selectOption('people');
  await page.getByLabel('Things in one ring at most').selectOption('6');
  await page.getByLabel('What the market answers for').fill('We look at every plant.');
  await alice.button('Change the rules').click();
  await expect(page.getByText('First more people are helped; then more things go round', { exact: false })).toBeVisible();
  await expect(page.getByText('In rounds, every 1 day', { exact: false })).toBeVisible();

  await alice.go(`/market/${market}?d=gift`);
  await alice.link(/garden hose/).click();
  await expect(page).toHaveURL(/#\/item\//);
  const gift = page.url().split('#')[1]!;
  await looker.all(
    { 'gift-form': '/new/gift', gifts: `/market/${market}?d=gift`, gift, 'gift-take': gift, why: `/item/${market}/${item}`, waiting: `/market/${market}/report`, 'town-info': `/market/${town}/info`, 'own-info': `/market/${own}/info`, proposals: '/deals', start: '/', ...deals },
    {
      'gift-take': async () => { await page.locator('main .acts button').first().click(); await expect(page.getByRole('dialog')).toBeVisible(); },
      'own-info': async () => { await page.locator('main summary').nth(1).click(); },
      why: async () => { await page.locator('main button:has(svg.lucide-circle-question-mark)').click(); await expect(page.locator('main [role=status] section')).toBeVisible(); },
    },
  );

  sheet();
  figure('axe-core: pages looked at, gifts and rules', looker.looked);
  expect(looker.found).toEqual({});
});
