import { type Context, crashPoint } from '#context';
import type { TenantTx } from '#db';
import { armTimer, disarmTimers, emit, type TimerHandler } from '#events';
import { notFound, Problem } from '#problem';
import { handsOf, recordAudit, requireOtherHand } from '#security';
import { type Definition, decide, nextStep, type Outcome, type Step, type Variables } from './domain/definition.ts';
import { candidatesFor, eligibleFor } from './find-candidates.ts';
import * as store from './workflow-store.ts';

type Tx = TenantTx<Context>;

/** What a process does to its subject when it ends; runs inside the deciding transaction. */
export type Settle = (
  tx: Tx,
  ended: { subjectId: string; outcome: Outcome; comment: string; instanceId: string },
) => Promise<void>;

/** A process that a module teaches the engine: its definition and its in-transaction effect. */
export interface Process {
  definition: Definition;
  settle: Settle;
}

/** What starting a process takes. */
export interface StartWorkflow {
  definition: Definition;
  subjectType: string;
  subjectId: string;
  /** Decimal strings the conditions compare; the currency that personal limits are compared in. */
  variables: Variables;
  currency: string;
  /** Who made or amended the subject: none of them may decide. */
  makers: readonly string[];
  title: string;
  /** What the inbox shows beside the task. */
  summary: Record<string, unknown>;
}

async function openTask(
  tx: Tx,
  step: Step,
  instance: Pick<store.Instance, 'id' | 'body' | 'variables' | 'makers' | 'subjectType' | 'subjectId' | 'definition'>,
): Promise<void> {
  const people = await candidatesFor(tx, step, instance);
  if (people.length === 0) {
    throw new Problem('rule.violated', {
      detail: `Nobody is left to decide the step "${step.title}" or one after it: each takes someone of its own with the right and a limit that covers the amount who neither made the record nor decided an earlier step.`,
    });
  }
  const id = tx.context.newId();
  const dueAt = new Date(tx.context.clock.now().getTime() + step.dueHours * 3_600_000);
  const routing = {
    step: step.title,
    when: step.when ?? null,
    variables: instance.variables,
    candidates: step.candidates,
  };
  await store.setStep(tx, instance.id, step.name);
  await store.insertTask(tx, { id, instanceId: instance.id, step: step.name, dueAt, routing }, people);
  await armTimer(tx, { kind: 'workflow.task-due', subjectId: id, dueAt, data: { instanceId: instance.id } });
  await emit(tx, {
    type: 'workflow.task.created',
    subjectType: 'task',
    subjectId: id,
    data: {
      taskId: id,
      step: step.name,
      definition: instance.definition,
      subjectType: instance.subjectType,
      subjectId: instance.subjectId,
      dueAt: dueAt.toISOString(),
    },
  });
}

/**
 * Starts a process on a subject inside the running transaction. Answers the outcome where no step applies, else null.
 * Throws `rule.violated` when nobody eligible remains.
 */
export async function startWorkflow(tx: Tx, start: StartWorkflow): Promise<void> {
  const variables = { ...start.variables, currency: start.currency };
  const instance = {
    id: tx.context.newId(),
    definition: start.definition.code,
    body: start.definition,
    subjectType: start.subjectType,
    subjectId: start.subjectId,
    variables,
    makers: [...(await handsOf(tx, start.makers))],
    title: start.title,
    summary: start.summary,
  };
  const first = nextStep(start.definition, null, variables);
  if (!first) throw new Error(`the process ${start.definition.code} has no step that applies`);
  await store.insertInstance(tx, start.definition, instance);
  await openTask(tx, first, instance);
}

/** Ends the running process of a subject without an outcome: recall, cancel. */
export async function cancelWorkflow(tx: Tx, subjectType: string, subjectId: string): Promise<void> {
  const instance = await store.lockRunningInstance(tx, subjectType, subjectId);
  if (!instance) return;
  await store.endInstance(tx, instance.id, 'cancelled', null);
  for (const taskId of await store.cancelTasks(tx, instance.id)) {
    await disarmTimers(tx, 'workflow.task-due', taskId);
    await emit(tx, {
      type: 'workflow.task.cancelled',
      subjectType: 'task',
      subjectId: taskId,
      data: { taskId, subjectType, subjectId },
    });
  }
}

function requireOpen(task: store.Task): void {
  if (task.state === 'completed' || task.state === 'cancelled') {
    throw new Problem('state.conflict', { detail: `This task is ${task.state} already.` });
  }
}

/** Locks a task's instance, then the task: everyone takes the two in this order, so that nobody waits in a circle. */
async function lockBoth(tx: Tx, id: string): Promise<{ task: store.Task; instance: store.Instance }> {
  const found = (await store.findTask(tx, id)) ?? notFound('task', id);
  const instance = await store.lockInstance(tx, found.instanceId);
  return { instance, task: (await store.lockTask(tx, id)) ?? notFound('task', id) };
}

/** A locked open task that the actor may act on. Throws 404, 403 `approval.own_work`, `approval.not_candidate`, 409. */
async function lockOwnTask(tx: Tx, id: string): Promise<{ task: store.Task; instance: store.Instance }> {
  const { task, instance } = await lockBoth(tx, id);
  const { actor } = tx.context;
  await requireOtherHand(tx, task.makers, 'You made or amended this record; someone else must decide.');
  if (!(await store.isCandidate(tx, id, actor.id))) throw new Problem('approval.not_candidate');
  requireOpen(task);
  return { task, instance };
}

/** Rights and limits can have changed since the task was opened; those of the decision's moment count. */
async function requireStillEligible(tx: Tx, task: store.Task, instance: store.Instance): Promise<void> {
  const step = instance.body.steps.find((one) => one.name === task.step);
  const eligible = step ? await eligibleFor(tx, step, instance) : [];
  const { actor } = tx.context;
  // A key of theirs may permit less than they hold.
  if (step && eligible.includes(actor.id) && actor.permissions.has(step.candidates.permission)) return;
  throw new Problem('approval.not_candidate', { detail: 'Your role or your limit no longer covers this decision.' });
}

/**
 * Decides a task: the decision, what it does to the subject, money, audit and events commit together or not at all.
 */
export async function completeTask(
  context: Context,
  processes: readonly Process[],
  id: string,
  decision: { outcome: Outcome; comment: string },
): Promise<store.Task> {
  if (decision.outcome !== 'approved' && decision.comment.trim() === '') {
    throw new Problem('rule.violated', {
      detail: `Say why it is ${decision.outcome}: whoever planned it has to know.`,
      errors: [{ path: 'comment', message: `is needed for ${decision.outcome}` }],
    });
  }
  const task = await context.db.transact(context, async (tx) => {
    const { task: locked, instance } = await lockOwnTask(tx, id);
    if (locked.assigneeId && locked.assigneeId !== context.actor.id) {
      throw new Problem('approval.not_candidate', { detail: 'Someone else has claimed this task.' });
    }
    await requireStillEligible(tx, locked, instance);
    await store.completeTaskRow(tx, id, decision.outcome, decision.comment);
    await disarmTimers(tx, 'workflow.task-due', id);
    await recordAudit(tx, {
      action: `task.${decision.outcome}`,
      entityType: locked.subjectType,
      entityId: locked.subjectId,
      before: { task: id, step: locked.step, state: locked.state },
      after: { task: id, step: locked.step, state: 'completed', outcome: decision.outcome },
      reason: decision.comment,
    });
    await emit(tx, {
      type: 'workflow.task.completed',
      subjectType: 'task',
      subjectId: id,
      data: {
        taskId: id,
        step: locked.step,
        outcome: decision.outcome,
        subjectType: locked.subjectType,
        subjectId: locked.subjectId,
      },
    });
    crashPoint('decision.recorded');
    await goOn(tx, processes, instance, locked.step, decision);
    crashPoint('decision.settled');
    return (await store.findTask(tx, id)) ?? notFound('task', id);
  });
  crashPoint('decision.committed');
  return task;
}

async function goOn(
  tx: Tx,
  processes: readonly Process[],
  instance: store.Instance,
  step: string,
  decision: { outcome: Outcome; comment: string },
): Promise<void> {
  const next = decide(instance.body, step, decision.outcome, instance.variables);
  if ('step' in next) return openTask(tx, next.step, instance);
  await store.endInstance(tx, instance.id, 'completed', next.end);
  const process = processes.find((one) => one.definition.code === instance.definition);
  if (!process) throw new Error(`no module has registered the process ${instance.definition}`);
  await process.settle(tx, {
    subjectId: instance.subjectId,
    outcome: next.end,
    comment: decision.comment,
    instanceId: instance.id,
  });
}

/** Takes a task out of the others' way. */
export async function claimTask(context: Context, id: string): Promise<store.Task> {
  return context.db.transact(context, async (tx) => {
    const { task } = await lockOwnTask(tx, id);
    if (task.assigneeId && task.assigneeId !== context.actor.id) {
      throw new Problem('state.conflict', { detail: 'Someone else has claimed this task.' });
    }
    await store.assignTask(tx, id, context.actor.id);
    await recordAudit(tx, { action: 'task.claimed', entityType: 'task', entityId: id });
    return (await store.findTask(tx, id)) ?? notFound('task', id);
  });
}

/** Hands a task to someone else who may decide it; neither a maker nor someone without the right or the limit. */
async function handOver(
  tx: Tx,
  { task, instance }: { task: store.Task; instance: store.Instance },
  toUserId: string,
  action: 'delegated' | 'reassigned',
): Promise<store.Task> {
  const step = instance.body.steps.find((one) => one.name === task.step);
  const candidates = step ? await candidatesFor(tx, step, instance) : [];
  if (!candidates.includes(toUserId)) {
    throw new Problem('rule.violated', {
      detail:
        'That person may not decide this: no right, too low a limit, their own work, or needed for another step of it.',
    });
  }
  await store.addCandidate(tx, task.id, toUserId);
  await store.assignTask(tx, task.id, toUserId);
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
export async function delegateTask(context: Context, id: string, toUserId: string): Promise<store.Task> {
  return context.db.transact(context, async (tx) => handOver(tx, await lockOwnTask(tx, id), toUserId, 'delegated'));
}

/** An administrator moves a task from one person to another. */
export async function reassignTask(context: Context, id: string, toUserId: string): Promise<store.Task> {
  return context.db.transact(context, async (tx) => {
    const both = await lockBoth(tx, id);
    requireOpen(both.task);
    return handOver(tx, both, toUserId, 'reassigned');
  });
}

/** A task that nobody decided in time: everyone watching learns of it. */
export const onTaskDue: TimerHandler = async (tx, timer) => {
  const task = await store.findTask(tx, timer.subjectId);
  if (!task || task.state === 'completed' || task.state === 'cancelled') return;
  await emit(tx, {
    type: 'workflow.task.overdue',
    subjectType: 'task',
    subjectId: task.id,
    data: { taskId: task.id, step: task.step, subjectType: task.subjectType, subjectId: task.subjectId },
  });
};
