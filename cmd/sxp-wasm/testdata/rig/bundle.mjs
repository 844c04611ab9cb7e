// Bundles the rig as the app is bundled: node bundle.mjs WEBAPP OUT
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const [app, outDir] = process.argv.slice(2).map((p) => resolve(p));
const from = createRequire(join(app, 'package.json'));
const load = (name) => import(pathToFileURL(from.resolve(name)).href);
const { build } = await load('vite');
const { svelte } = await load('@sveltejs/vite-plugin-svelte');
await build({
  configFile: false,
  root: dirname(fileURLToPath(import.meta.url)),
  base: './',
  logLevel: 'error',
  plugins: [svelte({ configFile: false })],
  worker: { format: 'es' },
  build: { outDir, emptyOutDir: true, target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false }, reportCompressedSize: false },
});
