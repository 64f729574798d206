/** Set by tests that end the process at a named point; read once, since it never changes while a process lives. */
const crashAt = process.env.TRADEAI_CRASH_AT;

/** A named point between two effects at which a test may kill the process (SIGKILL: nothing gets to clean up). */
export function crashPoint(name: string): void {
  if (crashAt === name) process.kill(process.pid, 'SIGKILL');
}
