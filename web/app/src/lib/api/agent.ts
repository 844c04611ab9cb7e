// The agent as its worker sees it: the WebAssembly program, loaded, started,
// and asked.

import type { Kind } from './ops.gen';
import type { Problem, SessionView } from './messages';

/** What wasm_exec.js of the Go distribution defines. */
type GoRuntime = { importObject: WebAssembly.Imports; run(i: WebAssembly.Instance): Promise<void>; exit(code: number): void };

/** What the agent tells its worker. */
export type Listener = {
  progress(done: number): void;
  state(now: Partial<SessionView>): void;
  keep(root: Uint8Array<ArrayBuffer>, lasting: boolean): Promise<void>;
  forget(): Promise<void>;
  lost(problem: Problem): void;
  died(): void;
};

type Done = (out?: string, error?: Problem) => void;
type GoDone = (out: string | null, kind: Kind, text: string) => void;
type GoCall = (op: string, input: string, done: GoDone) => void;

/** Files beside the page: the program, and its glue, as the Go distribution made them. */
const program = 'sxp.wasm';
const glue = 'wasm_exec.js';

let module: WebAssembly.Module | undefined; // compiled once for each worker

export class Agent {
  private constructor(private readonly ask: GoCall) {}

  /**
   * start loads and starts the program. A root opens the person at once. near
   * says that a service worker has the program here: then the browser may have
   * it compiled, which only the response itself knows, so nobody counts.
   */
  static async start(base: string, near: boolean, root: Uint8Array | undefined, on: Listener): Promise<Agent> {
    const glued = runtime(base);
    glued.catch(() => undefined); // told below, if the program itself is there
    module ??= await load(base, near, on.progress);
    const go = await glued;
    const loaded = module;
    let over = false; // what a lost agent still says is no longer so
    return new Promise<Agent>((resolve, reject) => {
      const script = {
        task: 'agent',
        served: new URL('.', base).href.replace(/\/+$/, ''),
        root: root ?? null,
        ready: (ask: GoCall | null, kind: Kind, text: string) => (ask ? resolve(new Agent(ask)) : reject({ kind, text })),
        state: (text: string) => {
          if (over) return;
          const s = JSON.parse(text) as { state: 'new' | 'locked' | 'open'; label?: string; version: number; remembered: boolean; passkey?: string };
          on.state({ state: s.state, label: s.label ?? '', version: s.version, remembered: s.remembered, passkey: s.passkey ?? '' });
        },
        lost: (kind: Kind, text: string) => {
          over = true;
          on.lost({ kind, text });
        },
        keep: on.keep,
        forget: on.forget,
        stretch: (task: string, data: Uint8Array, passphrase: Uint8Array) => stretch(loaded, base, task, data, passphrase),
      };
      void run(go, loaded, script).then(
        () => on.died(),
        (err) => reject(err),
      );
    });
  }

  /** call asks for one operation. */
  call(op: string, input: string, done: Done): void {
    this.ask(op, input, (out, kind, text) => (out === null ? done(undefined, { kind, text }) : done(out)));
  }
}

/** run runs the program until it ends. */
export async function run(go: GoRuntime, module: WebAssembly.Module, script: object): Promise<void> {
  (globalThis as { sxpScript?: object }).sxpScript = script;
  await go.run(await WebAssembly.instantiate(module, go.importObject));
}

/** runtime loads the glue. */
export async function runtime(base: string): Promise<GoRuntime> {
  const global = globalThis as unknown as { Go?: new () => GoRuntime };
  if (!global.Go) {
    try {
      await import(/* @vite-ignore */ new URL(glue, base).href);
    } catch (err) {
      throw unavailable(`${glue} could not be loaded: ${String(err)}`);
    }
  }
  if (!global.Go) throw unavailable(`${glue} is not what it should be`);
  return new global.Go();
}

function unavailable(text: string): Problem {
  return { kind: 'unavailable', text: `the app could not be loaded from its node: ${text}` };
}

/** load fetches and compiles the program while it arrives. */
async function load(base: string, near: boolean, progress: (done: number) => void): Promise<WebAssembly.Module> {
  let response: Response;
  try {
    response = await fetch(new URL(program, base));
  } catch (err) {
    throw unavailable(`${program}: ${String(err)}`);
  }
  if (!response.ok) throw unavailable(`${program}: the node answered ${response.status}`);
  try {
    const module = await WebAssembly.compileStreaming(near ? response : counted(response, progress));
    progress(1);
    return module;
  } catch (err) {
    throw unavailable(`${program}: ${String(err)}`);
  }
}

/** counted tells how much of a response has arrived, where its length is known. */
function counted(response: Response, progress: (done: number) => void): Response {
  const encoded = response.headers.has('Content-Encoding');
  const total = Number(response.headers.get('X-Uncompressed-Length') ?? (encoded ? 0 : response.headers.get('Content-Length')));
  if (!(total > 0) || !response.body) return response;
  let done = 0;
  let told = 0;
  const count = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, out) {
      done += chunk.byteLength;
      if (done / total - told > 0.02) {
        told = done / total;
        progress(Math.min(told, 1));
      }
      out.enqueue(chunk);
    },
  });
  return new Response(response.body.pipeThrough(count), { headers: { 'Content-Type': response.headers.get('Content-Type') ?? '' } });
}

/** What the worker that is thrown away is told, and says. */
export type StretchTask = { module: WebAssembly.Module; base: string; task: string; data: Uint8Array; passphrase: Uint8Array };
export type StretchAnswer = { out?: Uint8Array; error?: Problem };

/** stretch lets a worker of its own stretch the passphrase: the 64 MiB that it takes go with it. */
function stretch(module: WebAssembly.Module, base: string, task: string, data: Uint8Array, passphrase: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const throwing = (problem: Problem) => reject(Object.assign(new Error(problem.text), { kind: problem.kind }));
    if (typeof Worker === 'undefined') {
      throwing({ kind: 'unsupported', text: 'this browser has no workers within workers' });
      return;
    }
    const w = new Worker(new URL('./stretch.ts', import.meta.url), { type: 'module', name: 'sxp-stretch' });
    w.onmessage = (e: MessageEvent<StretchAnswer>) => {
      w.terminate();
      if (e.data.out) resolve(e.data.out);
      else throwing(e.data.error ?? { kind: 'internal', text: 'the passphrase could not be used' });
    };
    w.onerror = (e) => {
      w.terminate();
      throwing({ kind: 'unsupported', text: `a worker could not be started: ${e.message}` });
    };
    const message: StretchTask = { module, base, task, data, passphrase };
    w.postMessage(message, [data.buffer, passphrase.buffer] as Transferable[]);
  });
}
