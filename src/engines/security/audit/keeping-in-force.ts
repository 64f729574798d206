import type { TenantTx, Tx } from '#db';
import { genuineEntries } from './genuine-entries.ts';
import { type RetentionClass, retentionClasses } from './retention.ts';
import { type LegalHold, listLegalHolds, readKeeping, standingHolds } from './retention-store.ts';

/** How long the trail is kept as the trail itself says, which nobody can write into the database. */
export interface KeepingInForce {
  /** The days that the tenant chose, by class; a class that is not here was never set. */
  chosen: ReadonlyMap<RetentionClass, number>;
  /** The legal holds that stand, by id. */
  holds: ReadonlyMap<string, LegalHold>;
  /** Entries about it that the product did not write. */
  forged: readonly string[];
}

/** Derives it from the entries of settings and holds, and from what each dropping said again. */
export async function readKeepingInForce(tx: Tx, secretKey: string, tenantId: string): Promise<KeepingInForce> {
  const settings = await genuineEntries(tx, secretKey, tenantId, { type: 'audit', ids: retentionClasses });
  const chosen = new Map<RetentionClass, number>();
  for (const { action, entityId, after } of settings.entries) {
    const said = JSON.parse(after ?? '{}') as { keepDays?: number; chosen?: Record<string, number> };
    if (action === 'audit.retention_changed') chosen.set(entityId as RetentionClass, Number(said.keepDays));
    if (action !== 'audit.dropped') continue;
    for (const [name, days] of Object.entries(said.chosen ?? {})) chosen.set(name as RetentionClass, days);
  }
  const ofHolds = await genuineEntries(tx, secretKey, tenantId, { type: 'legal_hold' });
  // A hold is placed once and released once, whatever the clocks of two machines said.
  const released = new Set(
    ofHolds.entries.filter(({ action }) => action === 'audit.released').map((one) => one.entityId),
  );
  const holds = new Map<string, LegalHold>();
  for (const { action, entityId, reason, actorId, at } of ofHolds.entries) {
    if (action !== 'audit.held' || released.has(entityId)) continue;
    const placed = { placedBy: actorId, placedAt: new Date(at), releasedBy: null, releasedAt: null };
    holds.set(entityId, { id: entityId, reason: reason ?? '', ...placed });
  }
  return { chosen, holds, forged: [...settings.forged, ...ofHolds.forged] };
}

/** Where the tables say something else than the trail, each in a sentence; nothing is dropped as long as there is one. */
export async function doubtsOfKeeping(tx: Tx, tenantId: string, inForce: KeepingInForce): Promise<string[]> {
  const doubts = inForce.forged.map((id) => `the entry ${id} about retention is not as it was written`);
  for (const { retentionClass, keepDays, chosen } of await readKeeping(tx, tenantId)) {
    const said = inForce.chosen.get(retentionClass);
    const kept = chosen ? keepDays : undefined;
    if (said === kept) continue;
    const words = (days: number | undefined) => (days === undefined ? 'that nobody chose' : `${days} days`);
    doubts.push(`the database says ${words(kept)} for ${retentionClass} entries, the audit trail ${words(said)}`);
  }
  const standing = new Set(await standingHolds(tx, tenantId));
  for (const id of inForce.holds.keys()) {
    if (!standing.has(id)) doubts.push(`the legal hold ${id} was never released, but does not stand in the database`);
  }
  for (const id of standing) {
    if (!inForce.holds.has(id)) doubts.push(`the legal hold ${id} stands in the database, but was never placed`);
  }
  return doubts;
}

/** Legal holds, those that stand by the trail first, whatever became of their rows; at most 200 others. */
export async function legalHolds(tx: TenantTx, secretKey: string): Promise<LegalHold[]> {
  const { holds } = await readKeepingInForce(tx, secretKey, tx.context.tenant.id);
  const rows = await listLegalHolds(tx);
  return [...holds.values(), ...rows.filter(({ id }) => !holds.has(id))];
}

/** Whether a legal hold stands, by the database or by the trail: who takes the row away does not release it. */
export async function isHeldInForce(tx: Tx, secretKey: string, tenantId: string): Promise<boolean> {
  if ((await standingHolds(tx, tenantId)).length > 0) return true;
  return (await readKeepingInForce(tx, secretKey, tenantId)).holds.size > 0;
}
