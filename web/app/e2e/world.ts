// A world of its own for each file of tests: a node that serves the app, its
// market, its jurors. And the command sxp, for what is checked or done beside
// the browser.

import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

/** command is the program that is tested. */
export const command = resolve(process.env.SXP_BIN ?? join(import.meta.dirname, '../../../bin/sxp'));

const exec = promisify(execFile);

type Said = { node: string; app: string; market: string; people: { name: string; offer: string; want: string; link: string }[] };

export class World {
  private constructor(
    private readonly child: ChildProcess,
    private readonly said: Said,
    private readonly folder: string,
  ) {}

  /** start starts a world with 15 jurors and without bots, at a port of its own. */
  static async start(...flags: string[]): Promise<World> {
    const args = ['world', '--serve', '--no-story', '--bots-after', '0', '--jurors', '15', '--listen', '127.0.0.1:0', '--json', ...flags];
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let errors = '';
    child.stderr.on('data', (d) => (errors += d));
    const said = await new Promise<Said>((done, failed) => {
      createInterface(child.stdout).once('line', (line) => {
        try {
          done(JSON.parse(line));
        } catch {
          failed(new Error(`the world said: ${line}`));
        }
      });
      child.once('exit', (code) => failed(new Error(`the world ended (${code}): ${errors}`)));
      child.once('error', failed);
    });
    return new World(child, said, mkdtempSync(join(tmpdir(), 'sxp-e2e-')));
  }

  /** app is the address of the app, with "/" at its end. */
  get app(): string {
    return this.said.app;
  }
  get node(): string {
    return this.said.node;
  }
  get market(): string {
    return this.said.market;
  }
  get people(): Said['people'] {
    return this.said.people;
  }

  /** path is a file in a folder that goes with this world. */
  path(name: string): string {
    return join(this.folder, name);
  }

  /** sxp runs the command, as a person whose home is one of this world. */
  async sxp(home: string, ...args: string[]): Promise<string> {
    const pass = this.path('passphrase');
    writeFileSync(pass, 'correct horse battery\n');
    const { stdout } = await exec(command, ['--home', this.path(home), '--passphrase-file', pass, ...args], { maxBuffer: 1 << 26, timeout: 120_000 });
    return stdout;
  }

  /** member makes a person of the command line who is in the market. */
  async member(name: string, label = name): Promise<void> {
    await this.sxp(name, 'init', '--label', label, '--relay', this.node);
    await this.sxp(name, 'market', 'join', this.market);
  }

  async stop(): Promise<void> {
    const over = new Promise((done) => this.child.once('exit', done));
    if (this.child.exitCode === null && this.child.kill('SIGINT')) await Promise.race([over, new Promise((r) => setTimeout(r, 10_000))]);
    this.child.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}
