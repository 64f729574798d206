import type { Context } from '#context';
import { emit } from '#events';
import { notFound, Problem } from '#problem';
import { recordAudit } from '#security';
import type { Tx } from './instances/workflow-parts.ts';
import { type Held, holdDecidable } from './run-workflow.ts';
import { startClocks, stopClocks } from './task-clock.ts';
import { findTask, type Task } from './workflow-store.ts';

async function tell(tx: Tx, { task }: Held, what: 'paused' | 'resumed', reason: string): Promise<Task> {
  const { id, subjectType, subjectId } = task;
  const said = reason === '' ? {} : { reason };
  await recordAudit(tx, {
    action: `task.${what}`,
    entityType: 'task',
    entityId: id,
    onBehalfOf: task.givenBy,
    ...said,
  });
  await emit(tx, {
    ...{ type: `workflow.task.${what}`, subjectType: 'task', subjectId: id },
    data: { taskId: id, subjectType, subjectId },
  });
  return (await findTask(tx, id)) ?? notFound('task', id);
}

/**
 * Stops the clock of a task that waits for somebody else's answer: it is neither overdue nor escalated until it goes on, and may be
 * decided all the same. Throws as a decision does, and `state.conflict` where it stands already.
 */
export async function pauseTask(
  context: Context,
  id: string,
  reason: string,
  ifMatch: number | undefined,
): Promise<Task> {
  return context.db.transact(context, async (tx) => {
    const held = await holdDecidable(tx, id, ifMatch);
    if (held.task.pausedAt) throw new Problem('state.conflict', { detail: 'The clock of this task stands already.' });
    await stopClocks(tx, held);
    return tell(tx, held, 'paused', reason);
  });
}

/** Lets the clock of a task go on with the time that was left. Throws as {@link pauseTask}. */
export async function resumeTask(context: Context, id: string, ifMatch: number | undefined): Promise<Task> {
  return context.db.transact(context, async (tx) => {
    const held = await holdDecidable(tx, id, ifMatch);
    if (!held.task.pausedAt) throw new Problem('state.conflict', { detail: 'The clock of this task runs.' });
    await startClocks(tx, held);
    return tell(tx, held, 'resumed', '');
  });
}
