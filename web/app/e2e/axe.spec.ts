// What axe-core finds on every screen with real content: nothing. And a picture
// of every screen, to be looked at: test-results/gallery/index.html.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import type { AxeResults } from 'axe-core';

import { invitation, past } from './scene';
import { screens, settled } from './screens';
import { expect, figure, test } from './test';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const gallery = join(import.meta.dirname, '../test-results/gallery');
const standard = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

const sizes = { phone: { width: 360, height: 740 }, desk: { width: 1280, height: 800 } };
const looks = [
  { name: 'light', scheme: 'light', lang: 'en', sizes: ['phone', 'desk'] },
  { name: 'dark', scheme: 'dark', lang: 'en', sizes: ['phone', 'desk'] },
  { name: 'right-to-left', scheme: 'light', lang: 'ar', sizes: ['phone', 'desk'] },
  { name: 'french', scheme: 'dark', lang: 'fr', sizes: ['phone'] },
] as const;

test('axe finds nothing on any screen, light and dark, in three languages', async ({ world, person }) => {
  test.setTimeout(600_000);
  mkdirSync(gallery, { recursive: true });
  const alice = await person('Alice', { init: axe });
  const { page } = alice;

  const found: Record<string, string[]> = {};
  const pictures: { screen: string; look: string; size: string; file: string }[] = [];
  let looked = 0;
  const look = async (screen: string, variants: readonly (typeof looks)[number][] = looks) => {
    for (const l of variants) {
      await page.emulateMedia({ colorScheme: l.scheme, reducedMotion: 'reduce' });
      for (const size of l.sizes) {
        await page.setViewportSize(sizes[size]);
        await settled(alice);
        const file = `${screen}.${l.name}.${size}.png`;
        await page.screenshot({ path: join(gallery, file), fullPage: true });
        pictures.push({ screen, look: l.name, size, file });
        const r = await page.evaluate((tags) => (window as unknown as { axe: { run: (e: Document, o: object) => Promise<AxeResults> } }).axe.run(document, { runOnly: tags, resultTypes: ['violations'] }), standard);
        looked++;
        for (const v of r.violations) {
          const what = `${v.id} (${v.impact}): ${v.nodes.map((n) => `${n.target.join(' ')} ${n.html.slice(0, 160)} ${n.any[0]?.message ?? ''}`).slice(0, 3).join(' | ')}`;
          (found[what] ??= []).push(`${screen} ${l.name} ${size}`);
        }
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        if (wide > 0) (found['scrolls sideways'] ??= []).push(`${screen} ${l.name} ${size} by ${wide} px`);
      }
    }
  };

  // Before there is a person, in English.
  const english = looks.filter((l) => l.lang === 'en');
  await page.goto(world.app);
  await look('welcome', english);
  await alice.button('I have 24 words').click();
  await look('restore', english);
  await page.goBack();
  await alice.button('I am new').click();
  await look('name', english);

  await alice.create(invitation(world, '3 h maths lessons', 'a moon stone'));
  await look('ready', english);
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
  const all = { ...screens({ market: market!, item: item!, deal: made.deal, contact: made.bob }), answer: `/deal/${open}` };

  for (const lang of ['en', 'ar', 'fr'] as const) {
    await alice.go('/settings');
    await page.locator('main select').first().selectOption(lang);
    await expect(page.locator('html')).toHaveAttribute('lang', new RegExp(`^${lang}`));
    await expect(page.locator('html')).toHaveAttribute('dir', lang === 'ar' ? 'rtl' : 'ltr');
    for (const [screen, path] of Object.entries(all)) {
      await alice.go(path);
      await look(screen, looks.filter((l) => l.lang === lang));
    }
  }

  writeFileSync(join(gallery, 'index.html'), sheet(pictures));
  figure('axe-core: pages looked at', looked);
  figure('axe-core: violations', Object.keys(found).length);
  expect(found).toEqual({});
});

/** sheet is one page with all pictures. */
function sheet(all: { screen: string; look: string; size: string; file: string }[]): string {
  const rows = [...new Set(all.map((p) => p.screen))].map((s) => {
    const cells = all.filter((p) => p.screen === s).map((p) => `<figure><a href="${p.file}"><img src="${p.file}" alt="${s}, ${p.look}, ${p.size}" loading="lazy" class="${p.size}"></a><figcaption>${p.look}, ${p.size}</figcaption></figure>`);
    return `<h2>${s}</h2><div>${cells.join('')}</div>`;
  });
  return `<!doctype html><meta charset="utf-8"><title>All screens</title><style>body{font:1rem sans-serif;margin:1rem}div{display:flex;gap:1rem;overflow-x:auto;align-items:start}figure{margin:0}img{border:1px solid #888;max-height:40rem;object-fit:cover;object-position:top}.phone{width:180px}.desk{width:480px}</style>${rows.join('\n')}\n`;
}
