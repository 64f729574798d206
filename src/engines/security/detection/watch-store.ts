import type { Context } from '#context';
import { type Database, sql, type TenantTx } from '#db';
import type { WatchedEvent } from './domain/watched-event.ts';
import { noTenantId } from './event-store.ts';

type Tx = TenantTx<Context>;

const eventColumns = sql`e.id, (extract(epoch from e.at) * 1000)::float8 as "atMs", e.kind, e.outcome,
  e.person_id as "personId", e.session_id as "sessionId", e.subject_id as "subjectId", e.network, e.device, e.account,
  e.detail`;

/** So many milliseconds from now by the database's clock: those of two processes may differ, and both would have the watch. */
const inMs = (ms: number) => sql`clock_timestamp() + ${ms} * interval '1 millisecond'`;

/** Takes or keeps the watch over a tenant for this process; false while another one has it. */
export async function holdWatch(tx: Tx, holder: string, forMs: number): Promise<boolean> {
  const held = await tx.run(sql`insert into security.watch (tenant_id, holder, held_until)
    values (${tx.context.tenant.id}, ${holder}, ${inMs(forMs)})
    on conflict (tenant_id) do update set holder = excluded.holder, held_until = ${inMs(forMs)}
      where watch.holder = excluded.holder or watch.held_until < clock_timestamp()`);
  return held === 1;
}

/** Keeps the watch over those tenants that this process still has; answers which. */
export async function keepWatches(
  db: Database,
  holder: string,
  tenantIds: readonly string[],
  forMs: number,
): Promise<Set<string>> {
  const rows = await db.system((tx) =>
    tx.many<{ id: string }>(sql`update security.watch set held_until = ${inMs(forMs)}
      where holder = ${holder} and tenant_id = any (${[...tenantIds]}::uuid[]) returning tenant_id as id`),
  );
  return new Set(rows.map(({ id }) => id));
}

/** Lets another process take the watch at once. */
export async function leaveWatch(tx: Tx, holder: string): Promise<void> {
  await tx.run(sql`update security.watch set held_until = ${new Date(0)} where holder = ${holder}`);
}

/** The tenants that have events which nobody has looked at. */
export async function tenantsWithNews(db: Database): Promise<string[]> {
  const rows = await db.system((tx) =>
    tx.many<{ tenantId: string }>(sql`select distinct tenant_id as "tenantId" from security.event_inbox`),
  );
  return rows.map(({ tenantId }) => tenantId);
}

/** What nobody has looked at, oldest first, and takes it out of the inbox of the running transaction. */
export async function takeNews(tx: Tx, limit: number): Promise<WatchedEvent[]> {
  return tx.many<WatchedEvent>(sql`with taken as (
      delete from security.event_inbox where (tenant_id, id) in (
        select tenant_id, id from security.event_inbox where tenant_id = ${tx.context.tenant.id} order by at, id limit ${limit})
      returning tenant_id, id, at)
    select ${eventColumns} from taken join security.event e using (tenant_id, id, at) order by e.at, e.id`);
}

/** Events of the past that were looked at already, oldest first, after a place in them. */
export async function readPast(
  tx: Tx,
  after: { at: Date; id: string },
  limit: number,
): Promise<(WatchedEvent & { at: Date })[]> {
  return tx.many<WatchedEvent & { at: Date }>(sql`select ${eventColumns}, e.at from security.event e
    where e.tenant_id = ${tx.context.tenant.id} and (e.at, e.id) > (${after.at}, ${after.id})
      and not exists (select from security.event_inbox i where i.tenant_id = e.tenant_id and i.id = e.id)
    order by e.at, e.id limit ${limit}`);
}

/** Attempts at accounts that nobody has, after a moment: they are the house's, every tenant's watch counts them. */
export async function readAttemptsAtNobody(db: Database, after: Date, limit: number): Promise<WatchedEvent[]> {
  return db.system((tx) =>
    tx.many<WatchedEvent>(sql`select ${eventColumns} from security.event e
      where e.tenant_id = ${noTenantId} and e.at > ${after} order by e.at, e.id limit ${limit}`),
  );
}

/** The roles of the tenant's people, by id: who has the same is a peer. */
export async function readPeerGroups(tx: Tx): Promise<Map<string, string>> {
  const rows = await tx.many<{ id: string; roles: string[] }>(
    sql`select person_id as id, roles from identity.membership`,
  );
  return new Map(rows.map(({ id, roles }) => [id, [...roles].sort().join(' ')]));
}

/** Makes this and the next month's partitions and drops those whose time is over. */
export async function tendMonths(db: Database, now: Date): Promise<void> {
  await db.system((tx) => tx.run(sql`select security.tend_event_months(${now})`));
}
