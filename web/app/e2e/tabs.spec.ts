// Several tabs, a new version, a wrong clock, no room, no storage, a private window.

import { photo } from './bytes';
import { kept } from './offline';
import { Proxy } from './proxy';
import { invitation } from './scene';
import { expect, test } from './test';

test('two tabs show the same, one takes over from the other, and lock locks both', async ({ world, person }) => {
  test.setTimeout(300_000);
  const alice = await person('Alice');
  await alice.begin(invitation(world, '3 h maths lessons', 'a moon stone'));
  const first = alice.page;
  const second = await alice.context.newPage();
  const announce = async (what: string) => {
    await alice.go('/new/offer');
    await alice.field(/What do you offer/).fill(what);
    await alice.page.getByRole('combobox', { name: /Add what you would take/ }).fill('a moon stone');
    await alice.publish();
  };
  const mine = async (what: string) => {
    await alice.go('/mine');
    await expect(alice.page.getByText(what).first()).toBeVisible();
  };

  alice.page = second;
  await alice.go('/mine');
  await expect(second.getByText('3 h maths lessons').first()).toBeVisible();
  await announce('a red kite');
  alice.page = first;
  await mine('red kite');
  await announce('a green boat');
  alice.page = second;
  await mine('green boat');

  await first.close(); // it led
  await announce('a blue lamp');
  await mine('blue lamp');

  const third = await alice.context.newPage();
  alice.page = third;
  await mine('blue lamp');
  await alice.go('/settings');
  await alice.button('Lock now').click();
  for (const p of [second, third]) await expect(p.getByRole('button', { name: 'Unlock', exact: true })).toBeVisible();
  alice.page = second;
  await alice.unlock();
  await expect(third.getByRole('button', { name: 'Unlock', exact: true })).toBeHidden();
  await expect(second.getByRole('heading', { level: 1, name: 'My things' })).toBeVisible();
});

test('a new version that comes while a contract is signed is offered, not forced', async ({ world, person }) => {
  test.setTimeout(360_000);
  const node = await Proxy.start(world.app);
  try {
    const uma = await person('Uma', { args: [node.instead] });
    await uma.begin(invitation(world, '3 h maths lessons', 'a moon stone'));
    await kept(uma);
    await world.member('bert');
    await world.sxp('bert', 'offer', '20 l beer', '--want', 'gold dust');
    await world.sxp('bert', 'propose', 'deal', '--give', 'Uma: a barrel of cider', '--get', 'Uma: a chess lesson');
    await uma.proposal();
    await uma.accept();
    await expect(uma.page.getByText('1 of 2 have accepted').first()).toBeVisible();

    node.lie = (path, a) => (path === '/sw.js' ? { ...a, body: Buffer.concat([a.body, Buffer.from('\n// the next version\n')]) } : undefined);
    await uma.page.evaluate(async () => void (await (await navigator.serviceWorker.getRegistration())!.update()));
    await expect(uma.page.getByText('A new version of the app is here.')).toBeVisible();
    await expect(uma.page.getByText('1 of 2 have accepted').first()).toBeVisible(); // nothing was loaded anew

    await uma.button('Update now').click();
    const dialog = uma.page.getByRole('dialog');
    await expect(dialog.getByText('A contract is being signed')).toBeVisible();
    await uma.button('Wait', dialog).click();
    await expect(dialog).toBeHidden();
    await uma.button('Update now').click();
    const loaded = uma.page.waitForEvent('load');
    await uma.button('Update all the same', dialog).click();
    await loaded;
    await expect(uma.page.getByText('1 of 2 have accepted').first()).toBeVisible();
    await expect(uma.page.getByText('A new version of the app is here.')).toBeHidden();

    await world.sxp('bert', 'accept', '1');
    const file = await uma.contract();
    expect(JSON.parse(await world.sxp('nobody', 'verify', '--json', file)).verified).toBe(true);
  } finally {
    await node.stop();
  }
});

test('a clock that is wrong by two days is named', async ({ world, person }) => {
  test.setTimeout(240_000);
  for (const [name, days] of [['Late', -2], ['Early', 2]] as const) {
    const p = await person(name, { clock: days * 86_400_000 });
    p.forgive(/Failed to load resource/, /WebSocket/);
    await p.create(world.app, { later: true });
    await p.go('/');
    await expect(p.page.getByText('A clock is wrong').first(), `${days} days`).toBeVisible();
    await p.go('/open?link=' + encodeURIComponent(world.market));
    await expect(p.page.getByRole('alert').getByText(/your clock says .* this node's says/), `${days} days`).toBeVisible();
    await p.close();
  }
});

test('no room is said, and what was there stays', async ({ world, person }) => {
  test.setTimeout(240_000);
  const rosa = await person('Rosa');
  rosa.forgive(/QuotaExceeded/, /sw\.js/);
  const devtools = await rosa.context.newCDPSession(rosa.page);
  const origin = new URL(world.app).origin;
  // Before anything is stored: the browser counts anew every half minute only.
  await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1_000_000 });
  await rosa.begin(invitation(world, 'a yellow tent', 'a moon stone'));
  const full = rosa.page.getByRole('alert').getByText('There is no room left');
  const things = ['yellow tent'];
  for (let i = 0; i < 12; i++) {
    await rosa.go('/mine');
    await rosa.go('/new/offer');
    await rosa.field(/What do you offer/).fill(`kite number ${i}`);
    await rosa.page.getByRole('combobox', { name: /Add what you would take/ }).fill('a moon stone');
    for (let n = 1; n <= 4; n++) {
      await rosa.page.locator('input[type=file]').first().setInputFiles({ name: `${n}.jpg`, mimeType: 'image/jpeg', buffer: await photo(rosa.page, 'x') });
      await expect(rosa.page.getByRole('button', { name: `Remove photo ${n}` })).toBeVisible();
    }
    await rosa.button('Publish').click();
    await full.or(rosa.page.getByRole('button', { name: 'Withdraw' })).first().waitFor();
    if (await full.isVisible()) break;
    things.push(`kite number ${i}`);
  }
  await expect(full).toBeVisible();
  await devtools.send('Storage.overrideQuotaForOrigin', { origin });
  await rosa.page.reload();
  await rosa.go('/mine');
  for (const what of things) await expect(rosa.page.getByText(what).first()).toBeVisible();
});

test('storage refused is said', async ({ world, person }) => {
  const p = await person('Nora', { cookies: 'refused' });
  p.forgive(/./); // the browser logs each refusal itself
  await p.page.goto(world.app);
  await expect(p.page.getByRole('heading', { level: 1, name: 'The app cannot start' })).toBeVisible();
  await expect(p.page.getByRole('alert').getByText(/storage|private mode/).first()).toBeVisible();
});

test('a private window works for as long as it is open', async ({ world, person }) => {
  const p = await person('Priva', { private: true });
  await p.begin(invitation(world, 'a swing', 'a moon stone'));
  await p.page.reload();
  await p.go('/mine');
  await expect(p.page.getByText('swing').first()).toBeVisible();
});
