// Secrets are sold between the app and the command: who buys one in the app
// knows what that means before accepting, and reads it once all have signed;
// who sells one in the app is told what it needs.

import { writeFileSync } from 'node:fs';

import { axe, Looker, looks } from './look';
import type { Person } from './person';
import { invitation } from './scene';
import { expect, test } from './test';
import type { World } from './world';

/** meet makes bob, of the command line, a contact who knows this person. */
async function meet(world: World, me: Person, bob: string): Promise<void> {
  await world.member(bob);
  await me.go('/open');
  await me.field(/^Link/).fill((await world.sxp(bob, 'card', '--link')).trim());
  await me.button('Open').click();
  await me.button('Add a contact').click();
  await expect(me.page.getByText('Words not compared')).toBeVisible();
  await me.link('Message').click();
  await me.field(/Message to/).fill('Do you know the door code?');
  await me.button('Send').click();
  await expect(me.page.getByText('Do you know the door code?', { exact: true })).toBeVisible();
}

test('who buys something sealed is told so before, and reads it afterwards', async ({ world, person }) => {
  test.setTimeout(300_000);
  const ana = await person('Ana', { init: axe });
  await ana.begin(invitation(world, '3 h maths lessons', 'gold dust'));
  await meet(world, ana, 'bob');

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

test('who sells a secret in the app seals it, and the buyer reads it when both have signed', async ({ world, person }) => {
  test.setTimeout(300_000);
  const eve = await person('Eve', { init: axe });
  await eve.begin(invitation(world, '3 h maths lessons', 'gold dust'));
  await meet(world, eve, 'ben');
  const code = 'narwhal-7731 – of the <b>cellar</b>\n';

  await eve.go('/contacts');
  await eve.link(/ben/).click();
  const bens = /contact\/(sxp1[a-z0-9]+)/.exec(eve.page.url())![1]!;
  const form = async () => {
    await eve.go('/compose?with=' + bens);
    const mine = eve.page.getByRole('group', { name: 'Step 1' });
    await mine.getByLabel('Who gives', { exact: true }).selectOption('me');
    await mine.getByLabel('In words', { exact: true }).fill('the door code'); // once her own offer stands in the list above
    await mine.getByLabel('Seal a secret in it').check();
    return mine;
  };
  const mine = await form();
  await eve.page.getByRole('group', { name: 'Step 2' }).getByLabel('What').fill('a chess lesson');
  await eve.button('Send the proposal').click();
  await expect(mine.getByText('Write the secret, or choose a file.')).toBeVisible();
  await mine.locator('input[type=file]').setInputFiles({ name: 'film.mkv', mimeType: 'video/x-matroska', buffer: Buffer.alloc(5000) });
  await expect(mine.getByText('At most 4,096 bytes can be sealed', { exact: false })).toBeVisible();
  await mine.getByRole('button', { name: 'Do not seal film.mkv' }).click();
  await mine.getByLabel('The secret').fill('short');
  await mine.getByLabel('The contract names its fingerprint').check();
  await expect(mine.getByText('would help to guess it', { exact: false })).toBeVisible();
  await mine.getByLabel('The secret').fill(code);
  const looker = new Looker(eve);
  await looker.look('seal', looks.filter((l) => l.lang === 'en'));
  await eve.button('Send the proposal').click();
  await expect(eve.page.getByRole('region', { name: 'I give', exact: true })).toContainText('Its key is on this device alone');
  await expect(eve.page.getByText('it cannot be answered with other terms', { exact: false })).toBeVisible();
  await looker.look('deal-seals', looks.filter((l) => l.lang === 'en'));
  await eve.button('Accept').click();
  await expect(eve.button('Accept')).toBeHidden();

  // Ben cannot read it before both have signed, and then to the byte.
  await world.sxp('ben', 'deals');
  await expect(world.sxp('ben', 'secret', 'open', '1')).rejects.toThrow();
  await world.sxp('ben', 'accept', '1');
  await eve.link('To the contract').click({ timeout: 120_000 });
  await expect(eve.page.getByRole('region', { name: 'I give', exact: true })).toContainText('opens for them when all have signed');
  await expect.poll(() => world.sxp('ben', 'secret', 'open', '1', '--file', '-').catch((err) => String(err)), { timeout: 120_000 }).toBe(code);

  // In three languages, the form with nothing in it.
  for (const lang of ['ar', 'fr'] as const) {
    await looker.speak(lang);
    await eve.go('/compose?with=' + bens);
    await eve.page.getByRole('group').first().locator('select').first().selectOption('me');
    await eve.page.getByRole('group').first().locator('input[type=checkbox]').first().check();
    await looker.look('seal', looks.filter((l) => l.lang === lang));
  }
  expect(looker.found).toEqual({});
});
