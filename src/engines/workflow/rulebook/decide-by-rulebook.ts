import { notFound } from '#problem';
import { recordAudit } from '#security';
import { decide } from '../decisions/decide.ts';
import type { Value, Values } from '../instances/instance-state.ts';
import type { EffectInstance, Tx } from '../instances/workflow-parts.ts';
import { findInForce } from '../versions/version-store.ts';
import { compiledByHash, type KeptDecision } from './kept-decision.ts';

/**
 * Answers a business-rule task by the decision in force, and keeps in the trail which version answered, with what, by which rows.
 * Throws `not_found` where none is in force, and as `decide` does.
 */
export async function decideByRulebook(
  tx: Tx,
  code: string,
  input: Values,
  { id, definition, subjectType, subjectId }: EffectInstance,
): Promise<Value> {
  const found = (await findInForce<KeptDecision>(tx, 'decision', code)) ?? notFound('published decision', code);
  const { model, decision } = found.model;
  const now = tx.context.clock.now();
  const { value, tables, notes } = decide(compiledByHash(found.hash, model), decision, input, { now });
  await recordAudit(tx, {
    ...{ action: 'decision.taken', entityType: subjectType, entityId: subjectId },
    after: { process: definition, instance: id, decision: code, version: found.version, value, tables, notes },
  });
  return value;
}
