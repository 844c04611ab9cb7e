// The worker of one tab. One tab of the browser leads: its worker runs the
// agent, a Go program in WebAssembly. The workers of the other tabs pass their
// calls to it, and one of them takes over when it goes. What the agent has said
// done is on disk by then, so that whoever takes over goes on from there.

import '../trusted';
import { Agent } from './agent';
import type { FromWorker, Problem, Sealed, SessionView, TabMessage, ToWorker } from './messages';
import { forget, remember, remembered, seal, unseal } from './sealed';

const lockName = 'sxp-agent';
const channelName = 'sxp';

/** How long the leader may say nothing before it is asked whether it is there, and then before another tab takes over, in ms. */
const askAfter = 3000;
const stealAfter = 15000;

const tab = crypto.randomUUID();
const channel = new BroadcastChannel(channelName);
const tabs = (m: TabMessage) => channel.postMessage(m);
const page = (m: FromWorker) => postMessage(m);

/** A call is one that a page waits for. */
type Call = { id: number; op: string; in: string; sentTo: string; at: number };

let base = '';
let near = false; // the program is in this browser
let agent: Agent | undefined; // of the tab that leads
let leading = false;
let leader = ''; // the tab that leads, once it is known
let heard = 0; // when it last said something
let sealed: Sealed | null = null; // the root of the open person
let view: Partial<SessionView> = {}; // what the page was told last
const calls = new Map<number, Call>(); // of the own page, unanswered

onmessage = (e: MessageEvent<ToWorker>) => {
  const m = e.data;
  if ('start' in m) {
    base = m.start.base;
    near = m.start.near;
    void follow();
    return;
  }
  const c: Call = { id: m.id, op: m.op, in: m.in, sentTo: '', at: Date.now() };
  calls.set(c.id, c);
  send(c);
};

channel.onmessage = (e: MessageEvent<TabMessage>) => {
  const m = e.data;
  if ('hello' in m) {
    if (leading) tabs({ session: shared(), sealed, leader: tab });
  } else if ('session' in m) {
    followed(m.leader, m.session, m.sealed);
  } else if ('op' in m) {
    if (m.to === tab) void serve(m.op, m.in, (out, error) => tabs({ to: m.from, id: m.id, out, error }));
  } else if ('id' in m) {
    if (m.to === tab) answer(m.id, m.out, m.error);
  } else if ('ping' in m) {
    if (m.ping === tab && leading) tabs({ pong: m.from });
  } else if (m.pong === tab) {
    heard = Date.now();
  }
};

/** tell tells the own page, and where this tab leads the other tabs. */
function tell(now: Partial<SessionView>): void {
  view = { ...view, ...now };
  page({ session: now });
  if (leading) tabs({ session: shared(), sealed, leader: tab });
}

/** shared is what the other tabs show: they do not lead. */
function shared(): Partial<SessionView> {
  return { ...view, leader: false };
}

/** follow waits for its turn to lead, and meanwhile does what the leader says. */
async function follow(): Promise<void> {
  tabs({ hello: tab });
  try {
    await navigator.locks.request(lockName, () => lead());
  } catch (err) {
    deposed(err);
  }
}

/** lead holds the lock for as long as this worker lives. */
function lead(): Promise<never> {
  leading = true;
  leader = tab;
  tell({ leader: true, state: 'starting', progress: 0, error: undefined });
  for (const c of calls.values()) if (c.sentTo !== '') lostCall(c);
  void startAgent();
  return new Promise<never>(() => {});
}

/** deposed is for a leader that was so slow that another tab took over. */
function deposed(err: unknown): void {
  if (!leading) {
    const refused = err instanceof DOMException && err.name === 'SecurityError';
    fail(
      refused
        ? { kind: 'denied', text: "the browser refuses storage to this page: allow it in the site's settings, or leave private mode" }
        : { kind: 'internal', text: `the browser gives no lock to this tab: ${String(err)}` },
    );
    return;
  }
  leading = false;
  page({ restart: true });
}

async function startAgent(): Promise<void> {
  try {
    sealed ??= await remembered();
    const root = sealed ? await unseal(sealed) : undefined;
    agent = await Agent.start(base, near, root, {
      progress: (progress) => tell({ progress }),
      state: (s) => tell({ ...s, progress: 1, error: undefined }),
      keep: async (bytes, lasting) => {
        sealed = await seal(bytes);
        await (lasting ? remember(sealed) : forget());
        tell({});
      },
      forget: async () => {
        sealed = null;
        await forget();
        tell({});
      },
      lost: (problem) => {
        agent = undefined;
        fail(problem);
      },
      died: () => revive(),
    });
    for (const c of calls.values()) send(c);
  } catch (err) {
    fail(problemOf(err));
  }
}

// A trap of WebAssembly ends the program without a word to who started it; and
// what a dead program waited for still calls it, which is no news.
addEventListener('error', (e) => {
  const trap = e.error instanceof WebAssembly.RuntimeError;
  if (!trap && !String(e.message).includes('Go program has already exited')) return;
  e.preventDefault();
  if (trap && leading && agent) revive();
});

/** deaths are the times when the agent died of a defect. */
const deaths: number[] = [];

/** revive starts a dead agent again: its state is on disk, and its root is sealed here. */
function revive(): void {
  agent = undefined;
  const now = Date.now();
  deaths.push(now);
  for (const c of calls.values()) answer(c.id, undefined, { kind: 'unavailable', text: 'the agent had to be started again: repeat what you did', moved: true });
  if (deaths.filter((at) => now - at < 60_000).length > 3) {
    fail({ kind: 'internal', text: 'the agent stops again and again: reload the page; what you have is stored' });
    return;
  }
  tell({ state: 'starting', progress: 0 });
  void startAgent();
}

function problemOf(err: unknown): Problem {
  const e = err as Partial<Problem> & { message?: string };
  return { kind: e.kind ?? 'internal', text: e.text ?? e.message ?? String(err) };
}

function fail(problem: Problem): void {
  tell({ state: 'failed', error: problem });
  for (const c of calls.values()) answer(c.id, undefined, problem);
}

/** followed takes what the leading tab says. */
function followed(from: string, now: Partial<SessionView>, handed: Sealed | null): void {
  if (leading) return;
  const changed = leader !== from;
  leader = from;
  heard = Date.now();
  sealed = handed;
  view = now;
  page({ session: now });
  if (!changed) return;
  for (const c of calls.values()) {
    if (c.sentTo === '') send(c);
    else lostCall(c); // the tab that it was sent to has gone
  }
}

function lostCall(c: Call): void {
  answer(c.id, undefined, { kind: 'unavailable', text: 'the tab that did the work was closed meanwhile: see what was done, and repeat the rest', moved: true });
}

/** send gives a call of the own page to the agent, here or in the leading tab. */
function send(c: Call): void {
  if (leading) {
    if (view.state === 'failed') {
      answer(c.id, undefined, view.error ?? { kind: 'internal', text: 'the agent has failed' });
      return;
    }
    if (c.sentTo !== '' && c.sentTo !== tab) {
      lostCall(c);
      return;
    }
    if (!agent) return; // sent when it runs
    c.sentTo = tab;
    void serve(c.op, c.in, (out, error) => answer(c.id, out, error));
    return;
  }
  if (view.state === 'failed' && leader === '') {
    answer(c.id, undefined, view.error ?? { kind: 'internal', text: 'the agent has failed' });
    return;
  }
  if (leader === '') return; // sent when it is known
  c.sentTo = leader;
  c.at = Date.now();
  tabs({ to: leader, from: tab, id: c.id, op: c.op, in: c.in });
}

/** serve asks the agent of this worker. */
function serve(op: string, input: string, done: (out?: string, error?: Problem) => void): void {
  if (!agent) {
    done(undefined, view.error ?? { kind: 'unavailable', text: 'the agent is being started: try again in a moment', moved: true });
    return;
  }
  agent.call(op, input, done);
}

function answer(id: number, out?: string, error?: Problem): void {
  if (!calls.delete(id)) return;
  page(error ? { id, error } : { id, out: out ?? 'null' });
}

/** A leader that says nothing may be in a tab that the system has frozen. */
setInterval(() => {
  if (leading || leader === '') return;
  const now = Date.now();
  const oldest = Math.min(...[...calls.values()].filter((c) => c.sentTo === leader).map((c) => c.at));
  if (!(now - oldest > askAfter)) return;
  if (now - Math.max(heard, oldest) > stealAfter) {
    navigator.locks.request(lockName, { steal: true }, () => lead()).catch(deposed);
    return;
  }
  tabs({ ping: leader, from: tab });
}, askAfter);
