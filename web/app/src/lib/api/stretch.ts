// A worker that stretches one passphrase and is thrown away.

import { run, runtime, type StretchAnswer, type StretchTask } from './agent';
import type { Kind } from './ops.gen';

onmessage = async (e: MessageEvent<StretchTask>) => {
  const { module, base, task, data, passphrase } = e.data;
  const post = (m: StretchAnswer) => postMessage(m);
  try {
    const go = await runtime(base);
    await run(go, module, {
      task,
      data,
      passphrase,
      answer: (out: Uint8Array | null, kind: Kind, text: string) => post(out ? { out } : { error: { kind, text } }),
    });
  } catch (err) {
    post({ error: { kind: 'unavailable', text: String(err) } });
  }
};
