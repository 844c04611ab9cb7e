// Packs what the bundler built into web/dist, from where the compiler puts it
// into the program: text and WebAssembly as brotli and gzip only, so that the
// program stays small; the rest as it is. What was compressed before is kept by
// its content, so that a build without changes takes no time.
//
//   node web/pack.mjs FROM TO CACHE
import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import zlib from 'node:zlib';

const brotli = promisify(zlib.brotliCompress);
const gzip = promisify(zlib.gzip);
const [from, to, cache] = process.argv.slice(2);

const small = 1024; // bytes: below, compression gains nothing that counts
const text = new Set(['.html', '.css', '.js', '.mjs', '.json', '.webmanifest', '.svg', '.txt']);

/** All files below a folder, as relative paths. */
async function files(dir) {
  const all = await readdir(dir, { recursive: true, withFileTypes: true });
  return all.filter((f) => f.isFile()).map((f) => path.relative(dir, path.join(f.parentPath ?? f.path, f.name))).sort();
}

/** The compressed form of content, from the cache if it is there. */
async function form(content, ending, make) {
  const name = path.join(cache, createHash('sha256').update(content).digest('hex') + ending);
  try {
    const kept = await readFile(name);
    const now = new Date();
    await utimes(name, now, now);
    return kept;
  } catch (err) {
    if (err.code !== 'ENOENT') throw err;
  }
  const made = await make();
  await writeFile(name + '.new', made);
  await rename(name + '.new', name);
  return made;
}

/** What is written for one file: the endings with their bytes. */
async function forms(name, content) {
  const isText = text.has(path.extname(name));
  if ((!isText && path.extname(name) !== '.wasm') || content.length < small) return { '': content };
  const br = await form(content, '.br', () =>
    brotli(content, {
      params: {
        [zlib.constants.BROTLI_PARAM_QUALITY]: 11,
        [zlib.constants.BROTLI_PARAM_LGWIN]: 24,
        [zlib.constants.BROTLI_PARAM_MODE]: isText ? zlib.constants.BROTLI_MODE_TEXT : zlib.constants.BROTLI_MODE_GENERIC,
        [zlib.constants.BROTLI_PARAM_SIZE_HINT]: content.length,
      },
    }),
  );
  const gz = await form(content, '.gz', () => gzip(content, { level: 9 }));
  return { '.br': br, '.gz': gz };
}

/** Writes a file only where it has changed. */
async function put(name, content) {
  await mkdir(path.dirname(name), { recursive: true });
  const old = await readFile(name).catch(() => undefined);
  if (!old || Buffer.compare(old, content) !== 0) await writeFile(name, content);
}

/** Removes what no build has used for a month. */
async function forget() {
  for (const name of await readdir(cache)) {
    const file = path.join(cache, name);
    const { mtimeMs } = await stat(file);
    if (Date.now() - mtimeMs > 30 * 24 * 3600 * 1000) await rm(file);
  }
}

await mkdir(cache, { recursive: true });
const names = (await files(from)).filter((n) => !n.endsWith('.map'));
if (!names.includes('index.html')) throw new Error(`${from} has no index.html: the bundler has not run`);
const sizes = {};
const wanted = new Set(['README.md']);
await Promise.all(
  names.map(async (name) => {
    const content = await readFile(path.join(from, name));
    const made = await forms(name, content);
    const kind = path.extname(name) === '.wasm' ? 'agent (wasm)' : name.startsWith('icon') || /\.(png|svg|webp|ico)$/.test(name) ? 'pictures' : 'page';
    const sum = (sizes[kind] ??= { raw: 0, gzip: 0, brotli: 0 });
    sum.raw += content.length;
    sum.gzip += (made['.gz'] ?? content).length;
    sum.brotli += (made['.br'] ?? content).length;
    for (const [ending, bytes] of Object.entries(made)) {
      wanted.add(name + ending);
      await put(path.join(to, name + ending), bytes);
    }
  }),
);
for (const name of await files(to)) {
  if (!wanted.has(name)) await rm(path.join(to, name));
}
await forget();

const total = { raw: 0, gzip: 0, brotli: 0 };
const row = (kind, s) => console.log(`  ${kind.padEnd(14)}${Object.values(s).map((n) => String(n).padStart(12)).join('')}`);
console.log(`  ${'bytes'.padEnd(14)}${Object.keys(total).map((k) => k.padStart(12)).join('')}`);
for (const [kind, s] of Object.entries(sizes).sort()) {
  row(kind, s);
  for (const k of Object.keys(total)) total[k] += s[k];
}
row('all', total);
