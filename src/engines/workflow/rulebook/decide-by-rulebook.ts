import { recordAudit } from '#security';
import type { Value, Values } from '../instances/instance-state.ts';
import type { EffectInstance, Tx } from '../instances/workflow-parts.ts';
import { answerDecision } from './answer-decision.ts';
import { findDecision } from './find-decision.ts';
import { requireNotBlocked } from './judge-by-rules.ts';

/**
 * Answers a business-rule task by the decision in force, and keeps in the trail which version answered, with what, by which rows.
 * Business rules answer `{ outcome, findings }`. Throws `not_found` where none is in force, `rule.violated` where a business rule
 * blocks, and as `decide` does.
 */
export async function decideByRulebook(
  tx: Tx,
  code: string,
  input: Values,
  { id, definition, subjectType, subjectId }: EffectInstance,
): Promise<Value> {
  const found = await findDecision(tx, code);
  const { value, tables, notes, findings } = answerDecision(found, input, { now: tx.context.clock.now() });
  await recordAudit(tx, {
    ...{ action: 'decision.taken', entityType: subjectType, entityId: subjectId },
    after: { process: definition, instance: id, decision: code, version: found.version, value, tables, notes },
  });
  requireNotBlocked({ findings });
  return value;
}
