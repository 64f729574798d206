import { armTimer } from '#events';
import type { TimerRule, UserTask } from './definitions/process-model.ts';
import { firingOf } from './instances/await-event.ts';
import type { Course } from './instances/course.ts';
import type { Values } from './instances/instance-state.ts';
import { defaultDue } from './instances/open-user-task.ts';
import { disarmTaskTimers } from './instances/store-course.ts';
import type { Tx } from './instances/workflow-parts.ts';
import { alwaysOpenCode } from './time/business-calendar.ts';
import { businessTimeBetween } from './time/business-time.ts';
import { calendarOf } from './time/calendar-store.ts';
import { pauseSla, resumeSla, type SlaClock, slaDueAt } from './time/sla-clock.ts';
import { storeClock, type Task } from './workflow-store.ts';

/** When something of a task happens: by a clock that may stand, or at a moment that nothing moves. Instants are ISO 8601. */
type Moment = SlaClock | { at: string };

/** The clocks of a task as they are kept. */
interface TaskClocks {
  /** Since when they stand; null: they run. */
  pausedAt: string | null;
  due: Moment;
  /** In the order of the task's escalations; null: it has happened. */
  escalations: (Moment | null)[];
}

/** A task of a locked instance. */
interface Timed {
  task: Task;
  course: Course;
  node: UserTask;
}

/** The clock that a rule of a task started when the task was opened. */
async function startedAt({ task, course }: Timed, rule: TimerRule): Promise<Moment> {
  const { at } = await firingOf(course, rule, (task.routing.variables ?? {}) as Values, task.createdAt);
  if ('at' in rule) return { at: at.toISOString() };
  const calendar = await calendarOf(course.tx, rule.calendar ?? alwaysOpenCode);
  const targetMs = businessTimeBetween(calendar, task.createdAt, at);
  return { calendar: calendar.code, targetMs, elapsedMs: 0, runningSince: task.createdAt.toISOString() };
}

async function startedClocks(timed: Timed): Promise<TaskClocks> {
  const { node } = timed;
  const escalations: Moment[] = [];
  for (const { after } of node.escalations ?? []) escalations.push(await startedAt(timed, after));
  return { pausedAt: null, due: await startedAt(timed, node.due ?? defaultDue), escalations };
}

async function stopped(tx: Tx, moment: Moment): Promise<Moment> {
  return 'at' in moment ? moment : pauseSla(await calendarOf(tx, moment.calendar), moment, tx.context.clock.now());
}

/** Whether a clock that stands now had come to its moment before. */
const isOver = (moment: Moment, now: Date): boolean =>
  'at' in moment ? new Date(moment.at) <= now : moment.elapsedMs >= moment.targetMs;

/** Stops the clocks of an open task: it is neither due nor escalated until they go on. */
export async function stopClocks(tx: Tx, timed: Timed): Promise<void> {
  const { task, node } = timed;
  const now = tx.context.clock.now();
  const before = task.clock ? (task.clock as TaskClocks) : await startedClocks(timed);
  const escalations: TaskClocks['escalations'] = [];
  for (const one of before.escalations) {
    const standing = one && (await stopped(tx, one));
    escalations.push(standing && !isOver(standing, now) ? standing : null);
  }
  const due = await stopped(tx, before.due);
  await disarmTaskTimers(tx, task.id, (node.escalations ?? []).length > 0);
  await storeClock(tx, task.id, { pausedAt: now.toISOString(), due, escalations }, task.dueAt);
}

async function going(tx: Tx, moment: Moment): Promise<{ moment: Moment; at: Date }> {
  if ('at' in moment) return { moment, at: new Date(moment.at) };
  const running = resumeSla(moment, tx.context.clock.now());
  const at = slaDueAt(await calendarOf(tx, moment.calendar), running);
  if (!at) throw new Error('a clock that runs has a moment at which it is due');
  return { moment: running, at };
}

/** Lets the clocks of a task go on that stand, with the time that was left; others are left as they are. */
export async function startClocks(tx: Tx, { task, course }: Pick<Timed, 'task' | 'course'>): Promise<void> {
  const clocks = task.clock as TaskClocks | null;
  if (!clocks || clocks.pausedAt === null) return;
  const { id } = task;
  const due = await going(tx, clocks.due);
  // What was overdue before is not told twice.
  const isOverdue = isOver(clocks.due, new Date(clocks.pausedAt));
  if (!isOverdue) {
    const data = { instanceId: course.row.id };
    await armTimer(tx, { kind: 'workflow.task-due', subjectId: id, dueAt: due.at, data });
  }
  const escalations: TaskClocks['escalations'] = [];
  for (const [at, one] of clocks.escalations.entries()) {
    const next = one ? await going(tx, one) : null;
    if (next) await armTimer(tx, { kind: 'workflow.escalation', subjectId: id, dueAt: next.at, data: { at } });
    escalations.push(next === null ? null : next.moment);
  }
  await storeClock(tx, id, { pausedAt: null, due: due.moment, escalations }, isOverdue ? task.dueAt : due.at);
}
