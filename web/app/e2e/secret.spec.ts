// Bob sells a secret by the command; who buys it in the app knows what that
// means before accepting, and reads it once all have signed.

import { writeFileSync } from 'node:fs';

import { axe, Looker, looks } from './look';
import { invitation } from './scene';
import { expect, test } from './test';

test('who buys something sealed is told so before, and reads it afterwards', async ({ world, person }) => {
  test.setTimeout(300_000);
  const ana = await person('Ana', { init: axe });
  await ana.begin(invitation(world, '3 h maths lessons', 'gold dust'));
  await world.member('bob');
  await ana.go('/open');
  await ana.field(/^Link/).fill((await world.sxp('bob', 'card', '--link')).trim());
  await ana.button('Open').click();
  await ana.button('Add a contact').click();
  await expect(ana.page.getByText('Words not compared')).toBeVisible();
  await ana.link('Message').click();
  await ana.field(/Message to/).fill('Do you sell the door code?');
  await ana.button('Send').click();
  await expect(ana.page.getByText('Do you sell the door code?', { exact: true })).toBeVisible();

  const key = world.path('key.txt');
  writeFileSync(key, 'narwhal-7731-of-the-<b>cellar</b>');
  await world.sxp('bob', 'propose', 'deal', '--give', 'Ana: the door code', '--secret', key, '--get', 'Ana: a chess lesson');
  await ana.proposal();
  await expect(ana.page.getByText('What you get is sealed')).toBeVisible();
  await expect(ana.page.getByRole('region', { name: 'I get', exact: true })).toContainText('opens for you when all have signed');
  await expect(ana.link('Other terms')).toHaveCount(0);
  await expect(ana.page.getByText('narwhal')).toHaveCount(0);
  const deal = new URL(ana.page.url()).hash.slice(1);
  const looker = new Looker(ana);
  const show = async (screen: string, open: () => Promise<void>) => {
    for (const lang of ['en', 'ar', 'fr'] as const) {
      await looker.speak(lang);
      await open();
      await looker.look(screen, looks.filter((l) => l.lang === lang));
    }
    await looker.speak('en');
    await open();
  };
  await show('deal-sealed', async () => {
    await ana.go(deal);
    await ana.page.locator('details summary').first().click();
  });

  await ana.accept();
  await world.sxp('bob', 'accept', '1');
  await ana.link('To the contract').click({ timeout: 120_000 });
  const secret = ana.page.getByRole('region', { name: 'What was sealed' });
  await secret.getByRole('button', { name: 'Show it' }).click();
  await expect(secret.getByText('narwhal-7731-of-the-<b>cellar</b>', { exact: true })).toBeVisible();
  const contract = new URL(ana.page.url()).hash.slice(1);
  await show('contract-sealed', async () => {
    await ana.go(contract);
    await ana.page.locator('section.panel.tint button').first().click();
    await expect(ana.page.getByText('narwhal-7731-of-the-<b>cellar</b>', { exact: true })).toBeVisible();
  });
  await secret.getByText('If it is of no use').click();
  const download = ana.page.waitForEvent('download');
  await secret.getByRole('button', { name: 'Download the proof' }).click();
  const proof = world.path('proof.sxps');
  await (await download).saveAs(proof);
  expect(await world.sxp('nobody', 'secret', 'verify', proof)).toContain('Verified: by transfer');
  expect(looker.found).toEqual({});
});
