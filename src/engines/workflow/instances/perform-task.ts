import { Problem } from '#problem';
import type { BusinessRuleTask, ServiceTask } from '../definitions/process-model.ts';
import { type Course, evaluateEach, isOfTransaction, tellFailure } from './course.ts';
import type { Value, Values } from './instance-state.ts';
import { tryEffect } from './instance-store.ts';

/** An effect that fails for a technical reason is tried again after these; then it is an incident. */
export const retryAfterMs = [10_000, 60_000, 300_000];

async function answerOf(course: Course, node: ServiceTask | BusinessRuleTask, input: Values): Promise<Value> {
  const { tx, parts, row } = course;
  const { id, definition, subjectType, subjectId } = row;
  const instance = { id, definition, subjectType, subjectId };
  if (node.kind === 'business-rule') {
    if (!parts.decide) throw new Problem('not_found', { detail: 'No decisions are kept here.' });
    return parts.decide(tx, node.decision, input, instance);
  }
  const effect = Object.hasOwn(parts.effects, node.effect) ? parts.effects[node.effect] : undefined;
  if (!effect) throw new Problem('not_found', { detail: `There is no effect ${node.effect}.` });
  return effect.perform(tx, input, instance);
}

/** Does what a service or business-rule task says and tells the answer; `tries`: how often it was tried before. */
export async function performTask(
  course: Course,
  node: ServiceTask | BusinessRuleTask,
  token: number,
  variables: Values,
  tries = 0,
): Promise<void> {
  const { context } = course.tx;
  const tried = await tryEffect(course.tx, async () =>
    answerOf(course, node, evaluateEach(course, node.input, variables)),
  );
  if ('value' in tried) {
    course.queue.push({ happening: { type: 'completed', token, result: tried.value } });
    return;
  }
  const { error } = tried;
  if (isOfTransaction(error)) throw error;
  const pauseMs = retryAfterMs[tries];
  if (error instanceof Problem || pauseMs === undefined) {
    tellFailure(course, token, error);
    return;
  }
  context.log.warn(
    { err: error, instance: course.row.id, node: node.id },
    'workflow: an effect failed and is tried again',
  );
  const id = context.newId();
  const wait = { id, instanceId: course.row.id, token, event: node.id, name: null, correlation: null };
  course.waits.push({ ...wait, kind: 'retry' });
  const dueAt = new Date(context.clock.now().getTime() + pauseMs);
  course.timers.push({ kind: 'workflow.wait', subjectId: id, dueAt, data: { tries: tries + 1 } });
}
