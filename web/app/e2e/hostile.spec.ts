// Hostile words, hostile files, a hostile node: nothing runs, nothing is asked
// for, nothing is lost, and what is wrong is said.

import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { deepest, flip, photo } from './bytes';
import type { Person } from './person';
import { Proxy, type Answer } from './proxy';
import { hasPast, invitation, past } from './scene';
import { screens, settled } from './screens';
import { expect, test } from './test';

async function setTrap(): Promise<{ at: string; asked: string[]; trap: Server }> {
  const asked: string[] = [];
  const trap = createServer((q, s) => {
    asked.push(q.url ?? '');
    s.setHeader('Access-Control-Allow-Origin', '*');
    s.end();
  });
  await new Promise<void>((done) => trap.listen(0, '127.0.0.1', done));
  return { at: `http://127.0.0.1:${(trap.address() as AddressInfo).port}`, asked, trap };
}

test('script and markup in every text field stay text on every screen', async ({ world, person }) => {
  test.setTimeout(480_000);
  // Whoever asks this server has fallen for it.
  const { at, asked, trap } = await setTrap();
  try {
    const evil = (n: string) => `<img src=${at}/${n} onerror=pwned=1>`;
    const name = '<i onclick=pwned=1>mal</i>';
    const lines = ['<script>pwned=1</script>', '<svg onload=pwned=1>', `<a href="javascript:pwned=1">x</a>`, `<iframe src="${at}/frame">`, '{{constructor.constructor("pwned=1")()}}', `<link rel=stylesheet href=${at}/css>`].join('\n');
    await world.member('mallory', name);
    const pay = world.path('pay.txt');
    writeFileSync(pay, '<script>pwned=1</script>');
    const file = world.path('<img src=x onerror=pwned=1>.html');
    writeFileSync(file, '<script>pwned=1</script>');
    const svg = world.path('a"onload="pwned=1.svg');
    writeFileSync(svg, `<svg xmlns="http://www.w3.org/2000/svg" onload="pwned=1"><script>pwned=1</script><image href="${at}/svg"/></svg>`);

    const dora = await person('Dora');
    await dora.create(invitation(world, evil('offer'), evil('want')), { name: '<b>Dora</b>' });
    await dora.join();
    // The agent lets through only what the rules allow; what it lets through has to be harmless.
    await expect(world.sxp('mallory', 'offer', 'evil \u202egpj.exe', '--want', 'beer')).rejects.toThrow(/control character/);
    await expect(world.sxp('mallory', 'offer', 'x'.repeat(8192), '--want', 'beer')).rejects.toThrow(/512 bytes/);
    await expect(world.sxp('mallory', 'offer', 'a', '--want', 'beer', '--about', 'javascript:pwned=1')).rejects.toThrow();
    await world.sxp('mallory', 'offer', evil('title'), '--want', evil('w'), '--want', '<script>pwned=1</script>', '--place', evil('place'), '--text', lines + '\n' + 'x'.repeat(7000), '--about', `${at}/about`, '--picture', `${at}/picture.png`, '--attr', 'sun=<script>pwned=1</script>');
    await world.sxp('mallory', 'need', '<script>pwned=1</script> need', '--text', lines);
    const offers = JSON.parse(await world.sxp('mallory', '--json', 'list'));
    const item = offers.find((o: { direction: string }) => o.direction === 'offer');

    const made = JSON.parse(await world.sxp('mallory', '--json', 'market', 'create', '<script>pwned=1</script>', '--at', world.node, '--text', lines));
    const card = (await world.sxp('mallory', 'card', '--link')).trim();
    await dora.go('/open?link=' + encodeURIComponent(card));
    await dora.button('Add a contact').click();
    await expect(dora.page.getByText('Words not compared')).toBeVisible();
    const contact = /contact\/(sxp1[a-z0-9]+)/.exec(dora.page.url())![1]!;
    await dora.go('/card');
    await dora.page.getByRole('button', { name: 'Save as a file' }).waitFor();
    const coming = dora.page.waitForEvent('download');
    await dora.button('Save as a file').click();
    const mine = dora.file('dora.sxpid');
    await (await coming).saveAs(mine);
    await world.sxp('mallory', 'card', 'add', mine);
    await world.sxp('mallory', 'send', '<b>Dora</b>', lines, '--subject', evil('subject'), '--attach', file, '--attach', svg);
    await world.sxp('mallory', 'propose', 'deal', '--market', 'harbour swap', '--give', `<b>Dora</b>: ${evil('give')}`, '--get', `<b>Dora</b>: <script>pwned=1</script>`, '--notes', lines, '--accept');
    await dora.proposal();
    const deal = /deal\/([0-9a-f]+)/.exec(dora.page.url())![1]!;

    const run = async (path: string) => {
      await dora.go(path);
      await settled(dora);
      await expect.soft(dora.page.locator('[onerror], [onload], [onclick], iframe, main script, main link, a[href^="javascript:" i], [src^="http://127"]:not([src^="' + world.app + '"])'), path).toHaveCount(0);
      expect.soft(await dora.page.evaluate(() => 'pwned' in window), path).toBe(false);
      const clicks = dora.page.locator('main details:not([open]) > summary');
      for (let n = await clicks.count(); n > 0; n--) await clicks.first().click();
    };
    const all = screens({ market: item.market, item: item.id, deal, contact });
    for (const path of Object.values(all)) await run(path);
    for (const path of [
      `/market/look?link=${encodeURIComponent(made.link)}`,
      `/open?link=${encodeURIComponent(made.link)}`,
      `/open?link=${encodeURIComponent('javascript:pwned=1')}`,
      `/open?link=${encodeURIComponent(evil('link'))}`,
      `/new/offer?title=${encodeURIComponent(evil('form'))}&want=${encodeURIComponent(lines)}&market=${encodeURIComponent(evil('m'))}`,
      `/start?then=${encodeURIComponent('//127.0.0.1/')}`,
      `/start?then=${encodeURIComponent('javascript:pwned=1')}`,
      `/unlock?then=${encodeURIComponent('javascript:pwned=1')}`,
    ]) await run(path);

    // It is shown as what it is: text.
    await dora.go(all.item!);
    await expect(dora.heading(evil('title'))).toBeVisible();
    await expect(dora.page.getByText('<svg onload=pwned=1>', { exact: false })).toBeVisible();
    await dora.go(all.talk!);
    await expect(dora.page.getByText('<svg onload=pwned=1>', { exact: false }).first()).toBeVisible();
    await expect(dora.page.getByText('<img src=x onerror=pwned=1>.html').first()).toBeVisible();

    // Join the market, sign the contract: the same words in other places.
    await dora.go(`/market/look?link=${encodeURIComponent(made.link)}`);
    await dora.button(/^Join /).click();
    await expect(dora.heading('<script>pwned=1</script>')).toBeVisible();
    for (const path of [`/market/${made.id}`, `/market/${made.id}/info`, '/markets?all=1', '/new/offer', '/']) await run(path);
    await dora.go(all.deal!);
    await dora.accept();
    const signing = world.sxp('mallory', 'accept', '1').catch((err) => String(err));
    const contract = await dora.contract();
    await signing;
    for (const path of ['/', '/deals', all.deal!, all.contract!]) await run(path);
    await dora.button('Check it here').click();
    await expect(dora.page.getByText('Valid: all 2 people signed this contract')).toBeVisible();
    await run('/verify');
    await dora.page.locator('input[type=file]').setInputFiles(contract);
    await expect(dora.page.getByText('Valid: all 2 people signed this contract')).toBeVisible();
    expect(await dora.page.evaluate(() => 'pwned' in window)).toBe(false);
    expect(asked).toEqual([]);
  } finally {
    trap.close();
  }
});

test('files that are not what they should be are named for what they are', async ({ world, person }) => {
  test.setTimeout(300_000);
  const alice = await person('Alice');
  await alice.begin(invitation(world, '3 h maths lessons', 'a moon stone'));
  const made = await past(world, alice, 'eve');
  await alice.go(`/contract/${made.deal}`);
  const good = await alice.download();

  const give = async (name: string, data: string | Buffer) => {
    const path = alice.file(name);
    writeFileSync(path, data);
    await alice.go('/');
    await alice.go('/verify');
    await alice.page.locator('input[type=file]').setInputFiles(path);
  };
  await give('notes.txt', 'nothing of ours');
  await expect(alice.page.getByText('This is no file of ours')).toBeVisible();
  await give('empty.sxpc', '');
  await expect(alice.page.getByText(/This is no file of ours|Not valid|empty/).first()).toBeVisible();
  await give('huge.sxpc', Buffer.alloc(40 << 20, 'x'));
  await expect(alice.page.getByText(/This is no file of ours|too large/).first()).toBeVisible();
  const text = readFileSync(good, 'utf8');
  for (const [name, changed] of Object.entries({ 'one-letter.sxpc': deepest(text), 'half.sxpc': text.slice(0, text.length / 2) })) {
    await give(name, changed);
    await expect(alice.page.getByText(/Not valid: do not rely on this file/)).toBeVisible();
    await expect(alice.page.getByText(/^Valid:/)).toHaveCount(0);
  }
  writeFileSync(alice.file('eve.sxpid'), await world.sxp('eve', 'card', '--file', '-'));
  await alice.page.locator('input[type=file]').setInputFiles(alice.file('eve.sxpid'));
  await expect(alice.page.getByText(/This is a card, of .*eve/)).toBeVisible();

  await alice.go('/open');
  writeFileSync(alice.file('broken.sxpid'), deepest(readFileSync(alice.file('eve.sxpid'), 'utf8')));
  for (const f of ['notes.txt', 'broken.sxpid']) {
    await alice.page.locator('input[type=file]').setInputFiles(alice.file(f));
    await expect(alice.page.getByText('This file cannot be opened')).toBeVisible();
    await alice.button('Open something else').click();
  }
  await alice.field(/^Link/).fill('sxp:market?id=sxp1nonsense');
  await alice.button('Open').click();
  await expect(alice.page.getByText('This link does not lead anywhere')).toBeVisible();
});

test('photos lose what the camera wrote into them', async ({ world, person }) => {
  const secret = 'SECRETCAM of Gran Street 5';
  const alice = await person('Alice', {
    init: `const make = URL.createObjectURL; window.shownBlobs = []; URL.createObjectURL = (b) => (window.shownBlobs.push(b), make.call(URL, b));`,
  });
  await alice.create(invitation(world, 'a bicycle', 'a moon stone'));
  await alice.button(/^Join and go on$/).click();
  const data = await photo(alice.page, secret);
  expect(data.includes(secret)).toBe(true);
  await alice.page.locator('input[type=file]').first().setInputFiles({ name: 'IMG_1.jpg', mimeType: 'image/jpeg', buffer: data });
  await expect(alice.page.getByRole('img', { name: /Photo 1/ }).first()).toBeVisible();
  await alice.publish();
  await world.member('frank');
  const found = JSON.parse(await world.sxp('frank', '--json', 'search', 'bicycle'));
  expect((found.items ?? found)[0].item.photos).toHaveLength(1);

  // After a new start the page has only what the agent keeps and the node gives.
  await alice.page.reload();
  await expect(alice.page.getByRole('main').getByRole('img').first()).toBeVisible();
  // The frame stands there before the picture has come.
  await expect.poll(() => alice.page.evaluate(() => (window as unknown as { shownBlobs: Blob[] }).shownBlobs.length)).toBeGreaterThan(0);
  const out = await alice.page.evaluate(async () => {
    const blobs = (window as unknown as { shownBlobs: Blob[] }).shownBlobs;
    return Promise.all(blobs.map(async (b) => Array.from(new Uint8Array(await b.arrayBuffer()))));
  });
  for (const b of out) clean(Buffer.from(b));
});

function clean(bytes: Buffer): void {
  expect(bytes.length).toBeGreaterThan(1000);
  expect(bytes.length).toBeLessThanOrEqual(128 << 10);
  expect(bytes.includes('SECRETCAM')).toBe(false);
  expect(bytes.includes('Exif')).toBe(false);
}

test('a node that lies loses nothing and is found out', async ({ world, person }) => {
  test.setTimeout(480_000);
  const node = await Proxy.start(world.app);
  const { at, asked, trap } = await setTrap();
  try {
    const alice = await person('Lea', { args: [node.instead] });
    await alice.begin(invitation(world, '3 h maths lessons', 'a moon stone'));
    const made = await past(world, alice, 'liz');
    await hasPast(alice, made);
    const market = await openMarket(alice);

    const protocol = (path: string) => path.startsWith('/sxp/v1');
    const lies: Record<string, (a: Answer) => Answer> = {
      'changed bytes': (a) => ({ ...a, body: flip(a.body) }),
      'another content type': (a) => ({ ...a, headers: { ...a.headers, 'content-type': 'text/html' } }),
      'a page instead of an answer': (a) => ({ ...a, status: 200, headers: { ...a.headers, 'content-type': 'text/html' }, body: Buffer.from('<html><script>pwned=1</script>Please log in') }),
      'half of each answer': (a) => ({ ...a, body: a.body.subarray(0, a.body.length / 2) }),
      'status 500': (a) => ({ ...a, status: 500, body: Buffer.from('boom') }),
      'elsewhere': (a) => ({ ...a, status: 302, headers: { ...a.headers, location: at + '/elsewhere' }, body: Buffer.alloc(0) }),
      'nothing': (a) => ({ ...a, body: Buffer.alloc(0) }),
    };
    alice.forgive(/Failed to load resource/, /WebSocket connection/, /CORS/, /ERR_/);
    alice.allow(at); // Playwright reports what a redirect names; the server there knows whether anybody came
    for (const [name, tell] of Object.entries(lies)) {
      await test.step(name, async () => {
        node.lie = (path, answer) => (protocol(path) ? tell(answer) : undefined);
        await alice.page.reload();
        await alice.go(`/market/${market}`);
        await expect(alice.page.getByRole('alert').first(), name).toBeVisible();
        expect.soft(await alice.page.getByRole('alert').first().innerText(), name).not.toMatch(/undefined|\[object|went wrong in the app/);
        expect(await alice.page.evaluate(() => 'pwned' in window)).toBe(false);
        await hasPast(alice, made);
        node.lie = undefined;
        await alice.go(`/market/${market}`);
        // The answer to a question of before may still be a lie: whoever reads that asks once more.
        const again = alice.button('Try again');
        await expect(async () => {
          if (await again.isVisible()) await again.click({ timeout: 2_000 });
          await expect(alice.page.getByRole('main').getByText('3 h maths lessons').first()).toBeVisible({ timeout: 5_000 });
        }, `after ${name}`).toPass({ timeout: 90_000 });
      });
    }
    expect(asked).toEqual([]);
  } finally {
    trap.close();
    await node.stop();
  }
});

async function openMarket(p: Person): Promise<string> {
  await p.go('/markets');
  await settled(p);
  await expect(p.page).toHaveURL(/market\/sxp1/);
  return /market\/(sxp1[a-z0-9]+)/.exec(p.page.url())![1]!;
}
