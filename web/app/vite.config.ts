/// <reference types="vitest/config" />
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type ResolvedConfig } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';

let outDir = 'build';

// The page is served by any node at any address, so all paths are relative, and
// under a policy that runs and styles nothing inline: no inlined modules, no
// data: scripts.
export default defineConfig({
  base: './',
  plugins: [
    svelte(),
    { name: 'sxp-out-dir', configResolved: (c: ResolvedConfig) => void (outDir = c.build.outDir) },
    VitePWA({
      strategies: 'injectManifest',
      srcDir: 'src',
      filename: 'sw.ts',
      injectRegister: false, // lib/pwa.svelte.ts does it: nothing inline
      manifest: false, // public/manifest.webmanifest
      includeManifestIcons: false,
      injectManifest: {
        rollupFormat: 'iife',
        globPatterns: ['**/*.{html,js,css,wasm,svg,png,webmanifest}'],
        maximumFileSizeToCacheInBytes: 32_000_000, // the agent, not compressed
        dontCacheBustURLsMatching: /(?!)/, // each file gets a revision, also those named after their content
        manifestTransforms: [
          // The service worker checks what it keeps, so a revision is the SHA-256 of the content.
          (entries) => ({
            manifest: entries.map((e) => ({ ...e, revision: createHash('sha256').update(readFileSync(`${outDir}/${e.url}`)).digest('hex') })),
            warnings: [],
          }),
        ],
      },
    }),
  ],
  worker: { format: 'es' },
  // While one works on it: the page from here, all else from a node.
  server: { proxy: { '/sxp/v1': { target: process.env.SXP_NODE ?? 'http://127.0.0.1:8700', ws: true } } },
  test: { include: ['src/**/*.test.ts'] }, // e2e/ is for a real browser
  build: {
    outDir: 'build',
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 300,
    rolldownOptions: {
      output: {
        // Few files: what all screens share, and one for each folder of screens.
        codeSplitting: {
          groups: [
            { name: 'base', test: /node_modules\/(svelte|i18next|esm-env|clsx)\/|src\/lib\/(?!ui\/Qr\.)|src\/lang\/en\/|src\/App/, priority: 3 },
            { name: 'base', test: /node_modules\/@lucide\//, minShareCount: 4, priority: 2 },
            { name: (id: string) => /src\/screens\/(\w+)\/(?!routes)/.exec(id)?.[1] ?? null, priority: 1 },
          ],
        },
      },
    },
  },
});
