let crashAt = process.env.TRADEAI_CRASH_AT;

/** A named point between two effects at which a test may kill the process (SIGKILL: nothing gets to clean up). */
export function crashPoint(name: string): void {
  if (crashAt === name) process.kill(process.pid, 'SIGKILL');
}

/** Names the point at which this process ends from now on: a test that sees more than one process through chooses it late. */
export function endAtCrashPoint(name: string): void {
  crashAt = name;
}
