import { type Context, crashPoint } from '#context';
import { emit } from '#events';
import { notFound, Problem } from '#problem';
import { handsOf, recordAudit, requireOtherHand } from '#security';
import { handsOfTask } from './absences/absence-store.ts';
import { requireHere } from './absences/arrange-task.ts';
import type { UserTask } from './definitions/process-model.ts';
import type { Variables } from './domain/definition.ts';
import { byPreference } from './find-candidates.ts';
import { requireFittingVariables } from './instances/check-variables.ts';
import type { Course } from './instances/course.ts';
import { type Value, type Values, variablesAt } from './instances/instance-state.ts';
import * as instances from './instances/instance-store.ts';
import { candidatesFor, seatsOf } from './instances/open-user-task.ts';
import { advance, beginInstance, openCourse } from './instances/run-instance.ts';
import { type Runnable, tokenOfOldTask } from './instances/running-model.ts';
import { cancelInstances, disarmTaskTimers } from './instances/store-course.ts';
import { tallyVotes } from './instances/tally-votes.ts';
import { type Process, type Tx, type WorkflowParts, workflowParts } from './instances/workflow-parts.ts';
import { ruleOf } from './lock-open-task.ts';
import { processOfRecord } from './processes/process-of-record.ts';
import { startClocks } from './task-clock.ts';
import * as store from './workflow-store.ts';

/** What starting a process takes. */
export interface StartWorkflow {
  definition: Runnable;
  subjectType: string;
  subjectId: string;
  /** What the conditions compare: of steps decimal strings. */
  variables: Variables | Values;
  /** The currency that personal limits are compared in. */
  currency: string;
  /** Who made or amended the subject: none of them may decide. */
  makers: readonly string[];
  title: string;
  /** What the inbox shows beside the task. */
  summary: Record<string, unknown>;
}

/**
 * Starts a process on a subject inside the running transaction, on the tenant's own version of it where one is in force, and
 * answers the instance's id. Throws `rule.violated` when nobody eligible remains, and as {@link processOfRecord}.
 */
export async function startWorkflow(tx: Tx, start: StartWorkflow): Promise<string> {
  const { definition, subjectType, subjectId, title, summary, currency } = start;
  const id = tx.context.newId();
  const body = await processOfRecord(tx, definition);
  await beginInstance(tx, workflowParts(), body, {
    ...{ id, subjectType, subjectId, title, summary },
    variables: { ...start.variables, currency },
    makers: [...(await handsOf(tx, start.makers))],
  });
  return id;
}

/** Ends the running process of a subject without an outcome: recall, cancel. */
export async function cancelWorkflow(tx: Tx, subjectType: string, subjectId: string): Promise<void> {
  const instance = await instances.lockRunningInstance(tx, subjectType, subjectId);
  if (instance) await cancelInstances(tx, [instance.id]);
}

function requireOpen(task: store.Task): void {
  if (task.state === 'completed' || task.state === 'cancelled') {
    throw new Problem('state.conflict', { detail: `This task is ${task.state} already.` });
  }
}

/** A locked task with its instance, made ready to go on. */
export interface Held {
  task: store.OwnTask;
  course: Course;
  node: UserTask;
  token: number;
}

/** Locks a task's instance, then the task: everyone takes the two in this order, so that nobody waits in a circle. */
async function holdTask(tx: Tx, id: string, parts: WorkflowParts, ifMatch?: number): Promise<Held> {
  const row = (await instances.lockInstanceOfTask(tx, id)) ?? notFound('task', id);
  const task = (await store.lockTask(tx, id)) ?? notFound('task', id);
  const course = await openCourse(tx, parts, row);
  const { node } = course.model.place(task.step);
  if (node.kind !== 'user') throw new Error(`${task.step} is no task of people`);
  const held = { task, course, node, token: task.token ?? tokenOfOldTask };
  requireSeen(held, ifMatch);
  return held;
}

/** Throws `version.conflict` where an open task is no longer as whoever acts on it saw it. */
function requireSeen({ task }: Held, ifMatch: number | undefined): void {
  if (ifMatch === undefined || ifMatch === task.version) return;
  requireOpen(task);
  throw new Problem('version.conflict');
}

/** A held open task that the actor may act on. Throws 404, 403 `approval.own_work`, `approval.not_candidate`, 409. */
async function holdOwnTask(tx: Tx, id: string, parts: WorkflowParts, ifMatch?: number): Promise<Held> {
  const held = await holdTask(tx, id, parts, ifMatch);
  await requireOtherHand(tx, held.task.makers, 'You made or amended this record; someone else must decide.');
  if (!held.task.isMine) throw new Problem('approval.not_candidate');
  requireOpen(held.task);
  return held;
}

/** Rights and limits can have changed since the task was opened; those of the decision's moment count. */
async function requireStillEligible(tx: Tx, held: Held): Promise<void> {
  const rule = ruleOf(held);
  const { actor } = tx.context;
  // A key of theirs may permit less than they hold.
  const isPermitted = byPreference(rule).some(
    ({ permission }) => permission === undefined || actor.permissions.has(permission),
  );
  const { search, state } = held.course;
  if (isPermitted && (await search.isEligible(rule, variablesAt(state, held.token), actor.id, held.task.givenBy)))
    return;
  throw new Problem('approval.not_candidate', { detail: 'Your role or your limit no longer covers this decision.' });
}

/** Whether somebody else has claimed a task; the claim of one who may decide it no longer keeps nobody from it. */
async function isKeptByOther(tx: Tx, { task, course, node, token }: Held): Promise<boolean> {
  const { id, assigneeId } = task;
  if (!assigneeId || assigneeId === tx.context.actor.id) return false;
  const { candidates } = await handsOfTask(tx, id);
  const givenBy = candidates.find(({ personId }) => personId === assigneeId)?.givenBy ?? null;
  return course.search.isEligible(ruleOf({ task, node }), variablesAt(course.state, token), assigneeId, givenBy);
}

/** A held open task that the actor could decide now, alone. Throws as {@link holdOwnTask} and for what somebody else has claimed. */
export async function holdDecidable(tx: Tx, id: string, ifMatch: number | undefined): Promise<Held> {
  const held = await holdOwnTask(tx, id, workflowParts(), ifMatch);
  requireOneDecides(held);
  if (await isKeptByOther(tx, held)) {
    throw new Problem('approval.not_candidate', { detail: 'Someone else has claimed this task.' });
  }
  await requireStillEligible(tx, held);
  return held;
}

/** What somebody says of a task. */
export interface Decision {
  /** One of the task's outcomes; of approvals `approved`, `rejected`, `returned`. */
  outcome: string;
  comment: string;
  /** Values for the variables of the task's form. */
  set?: Values;
}

/** Throws unless a decision is one that the task asks for: its outcome, why, and what its form takes. */
function requireFitting(node: UserTask, { outcome, comment, set = {} }: Decision): void {
  if (!node.outcomes.includes(outcome)) {
    const message = `is one of ${node.outcomes.join(', ')}`;
    throw new Problem('request.malformed', {
      detail: `The outcome ${message}.`,
      errors: [{ path: 'outcome', message }],
    });
  }
  if (outcome !== node.outcomes[0] && comment.trim() === '') {
    throw new Problem('rule.violated', {
      detail: `Say why it is ${outcome}: whoever planned it has to know.`,
      errors: [{ path: 'comment', message: `is needed for ${outcome}` }],
    });
  }
  const form = node.form ?? [];
  const unknown = Object.keys(set).filter((name) => !form.some(({ variable }) => variable === name));
  // Who refuses has nothing to fill in.
  const refuses = outcome === 'rejected' || outcome === 'returned';
  const missing = form.filter(({ variable, required }) => required && !refuses && (set[variable] ?? null) === null);
  const errors = [
    ...unknown.map((name) => ({ path: `set.${name}`, message: 'is not asked for by this task' })),
    ...missing.map(({ variable, label }) => ({ path: `set.${variable}`, message: `${label} is needed` })),
  ];
  if (errors.length > 0) throw new Problem('rule.violated', { detail: 'The form does not fit the task.', errors });
}

/** Records one vote of several; answers what they came to, or null while the vote is open. */
async function vote(tx: Tx, { task, node }: Held, decision: Decision): Promise<string | null> {
  if (!node.vote) return decision.outcome;
  await store.insertBallot(tx, task.id, decision.outcome, decision.comment);
  const cast = (await store.ballotsOf(tx, task.id)).map(({ outcome }) => outcome);
  const seats = seatsOf(node, await store.countCandidates(tx, task.id));
  const told = tallyVotes(node.vote, seats, node.outcomes, cast);
  if (told !== null) return told;
  await recordDecision(tx, task, 'voted', decision);
  return null;
}

/** What the form of a task was filled with, as the trail keeps it. */
const formOf = (set: Values) => (Object.keys(set).length > 0 ? { set } : {});

async function recordDecision(
  tx: Tx,
  task: store.OwnTask,
  what: string,
  { outcome, comment, set = {} }: Decision,
): Promise<void> {
  const { id, step, state, subjectType, subjectId } = task;
  await recordAudit(tx, {
    ...{ action: `task.${what}`, entityType: subjectType, entityId: subjectId },
    before: { task: id, step, state },
    after: { task: id, step, state: what === 'voted' ? state : 'completed', outcome, ...formOf(set) },
    ...{ reason: comment, onBehalfOf: task.givenBy },
  });
  await emit(tx, {
    ...{ type: `workflow.task.${what === 'voted' ? 'voted' : 'completed'}`, subjectType: 'task', subjectId: id },
    data: { taskId: id, step, outcome, subjectType, subjectId },
  });
}

/** Completes a held task: the decision with its traces, and what the process does because of it. */
async function decideHeld(tx: Tx, { task, node, course, token }: Held, decision: Decision): Promise<store.Task> {
  const { outcome, comment, set = {} } = decision;
  const completed = await store.completeTaskRow(tx, task, outcome, comment);
  course.search.forgetDeciders();
  await disarmTaskTimers(tx, task.id, (node.escalations ?? []).length > 0);
  await recordDecision(tx, task, outcome, decision);
  crashPoint('decision.recorded');
  course.comment = comment;
  course.isDecided = tx.context.actor.kind !== 'system';
  const told: Record<string, Value> = { outcome, by: tx.context.actor.id };
  await advance(course, { type: 'completed', token, set: { ...set, [node.id]: told } });
  crashPoint('decision.settled');
  return completed;
}

const partsWith = (processes: readonly Process[]): WorkflowParts => ({ ...workflowParts(), processes });

/**
 * Decides a task: the decision, what it does to the subject, money, audit and events commit together or not at all. Of a
 * task that several decide it casts a vote.
 */
export async function completeTask(
  context: Context,
  processes: readonly Process[],
  id: string,
  decision: Decision,
  ifMatch?: number,
): Promise<store.Task> {
  const task = await context.db.transact(context, async (tx) => {
    const held = await holdOwnTask(tx, id, partsWith(processes), ifMatch);
    if (await isKeptByOther(tx, held)) {
      throw new Problem('approval.not_candidate', { detail: 'Someone else has claimed this task.' });
    }
    await requireStillEligible(tx, held);
    requireFitting(held.node, decision);
    const { model, evaluate } = held.course;
    requireFittingVariables(model, decision.set ?? {}, evaluate);
    const outcome = await vote(tx, held, decision);
    return outcome === null ? held.task : decideHeld(tx, held, { ...decision, outcome });
  });
  crashPoint('decision.committed');
  return task;
}

/** Decides a task that people left too long, by what the process says of that. */
export async function decideForAll(tx: Tx, id: string, outcome: string, comment: string): Promise<void> {
  const held = await holdTask(tx, id, workflowParts());
  if (held.task.state === 'open' || held.task.state === 'claimed') await decideHeld(tx, held, { outcome, comment });
}

/** A task that several decide together is nobody's own. */
function requireOneDecides({ node }: Held): void {
  if (!node.vote) return;
  throw new Problem('rule.violated', { detail: 'Several decide this task together: each votes for themselves.' });
}

/** Takes a task out of the others' way. */
export async function claimTask(context: Context, id: string, ifMatch?: number): Promise<store.Task> {
  return context.db.transact(context, async (tx) => {
    const held = await holdOwnTask(tx, id, workflowParts(), ifMatch);
    requireOneDecides(held);
    if (await isKeptByOther(tx, held)) {
      throw new Problem('state.conflict', { detail: 'Someone else has claimed this task.' });
    }
    await store.assignTask(tx, id, context.actor.id);
    await recordAudit(tx, { action: 'task.claimed', entityType: 'task', entityId: id });
    return (await store.findTask(tx, id)) ?? notFound('task', id);
  });
}

/** Puts a claimed task back for all who may take it. Throws `state.conflict` where it is not theirs. */
export async function releaseTask(context: Context, id: string, ifMatch?: number): Promise<store.Task> {
  return context.db.transact(context, async (tx) => {
    const { task } = await holdOwnTask(tx, id, workflowParts(), ifMatch);
    if (task.assigneeId !== context.actor.id) {
      throw new Problem('state.conflict', { detail: 'Only who has claimed a task releases it.' });
    }
    await store.freeTask(tx, id);
    await recordAudit(tx, { action: 'task.released', entityType: 'task', entityId: id });
    return (await store.findTask(tx, id)) ?? notFound('task', id);
  });
}

/** Hands a task to someone else who may decide it; neither a maker nor someone without the right or the limit. */
async function handOver(tx: Tx, held: Held, toUserId: string, action: 'delegated' | 'reassigned'): Promise<store.Task> {
  const { task, course, node, token } = held;
  requireOneDecides(held);
  await requireHere(tx, task, toUserId);
  if (!(await candidatesFor(course, node, token, ruleOf(held))).includes(toUserId)) {
    throw new Problem('rule.violated', {
      detail:
        'That person may not decide this: no right, too low a limit, their own work, or needed for another step of it.',
    });
  }
  await store.addCandidate(tx, task.id, toUserId, action === 'delegated' ? tx.context.actor.id : null);
  await store.assignTask(tx, task.id, toUserId);
  // Who gets it has not asked anybody anything yet.
  await startClocks(tx, held);
  await recordAudit(tx, { action: `task.${action}`, entityType: 'task', entityId: task.id, after: { toUserId } });
  await emit(tx, {
    type: `workflow.task.${action}`,
    subjectType: 'task',
    subjectId: task.id,
    data: { taskId: task.id, toUserId, subjectType: task.subjectType, subjectId: task.subjectId },
  });
  return (await store.findTask(tx, task.id)) ?? notFound('task', task.id);
}

/** Passes one's own task on. */
export async function delegateTask(
  context: Context,
  id: string,
  toUserId: string,
  ifMatch?: number,
): Promise<store.Task> {
  return context.db.transact(context, async (tx) =>
    handOver(tx, await holdOwnTask(tx, id, workflowParts(), ifMatch), toUserId, 'delegated'),
  );
}

/** An administrator moves a task from one person to another. */
export async function reassignTask(
  context: Context,
  id: string,
  toUserId: string,
  ifMatch?: number,
): Promise<store.Task> {
  return context.db.transact(context, async (tx) => {
    const held = await holdTask(tx, id, workflowParts(), ifMatch);
    requireOpen(held.task);
    return handOver(tx, held, toUserId, 'reassigned');
  });
}
