import type { TenantFacts } from '#context';
import { sql, type TenantTx, type Tx } from '#db';
import { type Person, type PersonRow, personColumns, toPerson } from '../people/people.ts';

/** Why a session ended before its time. */
export type EndReason = 'signed_out' | 'token_reused' | 'password_changed' | 'disabled';

/** A live session with whose it is. */
export interface LiveSession {
  id: string;
  generation: number;
  rotatedAt: Date;
  expiresAt: Date;
  tenant: TenantFacts;
  person: Person;
}

/** A session ends after so many days however much it is used. */
export const sessionLifeDays = 30;
/** A session ends after so many days without use. */
const sessionIdleDays = 7;
const dayMs = 86_400_000;

/** Opens a session in its first refresh generation. */
export async function openSession(
  tx: Tx,
  session: { id: string; tenantId: string; personId: string; now: Date },
): Promise<void> {
  const expiresAt = new Date(session.now.getTime() + sessionLifeDays * dayMs);
  await tx.run(sql`insert into identity.session (tenant_id, id, person_id, generation, rotated_at, created_at, expires_at)
    values (${session.tenantId}, ${session.id}, ${session.personId}, 1, ${session.now}, ${session.now}, ${expiresAt})`);
}

type SessionRow = PersonRow & {
  session_id: string;
  generation: number;
  rotated_at: Date;
  expires_at: Date;
  tenant_id: string;
  slug: string;
  time_zone: string;
  currency: string;
};

/** The session where it is live: not ended, not expired, its membership and person active. Locked on request. */
export async function findLiveSession(
  tx: Tx,
  id: string,
  now: Date,
  lock: 'locked' | 'unlocked' = 'unlocked',
): Promise<LiveSession | undefined> {
  const idleSince = new Date(now.getTime() - sessionIdleDays * dayMs);
  const row = await tx.maybe<SessionRow>(sql`select ${personColumns}, s.id as session_id, s.generation, s.rotated_at,
      s.expires_at, t.id as tenant_id, t.slug, t.time_zone, t.currency
    from identity.session s
    join identity.tenant t on t.id = s.tenant_id
    join identity.membership m on m.tenant_id = s.tenant_id and m.person_id = s.person_id
    join identity.person p on p.id = s.person_id
    where s.id = ${id} and s.ended_at is null and s.expires_at > ${now} and s.rotated_at > ${idleSince}
      and m.disabled_at is null and p.disabled_at is null
    ${lock === 'locked' ? sql`for update of s` : sql``}`);
  if (!row) return undefined;
  return {
    id: row.session_id,
    generation: row.generation,
    rotatedAt: row.rotated_at,
    expiresAt: row.expires_at,
    tenant: { id: row.tenant_id, slug: row.slug, timeZone: row.time_zone, currency: row.currency },
    person: toPerson(row),
  };
}

/** Moves a session to its next refresh generation. */
export async function rotateSession(tx: Tx, id: string, now: Date): Promise<void> {
  await tx.run(sql`update identity.session set generation = generation + 1, rotated_at = ${now} where id = ${id}`);
}

/** Ends one session; answers whether it was live until now. */
export async function endSession(tx: Tx, id: string, reason: EndReason, now: Date): Promise<boolean> {
  const ended = await tx.run(sql`update identity.session set ended_at = ${now}, end_reason = ${reason}
    where id = ${id} and ended_at is null`);
  return ended > 0;
}

/** Ends every session of a person, but for one where given; in a tenant's transaction those of the tenant only. */
export async function endSessionsOf(
  tx: Tx | TenantTx,
  personId: string,
  reason: EndReason,
  now: Date,
  except?: string,
): Promise<number> {
  return tx.run(sql`update identity.session set ended_at = ${now}, end_reason = ${reason}
    where person_id = ${personId} and ended_at is null ${except ? sql`and id <> ${except}` : sql``}`);
}
