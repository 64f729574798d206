import { Problem } from '#problem';
import { recordAudit } from '#security';
import type { Values } from '../instances/instance-state.ts';
import type { ShippedDecision, Tx } from '../instances/workflow-parts.ts';
import { type Judgement, judgeBy } from './answer-decision.ts';
import { findDecision } from './find-decision.ts';

/** Business rules in force, to be asked also outside of the transaction that read them. */
export interface Rules {
  judge(inputs: Values, now: Date): Judgement;
}

/** The business rules in force in the place of those that a module ships: the tenant's own, or else these. */
export async function findRules(tx: Tx, shipped: ShippedDecision): Promise<Rules> {
  const rules = await findDecision(tx, shipped.code, shipped);
  return { judge: (inputs, now) => judgeBy(rules, inputs, { now }) };
}

/** Throws `rule.violated` with the messages of the rows that block. */
export function requireNotBlocked({ findings }: Pick<Judgement, 'findings'>): void {
  const blocking = findings.filter(({ severity }) => severity === 'block');
  if (blocking.length === 0) return;
  throw new Problem('rule.violated', {
    detail: blocking.map(({ message }) => message).join(' '),
    errors: blocking.map(({ decision, rowId, message }) => ({ path: `${decision}/${rowId}`, message })),
  });
}

/** Keeps in the trail what business rules said of a subject: with what, by which rows of which version. */
export async function recordJudgement(
  tx: Tx,
  subject: { type: string; id: string },
  { outcome, findings, tables }: Judgement,
): Promise<void> {
  await recordAudit(tx, {
    ...{ action: 'decision.taken', entityType: subject.type, entityId: subject.id },
    after: { value: { outcome, findings }, tables },
  });
}
