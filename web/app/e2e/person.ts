// A person: a browser profile in a folder of its own, driven as a person does
// it, by the words and the roles that are on the screen.

import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { chromium as driver, expect, type BrowserContext, type Locator, type Page, type Worker } from '@playwright/test';

/** chromium is the browser: Debian's, never one that is fetched. */
export const chromium = process.env.SXP_CHROMIUM ?? '/usr/bin/chromium';

const quiet = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
  '--disable-sync', '--disable-dev-shm-usage', '--disable-default-apps', '--no-default-browser-check',
];

export const passphrase = 'correct horse battery';

export type Options = {
  viewport?: { width: number; height: number };
  scheme?: 'light' | 'dark';
  locale?: string;
  serviceWorkers?: 'allow' | 'block';
  args?: string[];
  init?: string; // a script that runs before those of the page
  clock?: number; // how wrong the device's clock is, in ms
  cookies?: 'refused'; // the browser's setting that refuses all storage to pages
  private?: boolean; // a private window: nothing stays after it
};

// A clock that is wrong: what page and workers take the time from. The agent
// asks for the time anew each time.
const shim = (by: number) => `{ const D = Date; globalThis.Date = class extends D { constructor(...a) { if (a.length) super(...a); else super(D.now() + ${by}); } static now() { return D.now() + ${by}; } }; }`;

// What a page must not do. A violation of the policy becomes a line on the
// console, and each error on the console fails the test.
const watch = `addEventListener('securitypolicyviolation', (e) => console.error('policy violated: ' + e.effectiveDirective + ' ' + e.blockedURI + ' ' + e.sample));`;

export class Person {
  page!: Page;
  context!: BrowserContext;
  words: string[] = [];
  closed = true;
  /** trouble is what must not be: errors on the console, uncaught errors, requests to others. */
  readonly trouble: string[] = [];
  private readonly forgiven: RegExp[] = [];
  private readonly hosts = new Set<string>();
  private sent = 0; // when the device last wrote to a node
  private readonly folder = mkdtempSync(join(tmpdir(), 'sxp-profile-'));

  constructor(
    readonly name: string,
    private readonly app: string,
    readonly options: Options = {},
  ) {
    this.hosts.add(new URL(app).host);
  }

  /** open starts the browser with this person's profile. */
  async open(): Promise<this> {
    const o = this.options;
    const launch = { executablePath: chromium, args: [...quiet, ...(o.args ?? [])], timeout: 120_000 };
    const look = {
      viewport: o.viewport ?? { width: 360, height: 740 },
      colorScheme: o.scheme ?? ('light' as const),
      locale: o.locale ?? 'en-GB',
      serviceWorkers: o.serviceWorkers ?? ('allow' as const),
      reducedMotion: 'reduce' as const,
      acceptDownloads: true,
    };
    if (o.private) {
      this.context = await (await driver.launch(launch)).newContext(look);
    } else {
      const profile = join(this.folder, 'profile');
      if (o.cookies === 'refused' && !existsSync(profile)) {
        mkdirSync(join(profile, 'Default'), { recursive: true });
        writeFileSync(join(profile, 'Default', 'Preferences'), JSON.stringify({ profile: { default_content_setting_values: { cookies: 2 } } }));
      }
      this.context = await driver.launchPersistentContext(profile, { ...launch, ...look });
    }
    this.context.setDefaultTimeout(60_000);
    this.context.setDefaultNavigationTimeout(120_000);
    await this.context.addInitScript(watch);
    if (o.clock) await this.context.addInitScript(shim(o.clock));
    if (o.init) await this.context.addInitScript(o.init);
    this.context.on('request', (r) => this.requested(r.url()));
    for (const what of ['request', 'requestfinished', 'requestfailed'] as const) {
      this.context.on(what as 'request', (r) => void (r.method() !== 'GET' && (this.sent = Date.now())));
    }
    this.context.on('weberror', (e) => this.note(`uncaught: ${e.error().stack ?? e.error()}`));
    this.context.on('serviceworker', (w) => this.watchWorker(w));
    this.context.on('page', (p) => this.watchPage(p));
    for (const p of this.context.pages()) this.watchPage(p);
    this.page = this.context.pages()[0] ?? (await this.context.newPage());
    this.closed = false;
    return this;
  }

  private watchPage(p: Page): void {
    p.on('console', (m) => m.type() === 'error' && this.note(`console: ${m.text()} (${m.location().url})`));
    p.on('crash', () => this.note('the page crashed'));
    p.on('worker', (w) => this.watchWorker(w));
    p.on('websocket', (w) => this.requested(w.url()));
  }

  private watchWorker(w: Worker): void {
    const { clock } = this.options;
    if (clock) w.evaluate(shim(clock)).catch(() => undefined); // a worker that is gone already has no time
    w.on('console', (m) => m.type() === 'error' && this.note(`worker: ${m.text()}`));
  }

  private requested(url: string): void {
    const u = new URL(url);
    if (['data:', 'blob:', 'about:', 'chrome-error:'].includes(u.protocol)) return;
    // Agents ask other nodes, such as jurors, by the protocol; in a world they are all on this machine.
    if (u.hostname === '127.0.0.1' && u.pathname.startsWith('/sxp/v1')) return;
    if (!this.hosts.has(u.host)) this.note(`asked a foreign host: ${url.slice(0, 200)}`);
  }

  private note(text: string): void {
    if (!this.forgiven.some((r) => r.test(text))) this.trouble.push(text);
  }

  /** forgive says which errors a test provokes; all others still fail it. */
  forgive(...known: RegExp[]): void {
    this.forgiven.push(...known);
  }

  /** allow lets the pages talk to another host too. */
  allow(url: string): void {
    this.hosts.add(new URL(url).host);
  }

  /** atRest waits until this device has written nothing to any node for eight seconds, two minutes at most. */
  async atRest(): Promise<void> {
    const begun = (this.sent = Date.now());
    for (let left = 8_000; left > 0 && Date.now() - begun < 120_000; left = this.sent + 8_000 - Date.now()) await this.page.waitForTimeout(left);
  }

  /** close closes the browser; the profile stays. */
  async close(): Promise<void> {
    if (!this.closed) await (this.context.browser() && this.options.private ? this.context.browser()!.close() : this.context.close());
    this.closed = true;
  }

  /** reopen is a new start of the browser with the same profile. */
  async reopen(): Promise<void> {
    await this.close();
    await this.open();
  }

  async remove(): Promise<void> {
    await this.close();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }

  file(name: string): string {
    return join(this.folder, name);
  }

  // What is on the screen.

  button = (name: string | RegExp, within: Page | Locator = this.page) => within.getByRole('button', { name, exact: typeof name === 'string' });
  link = (name: string | RegExp, within: Page | Locator = this.page) => within.getByRole('link', { name, exact: typeof name === 'string' });
  field = (name: string | RegExp) => this.page.getByRole('textbox', { name, exact: typeof name === 'string' });
  heading = (name: string | RegExp) => this.page.getByRole('heading', { name, level: 1 });

  /** go goes to a screen of the app by its address. */
  async go(path: string): Promise<void> {
    await this.page.goto(this.app + '#' + path);
  }

  // What a person does.

  /** create is the first start, from the welcome to "You are ready". */
  async create(link = this.app, o: { name?: string; stay?: boolean; later?: boolean } = {}): Promise<void> {
    const { page } = this;
    await page.goto(link);
    await this.button('I am new').click();
    await this.field('Your name').fill(o.name ?? this.name);
    await page.getByLabel('Passphrase', { exact: true }).fill(passphrase);
    await page.getByLabel('Stay unlocked on this device').setChecked(o.stay ?? true);
    await this.button('Start').click();
    await expect(this.heading('Your 24 words')).toBeVisible({ timeout: 120_000 });
    const shown = await page.getByRole('main').getByRole('list').first().getByRole('listitem').allInnerTexts();
    this.words = shown.map((w) => w.replace(/[^a-z]/g, ''));
    expect(this.words).toHaveLength(24);
    await this.button('I have written them down').click();
    if (o.later) await this.button('Later').click();
    else await this.checkWords();
    await expect(this.heading(/You are ready/)).toBeVisible();
  }

  /** checkWords shows that the words are on paper. */
  async checkWords(): Promise<void> {
    await expect(this.page.getByRole('group', { name: /^Word number/ })).toHaveCount(3);
    for (const group of await this.page.getByRole('group', { name: /^Word number/ }).all()) {
      const n = Number(/\d+/.exec((await group.getByText(/^Word number/).first().innerText()))![0]);
      await group.getByRole('radio', { name: this.words[n - 1]!, exact: true }).check({ force: true });
    }
    await this.button('Check').click();
  }

  /** join follows an invitation into its market and publishes the offer that it fills in. */
  async join(): Promise<void> {
    await this.button(/^(Join and )?go on$/i).click();
    await this.publish();
  }

  /** publish sends the form that is open. */
  async publish(): Promise<void> {
    await this.button('Publish').click();
    await expect(this.page).toHaveURL(/#\/item\//);
    await expect(this.page.getByText('Published', { exact: true }).last()).toBeVisible();
  }

  /** begin is all of it: from the first start to the published offer. */
  async begin(link: string, o: { stay?: boolean } = {}): Promise<void> {
    await this.create(link, o);
    await this.join();
  }

  /** proposal waits for a deal that asks for an answer, and opens it. */
  async proposal(): Promise<void> {
    await this.go('/');
    await this.page.getByRole('region', { name: 'Waits for your answer' }).getByRole('link').first().click({ timeout: 120_000 });
    await expect(this.button('Accept')).toBeVisible();
  }

  /** accept answers the deal that is open with yes. */
  async accept(): Promise<void> {
    await this.button('Accept').click();
    await expect(this.button('Accept')).toBeHidden();
  }

  /** contract waits until the deal that is open is signed, goes to its contract and fetches the file. */
  async contract(timeout = 180_000): Promise<string> {
    await this.link('To the contract').click({ timeout });
    return this.download();
  }

  /** download saves the contract that is open. */
  async download(): Promise<string> {
    const coming = this.page.waitForEvent('download');
    await this.button('Download').click();
    const d = await coming;
    const path = this.file(`${this.name}-${d.suggestedFilename()}`);
    await d.saveAs(path);
    return path;
  }

  /** unlock opens what is locked. */
  async unlock(pass = passphrase): Promise<void> {
    await this.page.getByLabel('Passphrase', { exact: true }).fill(pass);
    await this.button('Unlock').click();
  }
}
