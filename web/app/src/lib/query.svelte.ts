// A query is an operation whose answer a screen shows: asked again whenever
// the agent's state has changed, so that a screen is never out of date. What
// was shown stays while it is asked again, and when asking fails. It only reads,
// so it is asked again, too, where the tab that did the work was closed.

import { call, session, SXPError } from './api/client';
import type { Ops } from './api/ops.gen';

export type Query<T> = {
  readonly data: T | undefined;
  readonly error: SXPError | undefined;
  readonly loading: boolean;
  reload(): void;
};

/**
 * query asks op while the component lives. It asks again when what input reads
 * changes, and after each change of the agent's state unless once is set. Where
 * input returns undefined nothing is asked.
 */
export function query<K extends keyof Ops>(
  op: K,
  input: () => Ops[K]['in'] | undefined,
  options: { once?: boolean } = {},
): Query<Ops[K]['out']> {
  let data = $state.raw<Ops[K]['out'] | undefined>();
  let error = $state.raw<SXPError | undefined>();
  let loading = $state(true);
  let again = $state(0);
  let turn = 0;
  let last = '';

  $effect(() => {
    const wanted = input();
    void again;
    if (!options.once) void session.version;
    if (wanted === undefined) return;
    const mine = ++turn;
    const text = JSON.stringify(wanted);
    if (text !== last) loading = true;
    last = text;
    const ask = (tries: number): Promise<void> =>
      call(op, wanted).then(
        (out) => {
          if (mine !== turn) return;
          data = out;
          error = undefined;
          loading = false;
        },
        async (err: SXPError) => {
          if (err.moved && tries > 0 && mine === turn) {
            await new Promise((done) => setTimeout(done, 300)); // another tab takes over, or the agent starts
            if (mine === turn) return ask(tries - 1);
          }
          if (mine !== turn) return;
          error = err;
          loading = false;
        },
      );
    void ask(30);
  });

  return {
    get data() {
      return data;
    },
    get error() {
      return error;
    },
    get loading() {
      return loading;
    },
    reload() {
      last = ''; // it counts as loading
      again++;
    },
  };
}

/** An Action is something a person starts and may have to wait for. */
export type Action<A extends unknown[]> = {
  readonly busy: boolean;
  readonly error: SXPError | undefined;
  run(...args: A): Promise<boolean>;
  clear(): void;
};

/** action wraps f so that a form shows that it runs, and why it failed. */
export function action<A extends unknown[]>(f: (...args: A) => Promise<unknown>): Action<A> {
  let busy = $state(false);
  let error = $state.raw<SXPError | undefined>();
  return {
    get busy() {
      return busy;
    },
    get error() {
      return error;
    },
    async run(...args: A) {
      if (busy) return false; // a second tap does not do it twice
      busy = true;
      error = undefined;
      try {
        await f(...args);
        return true;
      } catch (err) {
        error = err instanceof SXPError ? err : new SXPError('internal', String(err));
        return false;
      } finally {
        busy = false;
      }
    },
    clear() {
      error = undefined;
    },
  };
}
