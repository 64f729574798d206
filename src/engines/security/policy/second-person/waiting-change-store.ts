import type { Context } from '#context';
import { sql, type TenantTx } from '#db';

type Tx = TenantTx<Context>;

/** What may wait for a second person: a provider of single sign-on, how long entries are kept. */
export type WaitingKind = 'single_sign_on' | 'retention';

/** A change that one person asked for and another is to confirm. */
export interface WaitingChange<Body = unknown> {
  id: string;
  /** What it is about: a provider's id, a class of entries. */
  subjectId: string;
  body: Body;
  /** Sealed for its place here. */
  secret: Buffer | null;
  askedBy: string;
  askedAt: Date;
}

const columns = sql`id, subject_id as "subjectId", body, secret, asked_by as "askedBy", asked_at as "askedAt"`;

/** The changes of a kind that wait since `since` or later, the oldest first. */
export function listWaiting<Body>(tx: Tx, kind: WaitingKind, since: Date): Promise<WaitingChange<Body>[]> {
  return tx.many(sql<WaitingChange<Body>>`select ${columns} from identity.waiting_change
    where tenant_id = ${tx.context.tenant.id} and kind = ${kind} and state = 'waiting' and asked_at >= ${since}
    order by asked_at, id`);
}

/** A change that waits, locked. */
export function lockWaiting<Body>(
  tx: Tx,
  kind: WaitingKind,
  id: string,
  since: Date,
): Promise<WaitingChange<Body> | undefined> {
  return tx.maybe(sql<WaitingChange<Body>>`select ${columns} from identity.waiting_change
    where tenant_id = ${tx.context.tenant.id} and kind = ${kind} and id = ${id} and state = 'waiting'
      and asked_at >= ${since} for update`);
}

/** One wish about a subject at a time: the later one withdraws the earlier. */
export async function lockSubject(tx: Tx, kind: WaitingKind, subjectId: string): Promise<void> {
  const name = `identity.waiting_change:${tx.context.tenant.id}:${kind}:${subjectId}`;
  await tx.one(sql`select pg_advisory_xact_lock(hashtext(${name}))`);
}

/** Keeps a change until it is decided. */
export async function insertWaiting(tx: Tx, kind: WaitingKind, change: WaitingChange): Promise<void> {
  const { id, subjectId, body, secret, askedBy, askedAt } = change;
  await tx.run(sql`insert into identity.waiting_change (tenant_id, id, kind, subject_id, body, secret, asked_by, asked_at)
    values (${tx.context.tenant.id}, ${id}, ${kind}, ${subjectId}, ${JSON.stringify(body)}, ${secret}, ${askedBy}, ${askedAt})`);
}

/** Ends the wait of the changes of a subject, or of one by its id; their secrets go. Answers the ids. */
export async function decideWaiting(
  tx: Tx,
  kind: WaitingKind,
  which: { id: string } | { subjectId: string },
  state: 'confirmed' | 'withdrawn',
): Promise<string[]> {
  const { tenant, actor, clock } = tx.context;
  const those = 'id' in which ? sql`id = ${which.id}` : sql`subject_id = ${which.subjectId}`;
  const rows = await tx.many<{ id: string }>(sql`update identity.waiting_change
    set state = ${state}, decided_by = ${actor.id}, decided_at = ${clock.now()}, secret = null
    where tenant_id = ${tenant.id} and kind = ${kind} and state = 'waiting' and ${those} returning id`);
  return rows.map(({ id }) => id);
}

/** People whose access ends by itself: emergency access. */
export async function readEmergencyPeople(tx: Tx): Promise<Set<string>> {
  const rows = await tx.many<{ id: string }>(sql`select person_id as id from identity.membership
    where tenant_id = ${tx.context.tenant.id} and expires_at is not null`);
  return new Set(rows.map(({ id }) => id));
}
