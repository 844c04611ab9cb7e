// Looks at screens: axe-core, nothing that scrolls sideways, and a picture of
// each for test-results/gallery/index.html.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import type { AxeResults } from 'axe-core';

import type { Person } from './person';
import { settled } from './screens';
import { expect } from './test';

/** axe is the script that a looked at person's pages need before they run. */
export const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const gallery = join(import.meta.dirname, '../test-results/gallery');
const standard = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const sizes = { phone: { width: 360, height: 740 }, desk: { width: 1280, height: 800 } };

export const looks = [
  { name: 'light', scheme: 'light', lang: 'en', sizes: ['phone', 'desk'] },
  { name: 'dark', scheme: 'dark', lang: 'en', sizes: ['phone', 'desk'] },
  { name: 'right-to-left', scheme: 'light', lang: 'ar', sizes: ['phone', 'desk'] },
  { name: 'french', scheme: 'dark', lang: 'fr', sizes: ['phone'] },
] as const;

type Look = (typeof looks)[number];

/** Looker keeps what was found on the screens of one person. */
export class Looker {
  readonly found: Record<string, string[]> = {};
  looked = 0;

  constructor(private readonly me: Person) {
    mkdirSync(gallery, { recursive: true });
  }

  /** look looks at the screen that is open, in each variant. */
  async look(screen: string, variants: readonly Look[] = looks): Promise<void> {
    const { page } = this.me;
    const note = (what: string, where: string) => (this.found[what] ??= []).push(where);
    for (const l of variants) {
      await page.emulateMedia({ colorScheme: l.scheme, reducedMotion: 'reduce' });
      for (const size of l.sizes) {
        await page.setViewportSize(sizes[size]);
        await settled(this.me);
        await page.screenshot({ path: join(gallery, `${screen}.${l.name}.${size}.png`), fullPage: true });
        const r = await page.evaluate((tags) => (window as unknown as { axe: { run: (e: Document, o: object) => Promise<AxeResults> } }).axe.run(document, { runOnly: tags, resultTypes: ['violations'] }), standard);
        this.looked++;
        for (const v of r.violations) note(`${v.id} (${v.impact}): ${v.nodes.map((n) => `${n.target.join(' ')} ${n.html.slice(0, 160)} ${n.any[0]?.message ?? ''}`).slice(0, 3).join(' | ')}`, `${screen} ${l.name} ${size}`);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        if (wide > 0) note('scrolls sideways', `${screen} ${l.name} ${size} by ${wide} px`);
      }
    }
  }

  /** speak turns the app to a language. */
  async speak(lang: Look['lang']): Promise<void> {
    await this.me.go('/settings');
    await this.me.page.locator('main select').first().selectOption(lang);
    await expect(this.me.page.locator('html')).toHaveAttribute('lang', new RegExp(`^${lang}`));
    await expect(this.me.page.locator('html')).toHaveAttribute('dir', lang === 'ar' ? 'rtl' : 'ltr');
  }

  /** all looks at screens by their addresses, in all languages; ready does what a screen needs before it is looked at. */
  async all(screens: Record<string, string>, ready: Record<string, () => Promise<void>> = {}): Promise<void> {
    for (const lang of ['en', 'ar', 'fr'] as const) {
      await this.speak(lang);
      for (const [screen, path] of Object.entries(screens)) {
        await this.me.go(path);
        await ready[screen]?.();
        await this.look(screen, looks.filter((l) => l.lang === lang));
      }
    }
  }
}

/** sheet writes one page with all pictures that are there. */
export function sheet(): void {
  const all = readdirSync(gallery).filter((f) => f.endsWith('.png')).map((file) => ({ file, parts: file.split('.') }));
  const rows = [...new Set(all.map((p) => p.parts[0]!))].map((s) => {
    const cells = all.filter((p) => p.parts[0] === s).map(({ file, parts: [, look, size] }) => `<figure><a href="${file}"><img src="${file}" alt="${s}, ${look}, ${size}" loading="lazy" class="${size}"></a><figcaption>${look}, ${size}</figcaption></figure>`);
    return `<h2>${s}</h2><div>${cells.join('')}</div>`;
  });
  const page = `<!doctype html><meta charset="utf-8"><title>All screens</title><style>body{font:1rem sans-serif;margin:1rem}div{display:flex;gap:1rem;overflow-x:auto;align-items:start}figure{margin:0}img{border:1px solid #888;max-height:40rem;object-fit:cover;object-position:top}.phone{width:180px}.desk{width:480px}</style>${rows.join('\n')}\n`;
  writeFileSync(join(gallery, 'index.html'), page);
}
