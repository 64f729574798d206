import { armTimer, type TimerHandler } from '#events';
import type { Tx } from '../instances/workflow-parts.ts';
import { lockOpenTask, ruleOf } from '../lock-open-task.ts';
import { absencesInForce, lockAbsence, openTasksOf } from './absence-store.ts';
import { arrangeTask } from './arrange-task.ts';
import { leadingTo } from './domain/stand-in.ts';

/** Tasks that one firing arranges: each takes some ten statements, and their instances are locked until it commits. */
const batchSize = 25;

/** An absence began, ended or was changed: the tasks that it concerns change hands, a batch at a time. */
export const onAbsence: TimerHandler = async (tx, timer) => {
  const absence = await lockAbsence(tx, timer.subjectId);
  if (!absence) return;
  const people = leadingTo(absence.personId, [...(await absencesInForce(tx)), absence]);
  const after = typeof timer.data.after === 'string' ? timer.data.after : null;
  const tasks = await openTasksOf(tx, people, after, batchSize);
  // By instance, in the order that every firing locks them in.
  for (const { id } of [...tasks].sort((a, b) => (a.instanceId < b.instanceId ? -1 : 1))) await arrangeAgain(tx, id);
  const last = tasks.at(-1);
  if (!last || tasks.length < batchSize) return;
  const dueAt = tx.context.clock.now();
  await armTimer(tx, { kind: 'workflow.absence', subjectId: absence.id, dueAt, data: { after: last.id } });
};

/** Arranges one open task anew. */
export async function arrangeAgain(tx: Tx, taskId: string): Promise<void> {
  const open = await lockOpenTask(tx, taskId);
  if (open) await arrangeTask(tx, { id: taskId, ...open, rule: ruleOf(open) });
}
