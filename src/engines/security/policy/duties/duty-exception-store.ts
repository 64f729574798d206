import { todayIn } from '#clock';
import type { Context } from '#context';
import { type Database, keysetPage, type ListRequest, type Page, type RawBuilder, sql, type TenantTx } from '#db';

type Tx = TenantTx<Context>;

/** How far an exception has come. */
export const exceptionStates = ['asked', 'granted', 'refused', 'ended'] as const;

/** Why somebody may hold both sides of a conflict for a while. */
export interface DutyException {
  id: string;
  personId: string;
  /** Code of the conflict. */
  conflict: string;
  reason: string;
  state: (typeof exceptionStates)[number];
  /** The last day on which it holds. */
  expiresOn: string;
  askedBy: string;
  askedAt: Date;
  decidedBy: string | null;
  decidedAt: Date | null;
  endedAt: Date | null;
  version: number;
}

const columns = sql`exception.id, exception.person_id as "personId", exception.conflict, exception.reason, exception.state,
  exception.expires_on as "expiresOn", exception.asked_by as "askedBy", exception.asked_at as "askedAt",
  exception.decided_by as "decidedBy", exception.decided_at as "decidedAt", exception.ended_at as "endedAt", exception.version`;

/** A page of exceptions, the latest first. */
export function listExceptions(
  tx: Tx,
  request: ListRequest,
  where: RawBuilder<unknown>[],
): Promise<Page<DutyException>> {
  const list = {
    columns,
    from: sql`identity.duty_exception exception`,
    where,
    sortable: { askedAt: sql`exception.asked_at`, expiresOn: sql`exception.expires_on` },
    id: sql`exception.id`,
    defaultSort: '-askedAt',
  };
  return keysetPage<DutyException>(tx, list, request);
}

/** One exception, locked for a change. */
export function lockException(tx: Tx, id: string): Promise<DutyException | undefined> {
  return tx.maybe(
    sql<DutyException>`select ${columns} from identity.duty_exception exception where id = ${id} for update`,
  );
}

const today = ({ context: { clock, tenant } }: Tx) => sql`${todayIn(clock, tenant.timeZone)}::date`;

/** Exceptions in force today, by person. */
export function exceptionsInForce(tx: Tx): Promise<DutyException[]> {
  return tx.many(sql<DutyException>`select ${columns} from identity.duty_exception exception
    where state = 'granted' and expires_on >= ${today(tx)} order by asked_at`);
}

/** Exceptions that were granted and whose last day is over. */
export function expiredExceptions(tx: Tx): Promise<DutyException[]> {
  return tx.many(sql<DutyException>`select ${columns} from identity.duty_exception exception
    where state = 'granted' and expires_on < ${today(tx)} order by expires_on, id`);
}

/** The tenants that have some of {@link expiredExceptions}. */
export async function tenantsWithExpired(db: Database, now: Date): Promise<string[]> {
  const rows = await db.system((tx) =>
    tx.many<{ id: string }>(sql`select distinct tenant.id from identity.tenant
      join identity.duty_exception exception on exception.tenant_id = tenant.id
      where state = 'granted' and expires_on < (${now}::timestamptz at time zone tenant.time_zone)::date`),
  );
  return rows.map(({ id }) => id);
}

/** Stores a new exception. */
export async function insertException(tx: Tx, one: DutyException): Promise<void> {
  await tx.run(sql`insert into identity.duty_exception (tenant_id, id, person_id, conflict, reason, state, expires_on, asked_by, asked_at)
    values (${tx.context.tenant.id}, ${one.id}, ${one.personId}, ${one.conflict}, ${one.reason}, ${one.state},
      ${one.expiresOn}::date, ${one.askedBy}, ${one.askedAt})`);
}

/** Overwrites what decisions change of an exception that the caller has locked. */
export async function updateException(tx: Tx, one: DutyException): Promise<void> {
  await tx.run(sql`update identity.duty_exception set state = ${one.state}, decided_by = ${one.decidedBy},
    decided_at = ${one.decidedAt}, ended_at = ${one.endedAt}, version = ${one.version} where id = ${one.id}`);
}
