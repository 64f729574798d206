import type { Context } from '#context';
import { type Database, keysetPage, type ListRequest, type Page, sql, type TenantTx } from '#db';
import type { Timer } from './timers.ts';

/** A timer that the loop has to take in hand. */
export interface NextTimer {
  tenantId: string;
  id: string;
  subjectId: string;
  /** When it fires next: its due moment, or that of the next try. */
  at: Date;
}

/** A timer that waits for a further try, or has been given up. */
export interface FailedTimer extends Timer {
  attempts: number;
  error: string;
  /** When it is tried again; null once it has been given up. */
  retryAt: Date | null;
  /** When it was given up; null while it is tried. */
  failedAt: Date | null;
}

/** After so many tries a timer is given up; the pauses between them double from a second to five minutes. */
const maxAttempts = 10;
const longestPauseS = 300;

const fireAt = sql`coalesce(retry_at, due_at)`;

/** What fires next until an instant, of all tenants, earliest first. */
export function nextTimers(db: Database, until: Date, limit: number): Promise<NextTimer[]> {
  return db.system((tx) =>
    tx.many<NextTimer>(sql`select tenant_id as "tenantId", id, subject_id as "subjectId", ${fireAt} as at from timer.timer
      where failed_at is null and ${fireAt} <= ${until} order by ${fireAt} limit ${limit}`),
  );
}

/** Takes due timers out, in the order asked for; not those that another transaction has in hand, and not what is gone or put off. */
export function takeTimers(tx: TenantTx<Context>, ids: readonly string[]): Promise<Timer[]> {
  return tx.many<Timer>(sql`
    with due as (
      select id from timer.timer where id = any(${ids as string[]}::uuid[]) and failed_at is null
        and ${fireAt} <= ${tx.context.clock.now()} for update skip locked),
    taken as (delete from timer.timer where id = any(array(select id from due)) returning *)
    select id, kind, subject_id as "subjectId", due_at as "dueAt", data from taken
    order by array_position(${ids as string[]}::uuid[], id)`);
}

/** Puts a timer off that failed, or gives it up; answers it in the second case. */
export function putOffTimer(tx: TenantTx<Context>, id: string, error: string): Promise<Timer | undefined> {
  const now = tx.context.clock.now();
  return tx.maybe<Timer>(sql`
    with put_off as (
      update timer.timer set attempts = attempts + 1, error = ${error},
        retry_at = ${now}::timestamptz + make_interval(secs => least(power(2, attempts), ${longestPauseS})),
        failed_at = case when attempts + 1 >= ${maxAttempts} then ${now}::timestamptz end
      where id = ${id} returning *)
    select id, kind, subject_id as "subjectId", due_at as "dueAt", data from put_off where failed_at is not null`);
}

const failedColumns = sql`timer.id, timer.kind, timer.subject_id as "subjectId", timer.due_at as "dueAt", timer.data,
  timer.attempts, timer.error, case when timer.failed_at is null then timer.retry_at end as "retryAt",
  timer.failed_at as "failedAt"`;

/** Timers of the tenant that were given up, or those that are tried again; the latest first unless told otherwise. */
export function listFailedTimers(
  tx: TenantTx<Context>,
  state: 'failed' | 'retrying',
  request: ListRequest,
): Promise<Page<FailedTimer>> {
  const isFailed = state === 'failed';
  return keysetPage<FailedTimer>(
    tx,
    {
      columns: failedColumns,
      from: sql`timer.timer timer`,
      where: isFailed ? [sql`failed_at is not null`] : [sql`failed_at is null`, sql`retry_at is not null`],
      sortable: { dueAt: sql`timer.due_at`, ...(isFailed ? { failedAt: sql`timer.failed_at` } : {}) },
      id: sql`timer.id`,
      defaultSort: isFailed ? '-failedAt' : '-dueAt',
    },
    request,
  );
}

/** Lets a timer that was given up try anew, at once; undefined where there is none such. */
export function retryTimer(tx: TenantTx<Context>, id: string): Promise<FailedTimer | undefined> {
  return tx.maybe<FailedTimer>(sql`
    update timer.timer set attempts = 0, failed_at = null, retry_at = ${tx.context.clock.now()}
    where id = ${id} and failed_at is not null returning ${failedColumns}`);
}
