/**
 * The supervising process between the server and PostgreSQL (run as a script, in a session of its own).
 * Its stdin is a pipe that only the server holds: when that ends, whatever ended the server, PostgreSQL is stopped.
 * Reports to stdout, one JSON line each: `{pid}` at start, `{exit}` at the end.
 */
import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import type { WatchdogOrder, WatchdogReport } from './watchdog-order.ts';

/** Fast shutdown first; what has not ended by then is cut short, which is crash-safe. */
const immediateShutdownAfterMs = 4_000;
const killAfterMs = 5_000;

const order: WatchdogOrder = JSON.parse(process.argv[2] ?? '');
const report = (line: WatchdogReport): boolean => process.stdout.write(`${JSON.stringify(line)}\n`);

process.stdout.on('error', () => {
  // The server is gone: nobody is left to tell.
});
// It ends with the server and never before: a signal to everything (Ctrl-C, a closing terminal, a service stop) must let the server drain.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => undefined);

const logFd = openSync(order.logFile, 'a', 0o600);
const postgres = spawn(order.command.file, order.command.args, {
  ...order.command.spawnOptions,
  stdio: ['ignore', logFd, logFd],
});

let stopping = false;
function stop(): void {
  if (stopping) return;
  stopping = true;
  postgres.kill('SIGINT');
  setTimeout(() => postgres.kill('SIGQUIT'), immediateShutdownAfterMs).unref();
  setTimeout(() => postgres.kill('SIGKILL'), killAfterMs).unref();
}

postgres.on('spawn', () => report({ pid: postgres.pid ?? 0 }));
postgres.on('error', (error) => {
  report({ exit: `cannot be run: ${error.message}` });
  process.exitCode = 1;
  process.stdin.destroy();
});
postgres.on('exit', (code, signal) => {
  report({ exit: signal ? `ended by ${signal}` : `ended with exit code ${code}` });
  process.stdin.destroy();
});
process.stdin.on('end', stop);
process.stdin.on('error', stop);
process.stdin.resume();
