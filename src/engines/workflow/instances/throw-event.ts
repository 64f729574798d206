import { armTimer, emit } from '#events';
import type { ThrowEvent } from '../definitions/process-model.ts';
import { findStartedBy } from '../versions/version-store.ts';
import { type Course, correlationOf, evaluateEach } from './course.ts';
import type { Values } from './instance-state.ts';
import * as instances from './instance-store.ts';
import type { Tx } from './workflow-parts.ts';

/** A message or signal to whoever waits for it. */
export interface Sent {
  kind: 'message' | 'signal';
  name: string;
  correlation: string | null;
  content: Values;
}

/**
 * Sends a message or signal inside the running transaction: those that wait hear of it right after its commit, each in a
 * transaction of its own and once; the world hears of it by an event. A signal begins every published process that starts by it,
 * a message that nobody waits for the first one. Answers how many it reaches.
 */
export async function send(
  tx: Tx,
  { kind, name, correlation, content }: Sent,
  from: { type: string; id: string; makers: readonly string[] },
): Promise<number> {
  const waits = await instances.waitsFor(tx, { kind, name, correlation });
  const dueAt = tx.context.clock.now();
  for (const { id } of waits) await armTimer(tx, { kind: 'workflow.wait', subjectId: id, dueAt, data: { content } });
  const begun = kind === 'message' && waits.length > 0 ? [] : await findStartedBy(tx, { type: kind, [kind]: name });
  const { makers } = from;
  const starts = kind === 'message' ? begun.slice(0, 1) : begun;
  for (const { id, at } of starts) {
    await armTimer(tx, { kind: 'workflow.start', subjectId: id, dueAt, data: { at, content, makers } });
  }
  const reached = waits.length + starts.length;
  await emit(tx, {
    type: `workflow.${kind}.sent`,
    subjectType: from.type,
    subjectId: from.id,
    data: { name, correlation, content, reached },
  });
  return reached;
}

/** Does what a throwing node or a send task says. */
export async function throwEvent(course: Course, event: ThrowEvent, variables: Values): Promise<void> {
  if (event.type === 'escalation') return;
  const isMessage = event.type === 'message';
  await send(
    course.tx,
    {
      kind: event.type,
      name: isMessage ? event.message : event.signal,
      correlation: isMessage ? correlationOf(course, event.correlate, variables) : null,
      content: isMessage ? evaluateEach(course, event.content, variables) : {},
    },
    { type: course.row.subjectType, id: course.row.subjectId, makers: course.row.makers },
  );
}
