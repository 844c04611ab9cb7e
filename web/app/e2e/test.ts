// The tests' own "test": a world for each file, people with profiles of their
// own, and the rule that nobody's page may have logged an error, broken the
// policy, or asked a foreign host.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { test as base, expect } from '@playwright/test';

import { Person, type Options } from './person';
import { World } from './world';

export { expect };

type Each = { world: World; person: (name: string, o?: Options & { app?: string }) => Promise<Person> };
type Shared = { worlds: (file: string) => Promise<World> };

export const test = base.extend<Each, Shared>({
  // One world at a time: that of the file whose tests run.
  worlds: [
    async ({}, use) => {
      let now: { file: string; world: World } | undefined;
      await use(async (file) => {
        if (now?.file === file) return now.world;
        await now?.world.stop();
        now = undefined;
        now = { file, world: await World.start() };
        return now.world;
      });
      await now?.world.stop();
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  world: async ({ worlds }, use, info) => use(await worlds(info.file)),
  person: async ({ world }, use, info) => {
    const all: Person[] = [];
    await use(async (name, o = {}) => {
      const p = new Person(name, o.app ?? world.app, o);
      all.push(p);
      return p.open();
    });
    for (const p of all) {
      if (info.status !== info.expectedStatus && !p.closed) {
        const shot = await p.page.screenshot({ fullPage: true, timeout: 10_000 }).catch(() => undefined);
        if (shot) await info.attach(p.name, { body: shot, contentType: 'image/png' });
      }
      await p.remove();
    }
    for (const p of all) expect.soft(p.trouble, `what went wrong in the browser of ${p.name}`).toEqual([]);
  },
});

const results = join(import.meta.dirname, '../test-results');

/** figure prints what was measured and keeps it in test-results/metrics.json. Nothing is asserted on it. */
export function figure(name: string, value: unknown): void {
  console.log(`figure: ${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const path = join(results, 'metrics.json');
  mkdirSync(dirname(path), { recursive: true });
  let all: Record<string, unknown> = {};
  try {
    all = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    // The first one.
  }
  all[name] = value;
  writeFileSync(path, JSON.stringify(all, null, 2) + '\n');
}
