import type { Context } from '#context';
import type { TenantTx } from '#db';
import { Problem } from '#problem';
import {
  askSecondPerson,
  confirmWaiting,
  hasSecondPerson,
  waitingChanges,
  withdrawWaiting,
} from '../policy/second-person/waiting-changes.ts';
import { readKeepingInForce } from './keeping-in-force.ts';
import { auditSecret, recordAudit } from './record-audit.ts';
import { type RetentionClass, retentionRules } from './retention.ts';
import { type Keeping, readKeeping, setKeeping } from './retention-store.ts';

type Tx = TenantTx<Context>;

/** Fewer days that somebody asked for. */
interface AskedKeeping {
  keepDays: number;
}

/** What came of somebody's wish: it is in force, or waits for a second person under an id. */
export type ChangedKeeping = { inForce: Keeping } | { waiting: string };

async function apply(tx: Tx, retentionClass: RetentionClass, keepDays: number, askedBy?: string): Promise<Keeping> {
  const { tenant } = tx.context;
  const before = (await readKeeping(tx, tenant.id)).find((one) => one.retentionClass === retentionClass);
  await setKeeping(tx, retentionClass, keepDays);
  await recordAudit(tx, {
    ...{ action: 'audit.retention_changed', entityType: 'audit', entityId: retentionClass },
    ...{ before: { keepDays: before?.keepDays }, after: { keepDays, askedBy } },
  });
  return { retentionClass, keepDays, chosen: true };
}

/** Whether entries on which books rest would be kept for less than the law asks for, and less than now, by the trail. */
async function isGrave(tx: Tx, retentionClass: RetentionClass, keepDays: number): Promise<boolean> {
  const lawful = retentionRules.financial.keepDays;
  if (retentionClass !== 'financial' || keepDays >= lawful) return false;
  const { chosen } = await readKeepingInForce(tx, auditSecret(), tx.context.tenant.id);
  return keepDays < (chosen.get(retentionClass) ?? lawful);
}

/**
 * Sets how many days a class of entries is kept online; financial ones below seven years once a second person has confirmed
 * it, where there is one. Throws `request.malformed` below the least.
 */
export async function changeKeeping(
  context: Context,
  retentionClass: RetentionClass,
  keepDays: number,
): Promise<ChangedKeeping> {
  const { leastDays } = retentionRules[retentionClass];
  if (keepDays < leastDays) {
    const message = `${retentionClass} entries are kept for ${leastDays} days at least`;
    throw new Problem('request.malformed', { errors: [{ path: 'keepDays', message }] });
  }
  return context.db.transact(context, async (tx) => {
    if (!((await isGrave(tx, retentionClass, keepDays)) && (await hasSecondPerson(tx, 'privacy:manage')))) {
      return { inForce: await apply(tx, retentionClass, keepDays) };
    }
    const change = { id: context.newId(), subjectId: retentionClass, body: { keepDays }, secret: null };
    return { waiting: (await askSecondPerson<AskedKeeping>(tx, 'retention', change)).id };
  });
}

/** Fewer days that wait for a second person. */
export async function waitingKeepings(tx: Tx) {
  const waiting = await waitingChanges<AskedKeeping>(tx, 'retention');
  return waiting.map(({ id, subjectId, body, askedBy, askedAt }) => ({
    ...{ id, retentionClass: subjectId, keepDays: body.keepDays, askedBy, askedAt: askedAt.toISOString() },
  }));
}

/** Sets fewer days as somebody else asked for. Throws as `confirmWaiting`. */
export function confirmKeeping(context: Context, id: string): Promise<Keeping> {
  return context.db.transact(context, async (tx) => {
    const { subjectId, body, askedBy } = await confirmWaiting<AskedKeeping>(tx, 'retention', id);
    return apply(tx, subjectId as RetentionClass, body.keepDays, askedBy);
  });
}

/** Withdraws fewer days that wait. Throws `not_found`. */
export async function withdrawKeeping(context: Context, id: string): Promise<void> {
  await context.db.transact(context, (tx) => withdrawWaiting(tx, 'retention', id));
}
