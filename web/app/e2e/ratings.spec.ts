// What became of a contract, said in the app and by the command, is read next
// to what people offer: counted, with whom one knows among those who say it.

import { axe, Looker, looks } from './look';
import { invitation } from './scene';
import { expect, test } from './test';

test('what somebody made of a contract is said, and read next to their offers', async ({ world, person }) => {
  test.setTimeout(300_000);
  await world.member('bob');
  await world.sxp('bob', 'offer', 'red bicycle', '--want', 'bread');
  await world.sxp('bob', 'offer', 'a blue lamp', '--want', 'moon stone');
  const eve = await person('Eve', { init: axe });
  await eve.begin(invitation(world, '3 kg bread', 'bicycle'));
  await eve.proposal();
  await eve.accept();
  await world.sxp('bob', 'accept', '1');
  await eve.link('To the contract').click({ timeout: 120_000 });

  const market = /sxp:market\?\S*?id=(sxp1[a-z0-9]+)/.exec(world.market)?.[1] ?? '';
  const lamp = async () => {
    await eve.go(`/market/${market}`);
    await eve.link(/blue lamp/).first().click();
  };
  const said = eve.page.getByRole('region', { name: 'What others say' });
  const contract = new URL(eve.page.url()).hash.slice(1);
  await lamp();
  await expect(said.getByText('Nobody has said yet what became of a contract with bob.')).toBeVisible();

  await eve.go(contract);
  await eve.page.getByText('Say what became of it').click();
  await expect(eve.button('Say it at the market')).toBeDisabled(); // no blame by a choice that was not made
  await eve.page.getByLabel('What bob was to give: red bicycle').selectOption('Not given as promised');
  await eve.field(/In your words/).fill('no <b>brakes</b>');
  await eve.button('Say it at the market').click();
  await expect(eve.page.getByText('It is shown next to what bob offers.')).toBeVisible();
  await lamp();
  await expect(said.getByText('Not kept: 1')).toBeVisible();
  await expect(said).toContainText('Said by 1 person who has signed a contract with them. You know 1 of them.');
  const show = async (lang: 'en' | 'ar' | 'fr', look: Looker) => {
    await look.speak(lang);
    await lamp();
    await eve.page.locator('main details summary').last().click();
    await look.look('ratings', looks.filter((l) => l.lang === lang));
    await eve.go(contract);
    await eve.page.locator('main details:has(form) summary').first().click();
    await look.look('rate', looks.filter((l) => l.lang === lang));
  };
  const looker = new Looker(eve);
  for (const lang of ['ar', 'fr', 'en'] as const) await show(lang, looker);

  // Somebody who knows neither reads the same by the command, and no more than was said.
  await world.member('cyd');
  expect(await world.sxp('cyd', 'search', 'lamp', '--ratings')).toContain('bob: 1 contract rated by 1 person: 1 broken (0 of them you know)');

  // Bob says that she kept her word; she changes her mind.
  const file = world.path('eve.sxpr');
  await world.sxp('bob', 'rating', 'write', '1', '--text', 'good bread', '--file', file);
  await world.sxp('bob', 'rating', 'publish', file);
  const eves = JSON.parse(await world.sxp('cyd', '--json', 'rating', 'count', file)).people[0].about; // nothing of hers is offered any more
  expect(await world.sxp('cyd', 'rating', 'of', eves)).toContain('1 contract rated by 1 person: 1 kept (0 of them you know)');
  await eve.go('/');
  await eve.go(contract);
  await eve.page.getByText('Say what became of it').click();
  await eve.page.getByLabel('What bob was to give: red bicycle').selectOption('Given as promised');
  await eve.button('Say it at the market').click();
  await eve.link('See it').click();
  await expect(said.getByText('Kept: 1', { exact: true })).toBeVisible();
  await said.getByText('Read it').click();
  await expect(said.getByText('You hold this contract: it was checked against it.')).toBeVisible();
  await expect(said.getByText('brakes')).toHaveCount(0);
  expect(looker.found).toEqual({});
});
