// What a signed contract is to bring goes on before it has come, and everybody
// reads that it rests on that contract.

import { axe, Looker, looks } from './look';
import { invitation } from './scene';
import { expect, test } from './test';

test('what is to come is offered on, and both contracts say so', async ({ world, person }) => {
  await world.member('bob');
  await world.sxp('bob', 'offer', 'red bicycle', '--want', 'bread');
  const eve = await person('Eve', { init: axe });
  const looker = new Looker(eve);
  await eve.begin(invitation(world, '3 kg bread', 'bicycle'));
  await eve.proposal();
  await eve.accept();
  await world.sxp('bob', 'accept', '1');
  await eve.link('To the contract').click();
  await expect(eve.page.getByText('only if that is delivered')).toHaveCount(0);

  await eve.button('Offer it on: red bicycle').click();
  await expect(eve.page.getByText('You are to get it by another contract.', { exact: false })).toBeVisible();
  await looker.look('yet-to-come', looks.slice(0, 1));
  await eve.link('Change it').click();
  await eve.page.getByRole('radio', { name: 'One of these' }).check({ force: true });
  await eve.page.getByLabel('Add what you would take').fill('guitar');
  await eve.button('Save').click();
  await expect(eve.page.getByText('guitar', { exact: true })).toBeVisible();

  await world.member('cyd');
  await world.sxp('cyd', 'offer', 'an old guitar', '--want', 'bicycle');
  await eve.proposal();
  const give = eve.page.getByRole('region', { name: 'I give', exact: true });
  await expect(give).toContainText('red bicycle');
  await expect(give).toContainText('You give it once you have it by your other contract');
  await looker.look('given-on', looks.slice(0, 1));
  await give.getByRole('link', { name: 'Show that contract' }).click();
  await expect(eve.link('You offer it on: see it')).toBeVisible();
  await looker.look('offered-on', looks.slice(0, 1));
  expect(looker.found).toEqual({});
});
