import type { Context } from '#context';
import type { TenantTx } from '#db';
import { emit } from '#events';
import { recordAudit } from '#security';

/** What happened to an agreement, version 1 of `terms.agreement.<it>` each. */
export type TermsChange = 'drafted' | 'agreed' | 'declined' | 'condition_recorded';

/** Writes the event and the audit entry of a change of an agreement into its transaction. */
export async function recordTermsChange(
  tx: TenantTx<Context>,
  happened: TermsChange,
  change: { agreementId: string; before?: unknown; after: Record<string, unknown>; reason?: string | undefined },
): Promise<void> {
  const { agreementId, before, after, reason } = change;
  await emit(tx, {
    ...{ type: `terms.agreement.${happened}`, subjectType: 'agreement', subjectId: agreementId },
    data: { agreementId, ...after },
  });
  const action = `terms.${happened}`;
  await recordAudit(tx, { action, entityType: 'agreement', entityId: agreementId, before, after, reason });
}
