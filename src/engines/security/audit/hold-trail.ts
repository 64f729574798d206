import type { Context } from '#context';
import { notFound } from '#problem';
import { readKeepingInForce } from './keeping-in-force.ts';
import { auditSecret, recordAudit } from './record-audit.ts';
import { endLegalHold, insertLegalHold, type LegalHold } from './retention-store.ts';

/** Places a legal hold: while it stands, nothing of the tenant's trail is dropped. */
export async function holdTrail(context: Context, reason: string): Promise<LegalHold> {
  const id = context.newId();
  return context.db.transact(context, async (tx) => {
    const hold = await insertLegalHold(tx, id, reason);
    await recordAudit(tx, { action: 'audit.held', entityType: 'legal_hold', entityId: id, reason });
    return hold;
  });
}

/** Releases a hold that stands, in the database or by the trail alone. Throws `not_found`. */
export async function releaseTrail(context: Context, id: string, reason: string): Promise<LegalHold> {
  return context.db.transact(context, async (tx) => {
    const { tenant, actor, clock } = context;
    const { holds } = await readKeepingInForce(tx, auditSecret(), tenant.id);
    const released = (await endLegalHold(tx, id)) ?? holds.get(id) ?? notFound('standing legal hold', id);
    await recordAudit(tx, { action: 'audit.released', entityType: 'legal_hold', entityId: id, reason });
    return { ...released, releasedBy: actor.id, releasedAt: clock.now() };
  });
}
