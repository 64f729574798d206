import { isOfTransaction } from './course.ts';
import * as instances from './instance-store.ts';
import { drive, openCourse } from './run-instance.ts';
import { type Tx, workflowParts } from './workflow-parts.ts';

/** The token of an instance that something happens to by itself. */
export interface HappensTo {
  instanceId: string;
  token: number;
}

/**
 * Does what time, a message or a signal brings an instance. What is refused then nobody hears of: it is undone, and the instance stops
 * at that token with an incident. Throws on what says nothing of the instance, so that it is tried again.
 */
export async function orIncident(tx: Tx, { instanceId, token }: HappensTo, work: () => Promise<void>): Promise<void> {
  const tried = await instances.tryEffect(tx, work);
  if ('value' in tried) return;
  const { error } = tried;
  if (isOfTransaction(error)) throw error;
  tx.context.log.warn({ err: error, instance: instanceId }, 'workflow: an instance stops with an incident');
  const row = await instances.lockInstance(tx, instanceId);
  if (row?.state !== 'running') throw error;
  const course = await openCourse(tx, workflowParts(), row);
  await drive(course, { type: 'stopped', token, message: (error as Error).message });
}
