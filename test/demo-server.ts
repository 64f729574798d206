import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
/** Two at once on two slow cores take minutes. */
const startLimitMs = 600_000;

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port is free')),
      );
    });
  });
}

/** A product of its own with the demo in it, started as people start it: where it is, and how it ends. */
export async function startDemo(): Promise<{ base: string; stop(): Promise<void> }> {
  const data = await mkdtemp(join(tmpdir(), 'tradeai-demo-'));
  // The embedded database may run as another user than ours.
  await chmod(data, 0o755);
  const port = await freePort();
  const { TRADEAI_DATABASE_URL: _elsewhere, ...inherited } = process.env;
  const child = spawn(process.execPath, [join(root, 'src/apps/serve.ts')], {
    cwd: root,
    env: { ...inherited, TRADEAI_DATA: data, TRADEAI_DEMO: '1', PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    await rm(data, { recursive: true, force: true });
  };
  const ready = new Promise<boolean>((resolve) => {
    const hear = (text: unknown) => {
      said += String(text);
      if (said.includes('TRADEAI ready')) resolve(true);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('close', () => resolve(false));
    setTimeout(() => resolve(false), startLimitMs).unref();
  });
  if (await ready) return { base: `http://localhost:${port}`, stop };
  await stop();
  throw new Error(`the demo did not become ready: ${said.slice(-2_000)}`);
}
