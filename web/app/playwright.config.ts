import { defineConfig } from '@playwright/test';

// The tests of the whole product in a real browser: a world with its node and
// jurors (bin/sxp world), and one browser profile for each person. Nothing is
// waited for by the clock, so the limits are wide: they end what hangs.
export default defineConfig({
  testDir: 'e2e',
  testMatch: '*.spec.ts',
  outputDir: 'test-results/e2e',
  workers: Number(process.env.SXP_E2E_WORKERS ?? 1),
  fullyParallel: false,
  forbidOnly: true,
  retries: 0,
  timeout: 240_000,
  expect: { timeout: 60_000 },
  reporter: [['list']],
  globalSetup: './e2e/setup.ts',
});
