import { createHash } from 'node:crypto';
import type { Context } from '#context';
import { emit } from '#events';
import { Problem } from '#problem';
import { recordAudit, requireOtherHand } from '#security';
import type { ProcessModel } from '../definitions/process-model.ts';
import { requireFittingVariables } from '../instances/check-variables.ts';
import type { Values } from '../instances/instance-state.ts';
import * as instances from '../instances/instance-store.ts';
import { advance, openCourse } from '../instances/run-instance.ts';
import { ownSubject, type Tx, workflowParts } from '../instances/workflow-parts.ts';
import { findStartedBy, findVersion } from '../versions/version-store.ts';
import { beginProcess } from './begin-process.ts';
import { findMessage, insertMessage, lockMessageId, type MessageEffect } from './message-store.ts';

/** A message from outside. */
export interface OutsideMessage {
  name: string;
  /** Which of several instances waits for it; absent: the one that asks for nothing. */
  correlation?: string | undefined;
  variables: Values;
  /** The sender's own name for it. */
  messageId: string;
}

/** What came of a message. */
export interface Told extends MessageEffect {
  /** It was told before, and did nothing now. */
  repeated: boolean;
}

/** The waits that are looked at: while one is looked at, others may take it. */
const mostLooks = 20;

/** The order of variables says nothing. */
const hashOf = ({ name, correlation, variables }: OutsideMessage): string =>
  createHash('sha256')
    .update(JSON.stringify([name, correlation ?? null, Object.entries(variables).sort()]))
    .digest('hex');

/**
 * Whoever made the subject does not move its process. A program may move what is about itself: another system that begins a process
 * by one message tells it the next.
 */
async function requireMayTell(tx: Tx, { makers, subjectType }: instances.InstanceRow): Promise<void> {
  if (subjectType === ownSubject && tx.context.actor.kind === 'service') return;
  await requireOtherHand(tx, makers, 'You made or amended this record: someone else must move its process.');
}

/** Tells the instance that has waited longest; null where none waits. */
async function reach(tx: Tx, { name, variables, ...of }: OutsideMessage): Promise<string | null> {
  const correlation = of.correlation ?? null;
  for (let look = 0; look < mostLooks; look++) {
    const [seen] = await instances.waitsFor(tx, { kind: 'message', name, correlation });
    if (!seen) return null;
    const row = await instances.lockInstance(tx, seen.instanceId);
    // Somebody else may have told it while this one waited for the lock.
    const wait = await instances.findWait(tx, seen.id);
    if (row?.state !== 'running' || !wait) continue;
    await requireMayTell(tx, row);
    const course = await openCourse(tx, workflowParts(), row);
    requireFittingVariables(course.model, variables, course.evaluate);
    await recordAudit(tx, {
      ...{ action: 'workflow.signalled', entityType: 'workflow_instance', entityId: row.id },
      after: { kind: 'message', name, correlation, variables },
    });
    await emit(tx, {
      ...{ type: 'workflow.instance.signalled', subjectType: 'workflow_instance', subjectId: row.id },
      data: { instanceId: row.id, definition: row.definition, subjectType: row.subjectType, subjectId: row.subjectId },
    });
    await advance(course, { type: 'caught', token: wait.token, event: wait.event, content: variables });
    return row.id;
  }
  throw new Problem('state.conflict', { detail: `Others took every process that waited for ${name}: tell it again.` });
}

/** Begins the first process by code that starts by this message; null where none does. */
async function begin(tx: Tx, { name, variables }: OutsideMessage): Promise<string | null> {
  const [start] = await findStartedBy(tx, { type: 'message', message: name });
  const version = start && (await findVersion<ProcessModel>(tx, 'process', start.id));
  if (!version) return null;
  const { tenant, actor } = tx.context;
  const { model, title } = version;
  return beginProcess(tx, model, {
    ...{ title, variables, currency: tenant.currency, makers: [actor.id], at: start.at },
  });
}

/**
 * Tells a message from outside to the instance that waits for its name and correlation, or begins a process by it. Told again
 * under the same name it does nothing and answers as before. Throws `not_found` where nothing waits and nothing begins by it,
 * `state.conflict` where that name stands for another message, and as a signal or a start where the variables do not fit.
 */
export async function tellMessage(context: Context, message: OutsideMessage): Promise<Told> {
  return context.db.transact(context, async (tx) => {
    const { messageId, name } = message;
    const contentHash = hashOf(message);
    await lockMessageId(tx, messageId);
    const before = await findMessage(tx, messageId);
    if (before) {
      const { contentHash: was, ...effect } = before;
      if (was !== contentHash) {
        throw new Problem('state.conflict', { detail: 'This messageId was used for another message before.' });
      }
      return { ...effect, repeated: true };
    }
    const reached = await reach(tx, message);
    const instanceId = reached ?? (await begin(tx, message));
    if (instanceId === null) {
      throw new Problem('not_found', { detail: `Nothing waits for the message ${name}, and no process begins by it.` });
    }
    const effect = { instanceId, began: reached === null };
    await insertMessage(tx, messageId, { ...effect, contentHash });
    return { ...effect, repeated: false };
  });
}
