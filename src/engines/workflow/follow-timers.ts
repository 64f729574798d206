import { armTimer, emit, type Timer, type TimerHandler } from '#events';
import { recordAudit } from '#security';
import { forgetCovers, handsOfTask } from './absences/absence-store.ts';
import { arrangeTask } from './absences/arrange-task.ts';
import type { CandidateRule } from './definitions/process-model.ts';
import { caughtBy, nextFiring } from './instances/await-event.ts';
import type { Course } from './instances/course.ts';
import { type Values, variablesAt } from './instances/instance-state.ts';
import * as instances from './instances/instance-store.ts';
import { candidatesFor } from './instances/open-user-task.ts';
import { performTask } from './instances/perform-task.ts';
import { advance, openCourse } from './instances/run-instance.ts';
import { type Tx, workflowParts } from './instances/workflow-parts.ts';
import { lockOpenTask, type OpenTask } from './lock-open-task.ts';
import { decideForAll } from './run-workflow.ts';
import * as store from './workflow-store.ts';

async function tell(tx: Tx, task: store.Task, what: 'overdue' | 'reminded' | 'escalated'): Promise<void> {
  await emit(tx, {
    ...{ type: `workflow.task.${what}`, subjectType: 'task', subjectId: task.id },
    data: { taskId: task.id, step: task.step, subjectType: task.subjectType, subjectId: task.subjectId },
  });
}

/** A task that nobody decided in time: everyone watching learns of it, and a vote may say what that means. */
export const onTaskDue: TimerHandler = async (tx, timer) => {
  const late = await lockOpenTask(tx, timer.subjectId);
  if (!late) return;
  await tell(tx, late.task, 'overdue');
  const fallback = late.node.vote?.fallback;
  if (fallback !== undefined) await decideForAll(tx, late.task.id, fallback, 'Too few had voted in time.');
};

/** Gives a task that waited too long to others; the trail names those who had it and those who have it now. */
async function escalate(tx: Tx, late: OpenTask, rule: CandidateRule, candidates: readonly string[]): Promise<void> {
  const { id } = late.task;
  const { candidates: before } = await handsOfTask(tx, id);
  await store.replaceCandidates(tx, id, candidates, rule);
  await forgetCovers(tx, id);
  await recordAudit(tx, {
    ...{ action: 'task.escalated', entityType: 'task', entityId: id },
    before: { candidates: before.map(({ personId }) => personId) },
    after: { candidates, step: late.node.id },
  });
  await arrangeTask(tx, { ...late, id, rule });
}

/** What a process does about a task that waits too long. */
export const onEscalation: TimerHandler = async (tx, timer) => {
  const late = await lockOpenTask(tx, timer.subjectId);
  const does = late?.node.escalations?.[Number(timer.data.at)]?.does;
  if (!late || !does) return;
  const { task, course, node, token } = late;
  if (does.type === 'remind') return tell(tx, task, 'reminded');
  if (does.type === 'complete') return decideForAll(tx, task.id, does.outcome, 'Nobody had decided in time.');
  if (does.type === 'escalate') return advance(course, { type: 'escalated', token, code: does.code });
  const candidates = await candidatesFor(course, node, token, does.candidates);
  // Where nobody is there to escalate to, it stays with those who have it.
  if (candidates.length > 0) await escalate(tx, late, does.candidates, candidates);
  await tell(tx, task, 'escalated');
};

/** A moment, a message or a signal that an instance waited for, or the next try of an effect. */
export const onWait: TimerHandler = async (tx, timer) => {
  const seen = await instances.findWait(tx, timer.subjectId);
  if (!seen) return;
  const row = await instances.lockInstance(tx, seen.instanceId);
  const wait = await instances.findWait(tx, timer.subjectId);
  // Between the two looks the instance may have gone on.
  if (!row || !wait || row.state !== 'running') return;
  const course = await openCourse(tx, workflowParts(), row);
  const { token, event } = wait;
  if (wait.kind === 'retry') {
    await instances.deleteWait(tx, wait.id);
    const { node } = course.model.place(event);
    if (node.kind !== 'service' && node.kind !== 'business-rule') return;
    await performTask(course, node, token, variablesAt(course.state, token), Number(timer.data.tries));
    await advance(course);
    return;
  }
  if (wait.kind === 'timer') await repeatTimer(tx, course, wait, timer);
  await advance(course, { type: 'caught', token, event, content: (timer.data.content ?? {}) as Values });
};

/** Arms a timer again that repeats; one that fired for the last time is waited for no more. */
async function repeatTimer(tx: Tx, course: Course, wait: instances.Wait, timer: Timer): Promise<void> {
  const event = caughtBy(course, wait.event);
  const again = timer.data.again as { every: string; left: number | null } | undefined;
  if (event.type !== 'timer' || !again || again.left === 0) {
    await instances.deleteWait(tx, wait.id);
    return;
  }
  const dueAt = await nextFiring(course, event.timer, timer.dueAt, again.every);
  const left = again.left === null ? null : again.left - 1;
  const data = { again: { every: again.every, left } };
  await armTimer(tx, { kind: 'workflow.wait', subjectId: wait.id, dueAt, data });
}
