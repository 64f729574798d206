import type { SpawnOptions } from 'node:child_process';

/** A command line with the account and environment to run it under. */
export interface Command {
  file: string;
  args: string[];
  spawnOptions: Pick<SpawnOptions, 'uid' | 'gid' | 'cwd' | 'env'>;
}

/** What the watchdog is told on its command line, as JSON; nothing secret. */
export interface WatchdogOrder {
  command: Command;
  logFile: string;
}

/** What the watchdog tells: PostgreSQL's pid, then how it ended. */
export type WatchdogReport = { pid: number } | { exit: string };
