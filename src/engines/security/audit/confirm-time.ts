import type { Clock } from '#clock';
import { idsFrom, systemActorId } from '#context';
import type { Database } from '#db';
import { confirmedStretches, jumpsIn, type Stretch, signedInstants, unconfirmedMs } from './clock-history.ts';
import { appendAudit } from './record-audit.ts';
import { oldestSealedAt, tenantsWithTrail } from './retention-store.ts';

/**
 * Confirms, in each trail, the stretches in which nothing was signed for long: the time has truly passed. Answers them by
 * tenant.
 */
export async function confirmTime(
  parts: { db: Database; clock: Clock; secretKey: string },
  reason: string,
): Promise<(Stretch & { tenantId: string })[]> {
  const { db, clock, secretKey } = parts;
  const newId = idsFrom(clock);
  const done: (Stretch & { tenantId: string })[] = [];
  for (const tenantId of await db.system(tenantsWithTrail)) {
    await db.system(async (tx) => {
      const [from, now] = [await oldestSealedAt(tx, tenantId), clock.now()];
      const confirmed = await confirmedStretches(tx, secretKey, tenantId);
      const jumps = from ? jumpsIn(from, now, await signedInstants(tx, secretKey, from)) : [];
      for (const jump of jumps.filter((one) => unconfirmedMs(one, confirmed) > 0)) {
        const scope = { tenantId, actorId: systemActorId, requestId: newId(), at: now, newId };
        await appendAudit(tx, scope, {
          ...{ action: 'audit.time_confirmed', entityType: 'audit', entityId: 'time', reason },
          after: jump,
        });
        done.push({ tenantId, ...jump });
      }
    });
  }
  return done;
}
