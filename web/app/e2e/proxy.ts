// A node that lies: it stands in front of the real one, under the same address
// to a browser that is started with a flag, and hands out whatever a test wants
// instead of the node's answers.

import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

/** What the node answered. A lie returns what the browser gets instead, or undefined to let it pass. */
export type Answer = { status: number; headers: Record<string, string | string[] | undefined>; body: Buffer };
export type Lie = (path: string, answer: Answer, method: string) => Answer | undefined;

export class Proxy {
  private told: Lie | undefined;
  private cut = false;
  readonly asked: string[] = [];
  private readonly open = new Set<Socket>();
  private readonly lasting = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly to: URL,
  ) {}

  static async start(to: string): Promise<Proxy> {
    const server = createServer();
    const p = new Proxy(server, new URL(to));
    server.on('request', (q, s) => p.pass(q, s));
    server.on('upgrade', (q, socket, head) => p.upgrade(q, socket as Socket, head));
    server.on('connection', (s) => {
      if (p.cut) s.destroy();
      p.open.add(s);
      s.on('close', () => p.open.delete(s));
      s.on('error', () => undefined);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return p;
  }

  /** instead is the flag with which a browser meets this one wherever it asks the honest node. */
  get instead(): string {
    return `--host-resolver-rules=MAP ${this.to.host} 127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** lie is asked for each answer; undefined: an honest node. A liar has no lasting lines, so that all answers are its own. */
  set lie(lie: Lie | undefined) {
    this.told = lie;
    for (const s of this.lasting) s.destroy();
  }

  /** down cuts all lines, and takes no new ones until it is false again. */
  set down(cut: boolean) {
    this.cut = cut;
    if (cut) for (const s of this.open) s.destroy();
  }

  private pass(q: IncomingMessage, s: ServerResponse): void {
    this.asked.push(`${q.method} ${q.url}`);
    const up = request({ host: this.to.hostname, port: this.to.port, path: q.url, method: q.method, headers: { ...q.headers, 'accept-encoding': this.told ? 'identity' : q.headers['accept-encoding'] } }, (r) => {
      const parts: Buffer[] = [];
      if (!this.told) {
        s.writeHead(r.statusCode ?? 502, r.headers);
        r.pipe(s);
        return;
      }
      r.on('data', (d: Buffer) => parts.push(d));
      r.on('end', () => {
        const honest: Answer = { status: r.statusCode ?? 502, headers: { ...r.headers }, body: Buffer.concat(parts) };
        const told = this.told?.(q.url ?? '', honest, q.method ?? '') ?? honest;
        const headers = { ...told.headers, 'content-length': String(told.body.length) };
        delete (headers as Record<string, unknown>)['transfer-encoding'];
        s.writeHead(told.status, headers);
        s.end(told.body);
      });
    });
    up.on('error', () => s.destroy());
    q.pipe(up);
  }

  private upgrade(q: IncomingMessage, socket: Socket, head: Buffer): void {
    if (this.told) {
      socket.destroy();
      return;
    }
    this.lasting.add(socket);
    socket.on('close', () => this.lasting.delete(socket));
    const up = connect(Number(this.to.port), this.to.hostname, () => {
      up.write(`${q.method} ${q.url} HTTP/1.1\r\n${q.rawHeaders.reduce((t, h, i) => t + h + (i % 2 ? '\r\n' : ': '), '')}\r\n`);
      up.write(head);
      up.pipe(socket).pipe(up);
    });
    this.open.add(up);
    for (const x of [up, socket]) x.on('error', () => (up.destroy(), socket.destroy()));
    up.on('close', () => (this.open.delete(up), socket.destroy()));
  }

  async stop(): Promise<void> {
    this.down = true;
    await new Promise((done) => this.server.close(done));
  }
}
