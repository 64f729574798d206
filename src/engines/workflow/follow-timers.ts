import { armTimer, emit, type Timer, type TimerHandler } from '#events';
import { Problem } from '#problem';
import { recordAudit } from '#security';
import { forgetCovers, handsOfTask } from './absences/absence-store.ts';
import { arrangeTask } from './absences/arrange-task.ts';
import type { CandidateRule } from './definitions/process-model.ts';
import { byPreference } from './find-candidates.ts';
import { caughtBy, nextFiring } from './instances/await-event.ts';
import { requireFittingVariables } from './instances/check-variables.ts';
import type { Course } from './instances/course.ts';
import { type Happening, type Values, variablesAt } from './instances/instance-state.ts';
import * as instances from './instances/instance-store.ts';
import { candidatesFor } from './instances/open-user-task.ts';
import { type HappensTo, orIncident } from './instances/or-incident.ts';
import { performTask } from './instances/perform-task.ts';
import { advance, openCourse } from './instances/run-instance.ts';
import { inChain, sendAgain } from './instances/throw-event.ts';
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

const placeOf = ({ course, token }: OpenTask): HappensTo => ({ instanceId: course.row.id, token });

/** A task that nobody decided in time: everyone watching learns of it, and a vote may say what that means. */
export const onTaskDue: TimerHandler = async (tx, timer) => {
  const late = await lockOpenTask(tx, timer.subjectId);
  if (!late) return;
  await tell(tx, late.task, 'overdue');
  const fallback = late.node.vote?.fallback;
  if (fallback === undefined) return;
  await orIncident(tx, placeOf(late), () => decideForAll(tx, late.task.id, fallback, 'Too few had voted in time.'));
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

/** The rule of an escalation within what bounds the task itself: four eyes and limits hold however late it is. */
function withBounds(rule: CandidateRule, own: CandidateRule): CandidateRule {
  const apart = [rule, own].flatMap(byPreference).flatMap(({ notActorOf }) => notActorOf ?? []);
  const { limitCovers } = own;
  const limited = (one: CandidateRule): CandidateRule => ({
    ...(limitCovers === undefined ? {} : { limitCovers }),
    ...one,
    ...(one.otherwise ? { otherwise: limited(one.otherwise) } : {}),
  });
  return { ...limited(rule), ...(apart.length > 0 ? { notActorOf: [...new Set(apart)] } : {}) };
}

/** What a process does about a task that waits too long. */
export const onEscalation: TimerHandler = async (tx, timer) => {
  const late = await lockOpenTask(tx, timer.subjectId);
  const does = late?.node.escalations?.[Number(timer.data.at)]?.does;
  if (!late || !does) return;
  const { task, course, token } = late;
  if (does.type === 'remind') return tell(tx, task, 'reminded');
  await orIncident(tx, placeOf(late), async () => {
    if (does.type === 'complete') return decideForAll(tx, task.id, does.outcome, 'Nobody had decided in time.');
    if (does.type === 'escalate') return advance(course, { type: 'escalated', token, code: does.code });
    return giveToOthers(tx, late, does);
  });
};

/** Gives a task that waits too long to those of an escalation, who may decide it within the bounds of the task. */
async function giveToOthers(tx: Tx, late: OpenTask, does: { candidates: CandidateRule }): Promise<void> {
  const { task, course, node, token } = late;
  const rule = withBounds(does.candidates, node.candidates);
  const candidates = await candidatesFor(course, node, token, rule);
  // Where nobody is there to escalate to, it stays with those who have it.
  if (candidates.length > 0) await escalate(tx, late, rule, candidates);
  await tell(tx, task, 'escalated');
}

/** A moment, a message or a signal that an instance waited for, or the next try of an effect. */
export const onWait: TimerHandler = async (tx, timer) => {
  const seen = await instances.findWait(tx, timer.subjectId);
  const row = seen && (await instances.lockInstance(tx, seen.instanceId));
  const wait = await instances.findWait(tx, timer.subjectId);
  await inChain(tx, timer.data, async () => {
    // Between the two looks the instance may have gone on.
    if (!row || !wait || row.state !== 'running') return sendAgain(tx, timer.data);
    await orIncident(tx, wait, async () => hear(tx, await openCourse(tx, workflowParts(), row), wait, timer));
  });
};

/** What an instance waited for comes to it. */
async function hear(tx: Tx, course: Course, wait: instances.Wait, timer: Timer): Promise<void> {
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
  const content = (timer.data.content ?? {}) as Values;
  await advance(course, refusalOf(course, token, content) ?? { type: 'caught', token, event, content });
}

/** What was sent and does not fit this process stops it for an administrator; nothing of it is set. */
function refusalOf(course: Course, token: number, content: Values): Happening | null {
  try {
    requireFittingVariables(course.model, content, course.evaluate);
    return null;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const wrong = error.errors?.map(({ path, message }) => `${path} ${message}`).join('; ') ?? error.detail;
    return { type: 'failed', token, code: error.code, message: `What was sent does not fit this process: ${wrong}.` };
  }
}

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
