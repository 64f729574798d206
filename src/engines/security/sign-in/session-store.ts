import type { TenantFacts } from '#context';
import { sql, type TenantTx, type Tx } from '#db';
import { type Person, type PersonRow, personColumns, toPerson } from '../people/people.ts';

/** Why a session ended before its time. */
export type EndReason =
  | 'signed_out'
  | 'token_reused'
  | 'password_changed'
  | 'disabled'
  | 'ended_by_owner'
  | 'ended_by_administrator'
  | 'factors_reset'
  | 'locked'
  | 'provisioning'
  | 'alert';

/** A live session with whose it is. */
export interface LiveSession {
  id: string;
  generation: number;
  rotatedAt: Date;
  expiresAt: Date;
  createdAt: Date;
  /** How the person proved who they are when it began. */
  methods: string[];
  /** When and how they last proved it; null: another system vouched for them. */
  provedAt: Date | null;
  provedBy: string | null;
  /** What must be done before anything else. */
  demand: 'proof' | 'second_factor' | null;
  /** Until when somebody has emergency access to the tenant; null: nobody has. */
  emergencyUntil: Date | null;
  /** MAC of device and network, where known. */
  seen: Buffer | null;
  tenant: TenantFacts;
  person: Person;
}

/** A session to be. */
export interface NewSession {
  id: string;
  tenantId: string;
  personId: string;
  methods: readonly string[];
  /** Null: another system vouched for the person. */
  provedBy: string | null;
  seen: Buffer;
  now: Date;
  /** Where it ends earlier than others. */
  expiresAt?: Date | undefined;
}

/** A session ends after so many days however much it is used. */
export const sessionLifeDays = 30;
/** A session ends after so many days without use. */
const sessionIdleDays = 7;
const dayMs = 86_400_000;

/** Opens a session in its first refresh generation. */
export async function openSession(tx: Tx, session: NewSession): Promise<void> {
  const { now, provedBy } = session;
  const expiresAt = session.expiresAt ?? new Date(now.getTime() + sessionLifeDays * dayMs);
  await tx.run(sql`insert into identity.session (tenant_id, id, person_id, generation, rotated_at, created_at, expires_at,
      methods, proved_at, proved_by, seen)
    values (${session.tenantId}, ${session.id}, ${session.personId}, 1, ${now}, ${now}, ${expiresAt},
      ${[...session.methods]}, ${provedBy === null ? null : now}, ${provedBy}, ${session.seen})`);
}

type SessionRow = PersonRow & {
  session_id: string;
  generation: number;
  rotated_at: Date;
  expires_at: Date;
  created_at: Date;
  methods: string[];
  proved_at: Date | null;
  proved_by: string | null;
  demanded_at: Date | null;
  lacks_factor: boolean;
  emergency_until: Date | null;
  seen: Buffer | null;
  tenant_id: string;
  slug: string;
  time_zone: string;
  currency: string;
};

/** Ways to come in that hold two factors already, or answer for them elsewhere. */
const strongMethods = ['totp', 'recovery_code', 'passkey', 'single_sign_on', 'break_glass'];

/** The tenant wants a second factor, and the person of session `s` has none yet. */
const lacksFactor = sql`(not s.methods && ${strongMethods}
  and exists (select 1 from identity.sign_in_policy y where y.tenant_id = s.tenant_id and y.second_factor = 'required')
  and not exists (select 1 from identity.totp o where o.person_id = s.person_id and o.confirmed_at is not null)
  and not exists (select 1 from identity.passkey k where k.person_id = s.person_id))`;

/** The session where it is live: not ended, not expired, its membership and person active. Locked on request. */
export async function findLiveSession(
  tx: Tx,
  id: string,
  now: Date,
  lock: 'locked' | 'unlocked' = 'unlocked',
): Promise<LiveSession | undefined> {
  const idleSince = new Date(now.getTime() - sessionIdleDays * dayMs);
  const row = await tx.maybe<SessionRow>(sql`select ${personColumns}, s.id as session_id, s.generation, s.rotated_at,
      s.expires_at, s.created_at, s.methods, s.proved_at, s.proved_by, s.demanded_at, s.seen,
      ${lacksFactor} as lacks_factor,
      (select max(e.expires_at) from identity.membership e where e.tenant_id = s.tenant_id and e.expires_at > ${now}
        and e.disabled_at is null) as emergency_until, t.id as tenant_id, t.slug, t.time_zone, t.currency
    from identity.session s
    join identity.tenant t on t.id = s.tenant_id
    join identity.membership m on m.tenant_id = s.tenant_id and m.person_id = s.person_id
    join identity.person p on p.id = s.person_id
    where s.id = ${id} and s.ended_at is null and s.expires_at > ${now} and s.rotated_at > ${idleSince}
      and m.disabled_at is null and m.locked_at is null and (m.expires_at is null or m.expires_at > ${now})
      and p.disabled_at is null
    ${lock === 'locked' ? sql`for update of s` : sql``}`);
  if (!row) return undefined;
  return {
    id: row.session_id,
    generation: row.generation,
    rotatedAt: row.rotated_at,
    expiresAt: row.expires_at,
    createdAt: row.created_at,
    methods: row.methods,
    provedAt: row.proved_at,
    provedBy: row.proved_by,
    demand: row.demanded_at ? 'proof' : row.lacks_factor ? 'second_factor' : null,
    seen: row.seen,
    emergencyUntil: row.emergency_until,
    tenant: { id: row.tenant_id, slug: row.slug, timeZone: row.time_zone, currency: row.currency },
    person: await toPerson(row),
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

/** Notes that the person of a session has just proved who they are; what was demanded of it is met. */
export async function noteProof(tx: Tx, id: string, provedBy: string, now: Date): Promise<void> {
  await tx.run(sql`update identity.session set proved_at = ${now}, proved_by = ${provedBy}, demanded_at = null
    where id = ${id}`);
}

/** Keeps where a session was last seen: the MAC to compare by and the sealed words for its owner. */
export async function labelSession(tx: Tx, id: string, seen: Buffer, label: Buffer): Promise<void> {
  await tx.run(sql`update identity.session set seen = ${seen}, label = ${label} where id = ${id}`);
}

/** A live session as its owner sees it. */
export interface ListedSession {
  id: string;
  createdAt: Date;
  lastUsedAt: Date;
  methods: string[];
  /** Sealed {@link labelSession}. */
  label: Buffer | null;
}

/** The live sessions of a person in a tenant, the last used first. */
export async function listSessions(tx: Tx, tenantId: string, personId: string, now: Date): Promise<ListedSession[]> {
  const idleSince = new Date(now.getTime() - sessionIdleDays * dayMs);
  return tx.many<ListedSession>(sql`select id, created_at as "createdAt", rotated_at as "lastUsedAt", methods, label
    from identity.session where tenant_id = ${tenantId} and person_id = ${personId} and ended_at is null
      and expires_at > ${now} and rotated_at > ${idleSince}
    order by rotated_at desc, id limit 100`);
}
