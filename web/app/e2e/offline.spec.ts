// Without a network, with a slow one, and with a node that goes and comes back.

import { kept } from './offline';
import { hasPast, invitation, past } from './scene';
import { expect, figure, test } from './test';
import { Proxy } from './proxy';

test('the second start is offline and shows what is here', async ({ world, person }) => {
  test.setTimeout(360_000);
  const node = await Proxy.start(world.app);
  try {
    const alice = await person('Alice', { args: [node.instead] });
    await alice.begin(invitation(world, '3 h maths lessons', 'a moon stone'));
    const made = await past(world, alice);
    await kept(alice);

    // No cable: the node cannot be reached at all, and the browser is started anew.
    alice.forgive(/Failed to load resource/, /ERR_/, /WebSocket/);
    await alice.close();
    node.down = true;
    await alice.open();
    const begun = Date.now();
    await alice.page.goto(world.app);
    await expect(alice.heading('Hello Alice')).toBeVisible();
    figure('second start offline, from navigation to home, ms', Date.now() - begun);
    await hasPast(alice, made);
    await alice.go('/relays');
    await expect(alice.page.getByText('Does not answer').first()).toBeVisible();

    // What is announced now waits here, and goes out by itself later.
    await alice.go('/new/offer');
    await alice.field(/What do you offer/).fill('a red kite');
    await alice.page.getByRole('combobox', { name: /Add what you would take/ }).fill('a moon stone');
    await alice.button('Publish').click();
    await expect(alice.page.getByText('Will be published when the market can be reached')).toBeVisible();
    await expect(alice.page.getByText('It will be published as soon as it can.', { exact: false })).toBeVisible();

    node.down = false;
    await expect(alice.page.getByText('It will be published as soon as it can.', { exact: false })).toBeHidden({ timeout: 120_000 });
    expect(await world.sxp('bob', 'search', 'kite')).toContain('red kite');
  } finally {
    await node.stop();
  }
});

test('a slow network shows how far it is and becomes usable', async ({ world, person }) => {
  test.setTimeout(360_000);
  const alice = await person('Alice');
  const devtools = await alice.context.newCDPSession(alice.page);
  const slow = { offline: false, latency: 400, downloadThroughput: 400_000 / 8, uploadThroughput: 400_000 / 8 };
  await devtools.send('Network.enable');
  await devtools.send('Network.emulateNetworkConditions', slow);
  const begun = Date.now();
  await alice.page.goto(world.app, { waitUntil: 'commit' });
  await expect(alice.button('I am new')).toBeVisible({ timeout: 120_000 });
  figure('first start at 400 kbit/s and 400 ms, to the welcome, ms', Date.now() - begun);
  await alice.button('I am new').click();
  await alice.field('Your name').fill('Alice');
  await alice.page.getByLabel('Passphrase', { exact: true }).fill('correct horse battery');
  await alice.button('Start').click();
  const share = async () => Number(/(\d+)\s*%/.exec(await alice.page.getByText(/still coming onto this device/).innerText())?.[1] ?? -1);
  const first = await share();
  expect(first).toBeGreaterThanOrEqual(0);
  await expect.poll(share).toBeGreaterThan(first);
  await expect(alice.heading('Your 24 words')).toBeVisible({ timeout: 240_000 });
  figure('first start at 400 kbit/s and 400 ms, to the words of a new person, ms', Date.now() - begun);
});
