import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';

/** Anything that came as JSON; the benchmark reads a few fields and checks those. */
// biome-ignore lint/suspicious/noExplicitAny: a stranger's view of JSON
export type Json = any;

/** Somebody signed in. */
export interface Client {
  get(path: string): Promise<Json>;
  post(path: string, body?: unknown): Promise<Json>;
  /** All items of a list. */
  list(path: string): Promise<Json[]>;
  token: string;
}

/** Longest wait that a full rate-limit window asks for. */
const longestWaitS = 30;

async function request(url: string, init: RequestInit): Promise<Json> {
  const answer = await fetch(url, init);
  const body = await answer.json();
  if (!answer.ok) throw new Error(`${init.method ?? 'GET'} ${url} → ${answer.status} ${JSON.stringify(body)}`);
  const left = Number(answer.headers.get('ratelimit-remaining') ?? '1000');
  // The pause keeps a run below the rate limit; it falls between two measurements.
  if (left < 50) await sleep(1_000 * Math.min(longestWaitS, Number(answer.headers.get('ratelimit-reset') ?? '1')));
  return body;
}

/** Signs one of the demo's people in. */
export async function signIn(url: string, login: string): Promise<Client> {
  const json = { 'content-type': 'application/json' };
  const password = process.env.TRADEAI_DEMO_PASSWORD ?? 'tradeai-demo';
  const { accessToken: token } = await request(`${url}/api/v1/auth/login`, {
    method: 'POST',
    headers: json,
    body: JSON.stringify({ email: `${login}@demo.tradeai.example`, password }),
  });
  const authorization = `Bearer ${token}`;
  const get = (path: string) => request(`${url}/api/v1${path}`, { headers: { authorization } });
  const post = (path: string, body?: unknown) =>
    request(`${url}/api/v1${path}`, {
      method: 'POST',
      headers: body === undefined ? { authorization } : { ...json, authorization },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const list = async (path: string) => {
    const items: Json[] = [];
    for (let cursor = ''; ; ) {
      const page = await get(`${path}${path.includes('?') ? '&' : '?'}limit=200${cursor}`);
      items.push(...page.items);
      if (!page.nextCursor) return items;
      cursor = `&cursor=${encodeURIComponent(page.nextCursor)}`;
    }
  };
  return { get, post, list, token };
}

/** A frame and when it came, on this process's clock. */
export interface SeenFrame {
  frame: Json;
  atMs: number;
}

/** A subscriber of the dashboard channel. */
export interface Watcher {
  /** The first frame that fits, now or within 10 s. */
  first(fits: (frame: Json) => boolean): Promise<SeenFrame>;
  close(): void;
}

/** Signs in on the socket and subscribes to every event of the `dashboard` channel. */
export async function watchDashboard(url: string, token: string): Promise<Watcher> {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/ws/analytics`);
  const seen: SeenFrame[] = [];
  let wake: () => void = () => undefined;
  socket.on('message', (data) => {
    const atMs = performance.now();
    seen.push({ frame: JSON.parse(data.toString()), atMs });
    wake();
  });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  const first = async (fits: (frame: Json) => boolean): Promise<SeenFrame> => {
    const limit = AbortSignal.timeout(10_000);
    for (;;) {
      const found = seen.find(({ frame }) => fits(frame));
      if (found) return found;
      if (limit.aborted) throw new Error('a frame did not come within 10 s');
      await new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, 250).unref();
      });
    }
  };
  socket.send(JSON.stringify({ type: 'auth', token }));
  await first(({ type }) => type === 'connection_established');
  socket.send(JSON.stringify({ type: 'subscribe', id: 'bench', channel: 'dashboard' }));
  await first(({ type }) => type === 'initial_data');
  return { first, close: () => socket.close() };
}
