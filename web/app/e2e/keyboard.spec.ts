// The main job with nothing but a keyboard, on a narrow phone and on a desktop;
// and no screen that has to be pushed sideways.

import type { Locator, Page } from '@playwright/test';

import { passphrase, type Person } from './person';
import { invitation, past } from './scene';
import { screens, settled } from './screens';
import { expect, test } from './test';

type Focus = { name: string; role: string; tag: string; visible: boolean; outline: boolean; inView: boolean; lost: boolean };

/** focused tells what has the focus, and whether it can be seen. */
function focused(page: Page): Promise<Focus> {
  return page.evaluate(() => {
    const e = document.activeElement as HTMLElement | null;
    if (!e || e === document.body) return { name: '', role: '', tag: 'body', visible: false, outline: false, inView: false, lost: true };
    // Boxes that lie invisibly over their label show the focus on the label.
    const shows = [e, e.closest('label'), e.parentElement].filter((x): x is HTMLElement => x !== null);
    const outline = shows.some((x) => {
      const s = getComputedStyle(x);
      return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2;
    });
    const r = e.getBoundingClientRect();
    const inView = r.bottom > 0 && r.top < innerHeight && r.right > 0 && r.left < innerWidth;
    const label = e.getAttribute('aria-label') ?? (e as HTMLInputElement).labels?.[0]?.innerText ?? e.innerText ?? '';
    return { name: label.trim(), role: e.getAttribute('role') ?? '', tag: e.tagName.toLowerCase(), visible: r.width > 0 && r.height > 0, outline, inView, lost: false };
  });
}

/** Keys is a person without a pointer: each step is a key, and the focus can be seen after each. */
class Keys {
  readonly bad = new Set<string>();
  constructor(private readonly p: Person) {}

  /** into presses Tab until the focus is inside a group, whatever its parts are called. */
  async into(group: Locator): Promise<void> {
    for (let i = 0; i < 80; i++) {
      if (await group.evaluate((e) => e.contains(document.activeElement))) return;
      await this.p.page.keyboard.press('Tab');
    }
    throw new Error(`Tab never comes into ${await group.innerText()}`);
  }

  /** to presses Tab until what is named has the focus. */
  async to(name: string | RegExp, back = false): Promise<void> {
    const { page } = this.p;
    const seen: string[] = [];
    for (let i = 0; i < 80; i++) {
      const f = await focused(page);
      const is = typeof name === 'string' ? f.name.startsWith(name) : name.test(f.name);
      if (is && !['h1', 'section', 'main', 'dialog'].includes(f.tag)) {
        if (!f.visible || !f.outline || !f.inView) this.bad.add(`${f.tag} "${f.name.slice(0, 40)}": ${JSON.stringify(f)}`);
        return;
      }
      if (i > 0 && !f.lost && f.tag !== 'h1' && (!f.outline || !f.inView)) this.bad.add(`${f.tag} "${f.name.slice(0, 40)}": ${JSON.stringify(f)}`);
      seen.push(`${f.tag} ${f.name.slice(0, 30)}`);
      await page.keyboard.press(back ? 'Shift+Tab' : 'Tab');
    }
    throw new Error(`Tab never comes to ${name}: ${seen.join(', ')}`);
  }

  async press(name: string | RegExp, key = 'Enter'): Promise<void> {
    await this.to(name);
    await this.p.page.keyboard.press(key);
  }

  async type(name: string | RegExp, text: string): Promise<void> {
    await this.to(name);
    await this.p.page.keyboard.press('Control+A');
    await this.p.page.keyboard.type(text);
  }
}

for (const [size, viewport] of Object.entries({ phone: { width: 360, height: 740 }, desk: { width: 1280, height: 800 } })) {
  test(`from the first start to a contract by keyboard alone, ${size}`, async ({ world, person }) => {
    test.setTimeout(360_000);
    const name = `Kay of the ${size}`;
    const kay = await person(name, { viewport });
    const { page } = kay;
    const keys = new Keys(kay);
    await page.goto(invitation(world, '3 h maths lessons', 'a moon stone'));
    await kay.button('I am new').waitFor();
    await keys.press('I am new');
    await kay.field('Your name').waitFor();
    await keys.type('Your name', name);
    await keys.type('Passphrase', passphrase);
    await page.keyboard.press('Enter');
    await expect(kay.heading('Your 24 words')).toBeVisible({ timeout: 120_000 });
    const shown = await page.getByRole('main').getByRole('list').first().getByRole('listitem').allInnerTexts();
    const words = shown.map((w) => w.replace(/[^a-z]/g, ''));
    await keys.press('I have written them down');
    await expect(kay.heading('Look at your paper')).toBeVisible();
    await expect(page.getByRole('group', { name: /^Word number/ })).toHaveCount(3);
    for (const group of await page.getByRole('group', { name: /^Word number/ }).all()) {
      const n = Number(/\d+/.exec(await group.getByText(/^Word number/).first().innerText())![0]);
      const choices = await group.getByRole('radio').evaluateAll((all) => all.map((x) => (x as HTMLInputElement).value));
      await keys.into(group); // a word can stand in two groups, so its name alone does not tell where one is
      await page.keyboard.press('Space');
      for (let i = 0; i < choices.indexOf(words[n - 1]!); i++) await page.keyboard.press('ArrowRight');
    }
    await keys.press('Check');
    await expect(kay.heading(/You are ready/)).toBeVisible();
    await keys.press(/^Join and go on/);
    await kay.button('Publish').waitFor();
    await keys.press('Publish');
    await expect(page.getByText('Published', { exact: true })).toBeVisible();

    const bob = `bob-${size}`;
    await world.member(bob);
    await world.sxp(bob, 'offer', '20 l beer', '--want', 'gold dust');
    await world.sxp(bob, 'propose', 'deal', '--give', `${name}: a barrel of cider`, '--get', `${name}: a chess lesson`);
    await keys.press('Home');
    await expect(kay.heading(/^Hello/)).toBeVisible();
    await page.getByRole('region', { name: 'Waits for your answer' }).getByRole('link').first().waitFor({ timeout: 120_000 });
    await keys.press(/You give/);
    await kay.button('Accept').waitFor();
    await keys.press('Accept');
    await expect(kay.button('Accept')).toBeHidden();
    await world.sxp(bob, 'accept', '1');
    await kay.link('To the contract').waitFor({ timeout: 120_000 });
    await keys.press('To the contract');
    await kay.button('Download').waitFor();
    await keys.to('Download');
    const coming = page.waitForEvent('download');
    await page.keyboard.press('Enter');
    const file = kay.file('kay.sxpc');
    await (await coming).saveAs(file);
    expect(JSON.parse(await world.sxp('nobody', 'verify', '--json', file)).verified).toBe(true);

    // A dialog keeps the focus, Escape closes it and gives the focus back.
    await keys.press('Deals');
    await expect(kay.heading('Deals')).toBeVisible();
    await keys.press('Look for deals now');
    const dialog = page.getByRole('dialog');
    await expect(dialog).toBeVisible();
    for (let i = 0; i < 12; i++) {
      await page.keyboard.press('Tab');
      expect(await page.evaluate(() => document.activeElement === document.body || document.activeElement!.closest('dialog') !== null)).toBe(true);
    }
    await page.keyboard.press('Escape');
    await expect(dialog).toBeHidden();
    expect((await focused(page)).name).toBe('Look for deals now');
    expect([...keys.bad], 'what had the focus and did not show it').toEqual([]);
  });
}

test('no screen is pushed sideways, at 360 px and at 400 %', async ({ world, person }) => {
  test.setTimeout(300_000);
  const alice = await person('Alice');
  await alice.begin(invitation(world, '3 h maths lessons', 'a moon stone'));
  const made = await past(world, alice, 'brigid');
  await alice.go('/mine');
  await alice.page.getByRole('link', { name: /3 h maths/ }).first().click();
  await expect(alice.page).toHaveURL(/#\/item\//);
  const [, market, item] = /item\/(sxp1[a-z0-9]+)\/([0-9a-f]+)/.exec(alice.page.url())!;
  const all = screens({ market: market!, item: item!, deal: made.deal, contact: made.bob });
  const wide: string[] = [];
  for (const viewport of [{ width: 360, height: 740 }, { width: 320, height: 256 }]) {
    await alice.page.setViewportSize(viewport);
    for (const [name, path] of Object.entries(all)) {
      await alice.go(path);
      await settled(alice);
      const by = await alice.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      if (by > 0) wide.push(`${name} at ${viewport.width} px by ${by} px`);
    }
  }
  expect(wide).toEqual([]);
});
