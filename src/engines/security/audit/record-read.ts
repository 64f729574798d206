import type { Context } from '#context';
import type { TenantTx } from '#db';
import { recordSecurityEvent } from '../detection/record-security-event.ts';
import { recordAudit } from './record-audit.ts';

/** Data that leave: which, how much of them, and how. */
export interface AuditedRead {
  /** What was taken: `sales`, `audit`, the name of a list. */
  what: string;
  rows: number;
  /** Further facts, without personal data: format, filters. */
  detail?: Record<string, unknown>;
}

/**
 * Records that personal or financial data were exported, in the transaction that reads or before anything is handed out,
 * and tells detection. Lists on a screen are no exports; a file that the browser makes of one is.
 */
export async function recordRead(tx: TenantTx<Context>, { what, rows, detail }: AuditedRead): Promise<void> {
  const { actor } = tx.context;
  const after = { kind: what, rows, ...detail };
  await recordAudit(tx, { action: 'data.exported', entityType: 'export', entityId: what, after });
  await recordSecurityEvent(tx, {
    kind: 'data.exported',
    personId: actor.kind === 'system' ? null : actor.id,
    detail: { what, rows },
  });
}
