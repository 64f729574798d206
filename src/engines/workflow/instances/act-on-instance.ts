import type { Context } from '#context';
import { emit } from '#events';
import { notFound, Problem } from '#problem';
import { recordAudit, requireOtherHand } from '#security';
import { requireFittingVariables } from './check-variables.ts';
import { findIncident, resolveIncidents } from './incident-store.ts';
import type { Values } from './instance-state.ts';
import * as instances from './instance-store.ts';
import { advance, openCourse } from './run-instance.ts';
import { cancelInstances } from './store-course.ts';
import { ownSubject, type Tx, workflowParts } from './workflow-parts.ts';

/** What happened outside, told to one instance. */
export interface Signal {
  kind: 'message' | 'signal';
  name: string;
  /** Which of several waits for it; absent: the one that asks for nothing. */
  correlation?: string | undefined;
  content?: Values | undefined;
  /** The sender's own name for the message: told again, it does nothing. */
  messageId?: string | undefined;
}

async function lockRunning(tx: Tx, id: string): Promise<instances.InstanceRow> {
  const row = (await instances.lockInstance(tx, id)) ?? notFound('workflow instance', id);
  if (row.state !== 'running') throw new Problem('state.conflict', { detail: `This process is ${row.state} already.` });
  return row;
}

const requireNotMaker = (tx: Tx, { makers }: instances.InstanceRow): Promise<void> =>
  requireOtherHand(tx, makers, 'You made or amended this record: someone else must move its process.');

/** Locks a running instance that the actor did not make the subject of, through a program either. */
async function holdRunning(tx: Tx, id: string): Promise<instances.InstanceRow> {
  const row = await lockRunning(tx, id);
  await requireNotMaker(tx, row);
  return row;
}

async function recordAct(
  tx: Tx,
  { row }: { row: instances.InstanceRow },
  what: string,
  after: Record<string, unknown>,
  reason: string,
): Promise<void> {
  await recordAudit(tx, {
    ...{ action: `workflow.${what}`, entityType: 'workflow_instance', entityId: row.id, after },
    ...(reason === '' ? {} : { reason }),
  });
  await emit(tx, {
    ...{ type: `workflow.instance.${what}`, subjectType: 'workflow_instance', subjectId: row.id },
    data: { instanceId: row.id, definition: row.definition, subjectType: row.subjectType, subjectId: row.subjectId },
  });
}

/**
 * Tells a message or signal to one instance; answers false where it was told of that message before. Throws
 * `state.conflict` where nothing waits for it.
 */
export async function signalInstance(context: Context, id: string, signal: Signal): Promise<boolean> {
  const { kind, name, correlation = null, content = {}, messageId } = signal;
  return context.db.transact(context, async (tx) => {
    const row = await holdRunning(tx, id);
    if (messageId !== undefined && !(await instances.noteMessage(tx, id, messageId))) return false;
    const course = await openCourse(tx, workflowParts(), row);
    requireFittingVariables(course.model, content, course.evaluate);
    const waits = await instances.waitsOf(tx, id);
    const reached = waits.filter(
      (wait) => wait.kind === kind && wait.name === name && wait.correlation === correlation,
    );
    const [wait] = reached;
    if (!wait) throw new Problem('state.conflict', { detail: `This process does not wait for ${name}.` });
    await recordAct(tx, course, 'signalled', { kind, name, correlation, variables: content }, '');
    await advance(course, { type: 'caught', token: wait.token, event: wait.event, content });
    return true;
  });
}

/**
 * Ends an instance for good. A process that a module's record runs through ends with that record instead: recalled or
 * cancelled there, so that its money follows. Throws `state.conflict`.
 */
export async function cancelInstance(context: Context, id: string, reason: string): Promise<void> {
  await context.db.transact(context, async (tx) => {
    const row = await lockRunning(tx, id);
    // Of a process that is about nothing but itself nobody is deprived of a decision.
    const isOwn = row.subjectType === ownSubject;
    if (!isOwn) await requireNotMaker(tx, row);
    if (row.parentInstanceId !== null) {
      throw new Problem('state.conflict', { detail: 'Another process called this one: cancel that.' });
    }
    if (!isOwn && workflowParts().processes.some(({ definition }) => definition.code === row.definition)) {
      throw new Problem('state.conflict', { detail: 'This process ends with its record: recall or cancel that.' });
    }
    await cancelInstances(tx, [id]);
    await recordAct(tx, { row }, 'cancelled', { state: 'cancelled' }, reason);
  });
}

/** Lets an instance go on where it stopped, with variables mended if need be. Throws `state.conflict` for one that is resolved. */
export async function retryIncident(
  context: Context,
  id: string,
  { note, set = {} }: { note: string; set?: Values | undefined },
): Promise<void> {
  await context.db.transact(context, async (tx) => {
    const seen = (await findIncident(tx, id)) ?? notFound('incident', id);
    const row = await holdRunning(tx, seen.instanceId);
    const incident = (await findIncident(tx, id)) ?? notFound('incident', id);
    if (incident.resolvedAt) throw new Problem('state.conflict', { detail: 'This incident is resolved already.' });
    const course = await openCourse(tx, workflowParts(), row);
    requireFittingVariables(course.model, set, course.evaluate);
    const { token, node } = incident;
    await resolveIncidents(tx, row.id, note, [token]);
    await recordAct(tx, course, 'retried', { incident: id, node, set }, note);
    await advance(course, { type: 'retried', token, set });
  });
}
