// Back from 24 words on another device, and every way to open a device that is locked.

import { passphrase } from './person';
import { hasPast, invitation, past } from './scene';
import { expect, test } from './test';

test('24 words bring everything back in a fresh profile, and only the right ones', async ({ world, person }) => {
  test.setTimeout(480_000);
  const alice = await person('Alice');
  await alice.begin(invitation(world, '3 h maths lessons', 'a moon stone'));
  const made = await past(world, alice);
  await hasPast(alice, made);
  // Changes are gathered for five seconds before they are copied (spec/agent.md,
  // "Vault"): whoever loses the device earlier loses them, too.
  await alice.atRest();
  await alice.close(); // the device is lost

  const again = await person('Alice again');
  await again.page.goto(world.app);
  await again.button('I have 24 words').click();
  const words = again.field(/^Your 24 words/);
  await words.fill('abandon zebrra');
  await expect(again.page.getByText('Word number 2 is not in the list of words.')).toBeHidden(); // it is still being typed
  await words.fill('abandon zebrra ability');
  await expect(again.page.getByText('Word number 2 is not in the list of words.')).toBeVisible();
  await expect(again.button('zebra')).toBeVisible();

  // 24 words of the list that do not belong together: the good ones of below
  // in another order. Of any words one order in 256 fits by chance; not these.
  await words.fill('art ' + 'abandon '.repeat(23));
  await again.page.getByLabel('New passphrase', { exact: true }).fill(passphrase);
  await expect(again.page.getByText(/checksum|do not fit|mistyped|order/i)).toBeVisible();
  await again.button('Restore').click();
  await expect(again.heading('Welcome back')).toBeVisible();

  // Good words of somebody whom no relay here knows.
  await words.fill('abandon '.repeat(23) + 'art');
  await expect(again.page.getByText('All 24 words fit.')).toBeVisible();
  await again.button('Restore').click();
  await expect(again.page.getByText('These relays know nothing of your words')).toBeVisible();

  await words.fill(alice.words.map((w, i) => `${i + 1}. ${w.toUpperCase()}`).join('\n'));
  await expect(again.page.getByText('All 24 words fit.')).toBeVisible();
  await again.button('Restore').click();
  await expect(again.heading('Hello Alice')).toBeVisible({ timeout: 180_000 });
  await hasPast(again, made);
  await again.go(`/contract/${made.deal}`);
  const file = await again.download();
  expect(JSON.parse(await world.sxp('nobody', 'verify', '--json', file)).verified).toBe(true);

  // It stays unlocked over a restart of the browser, until the person wants otherwise.
  await again.reopen();
  await again.page.goto(world.app);
  await expect(again.heading('Hello Alice')).toBeVisible();
  await again.go('/settings/security');
  await again.page.getByLabel('Stay unlocked on this device').uncheck();
  await expect(again.page.getByLabel('Stay unlocked on this device')).toBeEnabled();
  await again.reopen();
  await again.page.goto(`${world.app}#/contract/${made.deal}`);
  await expect(again.heading('Hello Alice')).toBeVisible();
  await expect(again.button('Unlock')).toBeVisible();
  await again.unlock('not the passphrase');
  await expect(again.page.locator('form').getByText('This is not the passphrase.').first()).toBeVisible();
  await again.unlock();
  await expect(again.button('Download')).toBeVisible(); // where it was going
});

test('a passkey unlocks, and goes again', async ({ world, person }) => {
  const app = world.app.replace('127.0.0.1', 'localhost'); // passkeys belong to names
  const dora = await person('Dora', { app });
  dora.allow(world.app);
  const devtools = await dora.context.newCDPSession(dora.page);
  await devtools.send('WebAuthn.enable');
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: { protocol: 'ctap2', ctap2Version: 'ctap2_1', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, hasPrf: true, automaticPresenceSimulation: true },
  });
  await dora.create(app, { stay: false, later: true });
  await dora.go('/settings/security');
  await dora.button('Set up a passkey').click();
  await expect(dora.page.getByText('A passkey is set up')).toBeVisible();
  await dora.go('/settings');
  await dora.button('Lock now').click();
  await dora.button('Use the passkey').click();
  await expect(dora.heading('Me')).toBeVisible();

  await dora.page.reload();
  await dora.button('Use the passkey').click();
  await expect(dora.heading('Me')).toBeVisible();
  await dora.go('/settings/security');
  await dora.button('Remove it').click();
  await expect(dora.button('Set up a passkey')).toBeVisible();
  await dora.go('/settings');
  await dora.button('Lock now').click();
  await expect(dora.button('Unlock')).toBeVisible();
  await expect(dora.button('Use the passkey')).toHaveCount(0);
  await dora.unlock();
  await expect(dora.heading('Me')).toBeVisible();
});
