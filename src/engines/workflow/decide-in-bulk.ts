import type { Context } from '#context';
import { notFound, Problem } from '#problem';
import type { Process } from './instances/workflow-parts.ts';
import { completeTask, type Decision } from './run-workflow.ts';
import { knownTasks, type Task } from './workflow-store.ts';

/** What became of one of many: decided whole, or refused with the reason and nothing done. */
export interface BulkDecided {
  id: string;
  task: Task | null;
  problem: { code: string; detail: string } | null;
}

/**
 * Decides tasks alike, each in a transaction of its own and in the order given. Throws `not_found` before any is decided where one is
 * no task here, and later for what is no answer of a rule.
 */
export async function decideInBulk(
  context: Context,
  processes: readonly Process[],
  items: readonly { id: string; version?: number | undefined }[],
  decision: Decision,
): Promise<BulkDecided[]> {
  const ids = items.map(({ id }) => id);
  const known = await context.db.read(context, (tx) => knownTasks(tx, ids));
  for (const id of ids) if (!known.has(id)) notFound('task', id);
  const decided: BulkDecided[] = [];
  for (const { id, version } of items) {
    try {
      decided.push({ id, task: await completeTask(context, processes, id, decision, version), problem: null });
    } catch (error) {
      if (!(error instanceof Problem) || error.status >= 500) throw error;
      decided.push({ id, task: null, problem: { code: error.code, detail: error.detail } });
    }
  }
  return decided;
}
