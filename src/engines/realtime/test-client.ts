import { once } from 'node:events';
import { type ClientOptions, WebSocket } from 'ws';
import type { LogPosition } from '#events';

/** A frame as a client sees it. */
export interface Frame {
  type: string;
  id?: string;
  channel?: string;
  code?: string;
  message?: string;
  reason?: string;
  protocol?: string;
  connectionId?: string;
  retryAfterMs?: number;
  complete?: boolean;
  entityId?: string;
  operation?: string;
  entity?: string;
  // biome-ignore lint/suspicious/noExplicitAny: a stranger's view of JSON
  data?: any;
  // biome-ignore lint/suspicious/noExplicitAny: a stranger's view of JSON
  fields?: any;
  position?: LogPosition;
}

/** A client for tests: keeps every frame, and waits for those it is asked for. */
export class TestClient {
  readonly frames: Frame[] = [];
  readonly socket: WebSocket;
  readonly closed: Promise<number>;
  #wake: () => void = () => undefined;

  constructor(url: string, subprotocols: string[] = [], options: ClientOptions = {}) {
    this.socket = new WebSocket(url, subprotocols, options);
    this.closed = new Promise((resolve) => this.socket.on('close', (code) => resolve(code)));
    this.socket.on('error', () => undefined);
    this.socket.on('message', (data) => {
      this.frames.push(JSON.parse(data.toString()) as Frame);
      this.#wake();
    });
  }

  /** A client that has signed in with its first message. */
  static async signedIn(url: string, token: string, options: ClientOptions = {}): Promise<TestClient> {
    const client = new TestClient(url, [], options);
    await once(client.socket, 'open');
    client.send({ type: 'auth', token });
    await client.frame('connection_established');
    return client;
  }

  send(frame: unknown): void {
    this.socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  /** The first frame of a type, now or later. */
  async frame(type: string, fits: (frame: Frame) => boolean = () => true): Promise<Frame> {
    const found = () => this.frames.find((frame) => frame.type === type && fits(frame));
    await this.until(`a frame ${type}`, () => found() !== undefined);
    return found() as Frame;
  }

  /** Waits until `holds`; throws after a minute: events wait for the longest transaction of any test's database. */
  async until(what: string, holds: () => boolean): Promise<void> {
    const limit = AbortSignal.timeout(60_000);
    while (!holds()) {
      if (limit.aborted) throw new Error(`still not: ${what}; got ${JSON.stringify(this.frames).slice(0, 2_000)}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, 250);
      });
    }
  }
}
