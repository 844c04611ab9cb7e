// The app's way to its agent, for tests: what the screens use, and nothing else.
import '../../../../web/app/src/lib/trusted';
import { call, fromBytes, session, SXPError, start, toBytes } from '../../../../web/app/src/lib/api/client';
import * as passkey from '../../../../web/app/src/lib/passkey';

/** ask answers {out, ms} or {kind, text}: a test reads both as JSON. */
async function ask(op: string, input: unknown): Promise<unknown> {
  const began = performance.now();
  try {
    const out = await call(op as never, input as never);
    return { out, ms: performance.now() - began };
  } catch (err) {
    const e = err as SXPError;
    return { kind: e.kind, text: e.text };
  }
}

const seen = () => ({ ...session, error: session.error && { kind: session.error.kind, text: session.error.text } });

Object.assign(window, { ask, seen, passkey, toBytes, fromBytes });
try {
  start();
} catch (err) {
  console.error(String(err)); // session says it too
}
