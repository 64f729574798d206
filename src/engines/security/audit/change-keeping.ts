import type { Context } from '#context';
import { Problem } from '#problem';
import { recordAudit } from './record-audit.ts';
import { type RetentionClass, retentionRules } from './retention.ts';
import { type Keeping, readKeeping, setKeeping } from './retention-store.ts';

/** Sets how many days a class of entries is kept online. Throws `request.malformed` below the least. */
export async function changeKeeping(
  context: Context,
  retentionClass: RetentionClass,
  keepDays: number,
): Promise<Keeping> {
  const { leastDays } = retentionRules[retentionClass];
  if (keepDays < leastDays) {
    const message = `${retentionClass} entries are kept for ${leastDays} days at least`;
    throw new Problem('request.malformed', { errors: [{ path: 'keepDays', message }] });
  }
  return context.db.transact(context, async (tx) => {
    const before = (await readKeeping(tx, context.tenant.id)).find((one) => one.retentionClass === retentionClass);
    await setKeeping(tx, retentionClass, keepDays);
    await recordAudit(tx, {
      ...{ action: 'audit.retention_changed', entityType: 'audit', entityId: retentionClass },
      ...{ before: { keepDays: before?.keepDays }, after: { keepDays } },
    });
    return { retentionClass, keepDays, chosen: true };
  });
}
