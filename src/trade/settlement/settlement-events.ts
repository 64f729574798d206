import type { Context } from '#context';
import type { TenantTx } from '#db';
import { emit } from '#events';
import { recordAudit } from '#security';

/** A change of one record of this module. */
export interface SettlementChange {
  /** `deduction`, `claim`, `journal` or `period`. */
  entityType: string;
  entityId: string;
  /** Past tense: `captured`. */
  happened: string;
  before?: unknown;
  after?: Record<string, unknown>;
  reason?: string | undefined;
}

/** Writes the audit entry and the event `settlement.<entity>.<happened>` of a change into its transaction. */
export async function recordChange(tx: TenantTx<Context>, change: SettlementChange): Promise<void> {
  const { entityType, entityId, happened, before, after, reason } = change;
  await recordAudit(tx, { action: `${entityType}.${happened}`, entityType, entityId, before, after, reason });
  await emit(tx, {
    type: `settlement.${entityType}.${happened}`,
    subjectType: entityType,
    subjectId: entityId,
    data: { id: entityId, ...after },
  });
}
