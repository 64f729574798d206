import { armTimer, disarmTimers, emit } from '#events';
import { arrangeTask } from '../absences/arrange-task.ts';
import type { UserTask } from '../definitions/process-model.ts';
import * as store from '../workflow-store.ts';
import type { Course } from './course.ts';
import { insertIncident, resolveIncidents } from './incident-store.ts';
import * as instances from './instance-store.ts';
import type { Tx } from './workflow-parts.ts';

/** The node that an instance is said to stand at: the first that waits by itself. */
const leafOf = (course: Course): string | null =>
  course.state.tokens.find(({ rests, node, multi }) => {
    const isInside = multi !== undefined || course.model.place(node).node.kind === 'sub-process';
    return rests !== 'join' && !isInside;
  })?.node ?? null;

/** Puts the row into the database where it is not there yet: what an instance calls names it. */
export async function insertRow(course: Course): Promise<void> {
  if (!course.isNew) return;
  course.row.position = course.state;
  await instances.insertInstance(course.tx, course.row);
  course.isNew = false;
}

/** Stores where an instance has come to and all that it waits for from now on. */
export async function storeCourse(course: Course): Promise<void> {
  const { tx, row, state, ended } = course;
  await withdrawOutside(course);
  row.position = state;
  row.step = ended ? null : leafOf(course);
  row.state = ended ? ended.status : 'running';
  row.outcome = ended?.outcome ?? null;
  row.endedAt = ended ? tx.context.clock.now() : null;
  if (course.isNew) await insertRow(course);
  else await instances.storePosition(tx, row);
  await beginOutside(course);
}

async function withdrawOutside({ tx, row, isNew, withdrawn, withdrawnEvents, called: begun }: Course): Promise<void> {
  if (isNew || withdrawn.size + withdrawnEvents.length === 0) return;
  const tokens = [...withdrawn];
  for (const wait of await instances.deleteWaits(tx, row.id, tokens)) {
    if (wait.kind === 'timer' || wait.kind === 'retry') await disarmTimers(tx, 'workflow.wait', wait.id);
  }
  await resolveIncidents(tx, row.id, 'what it was about is over', tokens);
  await tellCancelled(tx, await store.cancelTasks(tx, [row.id], tokens));
  // What a token called since goes on: it came back to its activity.
  const since = new Set(begun.values());
  const called = (await instances.calledBy(tx, row.id, tokens)).filter((id) => !since.has(id));
  if (called.length > 0) await cancelInstances(tx, called);
}

async function beginOutside(course: Course): Promise<void> {
  const { tx, row, waits, timers, tasks, incidents } = course;
  if (waits.length > 0) await instances.insertWaits(tx, waits);
  const { definition, subjectType, subjectId } = row;
  for (const { id, step: name, dueAt } of tasks) {
    await armTimer(tx, { kind: 'workflow.task-due', subjectId: id, dueAt, data: { instanceId: row.id } });
    await emit(tx, {
      ...{ type: 'workflow.task.created', subjectType: 'task', subjectId: id },
      data: { taskId: id, step: name, definition, subjectType, subjectId, dueAt: dueAt.toISOString() },
    });
  }
  const ofAbsent = tasks.length > 0 ? await store.insertTasks(tx, tasks) : [];
  for (const { id, step, token } of tasks.filter((task) => ofAbsent.includes(task.id))) {
    const node = course.model.place(step).node as UserTask;
    await arrangeTask(tx, { id, course, node, token, rule: node.candidates });
  }
  for (const timer of timers) await armTimer(tx, timer);
  for (const { id, token, node, message } of incidents) {
    await insertIncident(tx, { id, instanceId: row.id, token, node, message });
    await emit(tx, {
      ...{ type: 'workflow.incident.raised', subjectType: 'workflow_instance', subjectId: row.id },
      data: { incidentId: id, instanceId: row.id, node, definition },
    });
  }
}

/** Tells of tasks that are over undecided, and disarms what they had armed. */
async function tellCancelled(tx: Tx, tasks: Awaited<ReturnType<typeof store.cancelTasks>>): Promise<void> {
  for (const { id, subjectType, subjectId } of tasks) {
    await disarmTaskTimers(tx, id);
    await emit(tx, {
      ...{ type: 'workflow.task.cancelled', subjectType: 'task', subjectId: id },
      data: { taskId: id, subjectType, subjectId },
    });
  }
}

/** Disarms what a task has armed. */
export async function disarmTaskTimers(tx: Tx, taskId: string, hasEscalations = true): Promise<void> {
  await disarmTimers(tx, 'workflow.task-due', taskId);
  if (hasEscalations) await disarmTimers(tx, 'workflow.escalation', taskId);
}

/** Ends locked instances and all that they called, without an outcome. */
export async function cancelInstances(tx: Tx, ids: readonly string[]): Promise<void> {
  const cancelled = await instances.cancelRunning(tx, ids);
  await tellCancelled(tx, await store.cancelTasks(tx, cancelled));
  for (const id of cancelled) {
    for (const wait of await instances.deleteWaits(tx, id)) {
      if (wait.kind === 'timer' || wait.kind === 'retry') await disarmTimers(tx, 'workflow.wait', wait.id);
    }
    await resolveIncidents(tx, id, 'the process was cancelled');
  }
}
