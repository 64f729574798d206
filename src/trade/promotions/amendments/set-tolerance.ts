import type { Context } from '#context';
import { emit } from '#events';
import { Problem } from '#problem';
import { recordAudit } from '#security';
import type { Tolerance } from '../domain/amendment.ts';
import { insertTolerance, readTolerance } from './amendment-store.ts';

/** Sets the tenant's amendment tolerance as a new version; earlier amendments keep theirs. Throws `version.conflict`. */
export async function setTolerance(
  context: Context,
  ifMatch: number | undefined,
  change: Omit<Tolerance, 'version'>,
): Promise<Tolerance> {
  return context.db.transact(context, async (tx) => {
    const before = await readTolerance(tx);
    const after = { ...change, version: before.version + 1 };
    if ((ifMatch !== undefined && ifMatch !== before.version) || !(await insertTolerance(tx, after)))
      throw new Problem('version.conflict');
    await recordAudit(tx, {
      action: 'amendment_tolerance.set',
      entityType: 'amendment_tolerance',
      entityId: tx.context.tenant.id,
      before,
      after,
    });
    await emit(tx, {
      type: 'promotions.amendment_tolerance.set',
      subjectType: 'amendment_tolerance',
      subjectId: tx.context.tenant.id,
      data: { ...after },
    });
    return after;
  });
}
