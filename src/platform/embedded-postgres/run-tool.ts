import { spawnSync } from 'node:child_process';
import { EmbeddedPostgresError } from './errors.ts';

/** Runs a tool of the system to its end; throws with what it said where it fails. */
export function runTool(file: string, args: string[]): void {
  const { status, error, stderr } = spawnSync(file, args, { encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] });
  if (status !== 0) throw new EmbeddedPostgresError(`${file} failed: ${error?.message ?? stderr.trim()}`);
}
