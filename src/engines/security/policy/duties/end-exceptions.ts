import type { Clock } from '#clock';
import { type Context, makeContext, systemActor } from '#context';
import type { Database, TenantTx } from '#db';
import { Problem } from '#problem';
import type { Logger } from '#telemetry';
import { recordAudit } from '../../audit/record-audit.ts';
import { recordSecurityEvent } from '../../detection/record-security-event.ts';
import { changeMember } from '../../people/change-person.ts';
import { lockMembers } from '../../people/last-administrator.ts';
import { getPerson } from '../../people/list-people.ts';
import { findTenant } from '../../people/tenants.ts';
import { rightsHistory } from '../access-review-store.ts';
import { permissionsOfRoles } from '../role-store.ts';
import {
  type DutyException,
  exceptionsInForce,
  expiredExceptions,
  lockException,
  tenantsWithExpired,
  updateException,
} from './duty-exception-store.ts';
import { conflictsHeld, knownConflicts } from './duty-matrix.ts';
import { refusedTogether } from './require-separate-duties.ts';

type Tx = TenantTx<Context>;

/** Roles of somebody that open a side of a refused conflict and that they did not hold when they last could not do both. */
async function rolesGained(tx: Tx, personId: string, code: string): Promise<string[]> {
  const isFree = (permissions: ReadonlySet<string>) =>
    !refusedTogether(permissions).some(({ conflict }) => conflict.code === code);
  const [now, ...earlier] = await rightsHistory(tx, personId);
  const before = earlier.find(({ permissions }) => isFree(permissions));
  if (!now || !before || isFree(now.permissions)) return [];
  const conflict = knownConflicts().find((one) => one.code === code);
  const sides = new Set<string>([...(conflict?.first.permissions ?? []), ...(conflict?.second.permissions ?? [])]);
  const gained: string[] = [];
  for (const role of now.roles.filter((one) => !before.roles.includes(one))) {
    if ([...(await permissionsOfRoles(tx, [role]))].some((one) => sides.has(one))) gained.push(role);
  }
  return gained;
}

/**
 * Ends a locked exception that was granted, with what it allowed: roles that open its conflict and were given while it held
 * are taken back (`taking`), unless another exception goes on. What is left is told to detection. Throws `rule.violated`
 * where that would leave no administrator.
 */
export async function endGranted(
  tx: Tx,
  before: DutyException,
  happened: 'ended' | 'expired',
  taking = true,
): Promise<DutyException> {
  const { personId, conflict } = before;
  // Whoever is giving roles under the exception at this moment is waited for: what they give goes back too.
  await lockMembers(tx);
  const after: DutyException = {
    ...before,
    ...{ state: 'ended', endedAt: tx.context.clock.now(), version: before.version + 1 },
  };
  await updateException(tx, after);
  const inForce = await exceptionsInForce(tx);
  const goesOn = inForce.some((one) => one.personId === personId && one.conflict === conflict);
  const taken = taking && !goesOn ? await rolesGained(tx, personId, conflict) : [];
  if (taken.length > 0) {
    const { roles } = await getPerson(tx, personId);
    const left = roles.filter((role) => !taken.includes(role));
    await changeMember(tx, personId, { roles: left }, undefined, false);
  }
  const { active, permissions } = await getPerson(tx, personId);
  const both = active && !goesOn && conflictsHeld(permissions).some((held) => held.conflict.code === conflict);
  await recordAudit(tx, {
    ...{ action: `duty_exception.${happened}`, entityType: 'duty_exception', entityId: before.id },
    after: { personId, conflict, state: after.state, expiresOn: before.expiresOn, taken, both },
  });
  await recordSecurityEvent(tx, {
    ...{ kind: 'duty.exception_ended', personId: null, subjectId: personId },
    detail: { conflict, exception: before.id, happened, taken, both, goesOn },
  });
  return after;
}

async function expire(context: Context, id: string, taking: boolean): Promise<void> {
  await context.db.transact(context, async (tx) => {
    // Another process may have been first.
    const [before] = (await expiredExceptions(tx)).filter((one) => one.id === id);
    if (before && (await lockException(tx, id))?.state === 'granted') await endGranted(tx, before, 'expired', taking);
  });
}

/** Ends the exceptions of every tenant whose last day is over; one that cannot be ended is logged and tried again. */
export async function endExpiredExceptions(parts: { db: Database; clock: Clock; log: Logger }): Promise<void> {
  const { db, clock, log } = parts;
  for (const tenantId of await tenantsWithExpired(db, clock.now())) {
    const tenant = await findTenant(db, { id: tenantId });
    if (!tenant) continue;
    const context = makeContext({ tenant, actor: systemActor, clock, db, log });
    for (const { id } of await db.read(context, expiredExceptions)) {
      await expire(context, id, true)
        // The last administrator stays one: the exception ends all the same, and that they hold both is told.
        .catch((error) => (error instanceof Problem ? expire(context, id, false) : Promise.reject(error)))
        .catch((error) => log.error({ err: error, tenantId, exception: id }, 'an exception could not be ended'));
    }
  }
}
