import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { testDataDir } from '../data-folder.ts';
import type { Answered, Call } from '../journeys/small-trade.ts';

/** How a process ended: its exit code or the signal that killed it, and what it said on stderr. */
export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stderr: string;
}

/** The product as a process of its own. */
export interface Served {
  child: ChildProcess;
  pid: number;
  url: string;
  ended: Promise<Ended>;
  /** SIGTERM, and how it ended. */
  stop(): Promise<Ended>;
}

const script = fileURLToPath(new URL('../../src/apps/serve.ts', import.meta.url));
const readyLimitMs = 300_000;

/** Environment of a process that shows nothing of the one that runs the tests. */
function environment(settings: Record<string, string>): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR } = process.env;
  return {
    PATH,
    HOME,
    TMPDIR,
    TRADEAI_DATA: testDataDir,
    PORT: '0',
    TRADEAI_DEMO: '0',
    TRADEAI_LOG_LEVEL: 'error',
    ...settings,
  };
}

/** Starts the server and does not wait; for starts that are refused. */
export function startProcess(settings: Record<string, string>): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [script], { env: environment(settings), stdio: ['ignore', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, stderr }));
  return { child, ended };
}

/** Starts the server and waits until it says that it is ready. */
export async function serveChild(settings: Record<string, string>): Promise<Served> {
  const { child, ended } = startProcess(settings);
  let stdout = '';
  const ready = new Promise<string>((resolve) => {
    child.stdout?.on('data', (chunk) => {
      stdout += chunk;
      const port = /TRADEAI ready at \S+:(\d+)/.exec(stdout)?.[1];
      if (port) resolve(`http://127.0.0.1:${port}`);
    });
  });
  const early = ended.then((end) => {
    throw new Error(`the server ended before it was ready: ${JSON.stringify(end)}`);
  });
  early.catch(() => undefined);
  const late = AbortSignal.timeout(readyLimitMs);
  const tooLate = once(late, 'abort').then(() => {
    throw new Error(`the server was not ready after ${readyLimitMs} ms: ${stdout}`);
  });
  tooLate.catch(() => undefined);
  const url = await Promise.race([ready, early, tooLate]);
  const stop = () => {
    child.kill('SIGTERM');
    return ended;
  };
  return { child, pid: child.pid ?? 0, url, ended, stop };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Requests to a server over the network, as whom the token says. */
export function callOver(baseUrl: string, token?: string): Call {
  return async (method, path, body, headers = {}): Promise<Answered> => {
    const response = await fetch(`${baseUrl}/api/v1${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return {
      status: response.status,
      body: parsed(await response.text()),
      headers: Object.fromEntries(response.headers),
    };
  };
}

/** Signs in and answers the access token. */
export async function signIn(baseUrl: string, email: string, password: string): Promise<string> {
  const answer = await callOver(baseUrl)('POST', '/auth/login', { email, password });
  if (answer.status !== 200) throw new Error(`sign-in of ${email}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body.accessToken;
}
