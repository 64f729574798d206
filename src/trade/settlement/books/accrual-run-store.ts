import type { Context } from '#context';
import { keysetPage, type ListRequest, type Page, type RawBuilder, sql, type TenantTx } from '#db';
import { type Money, moneyFromNumeric } from '#money';
import { notFound } from '#problem';

type Tx = TenantTx<Context>;

/** One preparation of a period's accruals and how far it is. */
export interface AccrualRun {
  id: string;
  periodId: string;
  /** `interrupted`: it stopped half-way; what its batches booked stands. */
  state: 'running' | 'finished' | 'interrupted' | 'cancelled';
  startedBy: string;
  startedAt: Date;
  heartbeatAt: Date;
  finishedAt: Date | null;
  batches: number;
  /** Tactics looked at, and movements booked. */
  tactics: number;
  movements: number;
}

const columns = sql`accrual_run.id, accrual_run.period_id as "periodId", accrual_run.state,
  accrual_run.started_by as "startedBy", accrual_run.started_at as "startedAt", accrual_run.heartbeat_at as "heartbeatAt",
  accrual_run.finished_at as "finishedAt", accrual_run.batches, accrual_run.tactics, accrual_run.movements`;

/** A page of runs, the latest first. */
export function listRuns(tx: Tx, request: ListRequest, where: RawBuilder<unknown>[]): Promise<Page<AccrualRun>> {
  const list = {
    ...{ columns, from: sql`settlement.accrual_run`, where },
    sortable: { startedAt: sql`accrual_run.started_at` },
    id: sql`accrual_run.id`,
    defaultSort: '-startedAt',
  };
  return keysetPage<AccrualRun>(tx, list, request);
}

/** A run by id. Throws `not_found`. */
export async function findRun(tx: Tx, id: string): Promise<AccrualRun> {
  const run = await tx.maybe<AccrualRun>(sql`select ${columns} from settlement.accrual_run where id = ${id}`);
  return run ?? notFound('accrual run', id);
}

/** A run by id, locked. Throws `not_found`. */
export async function lockRun(tx: Tx, id: string): Promise<AccrualRun> {
  const run = await tx.maybe<AccrualRun>(
    sql`select ${columns} from settlement.accrual_run where id = ${id} for update`,
  );
  return run ?? notFound('accrual run', id);
}

/** The run that is under way, if any, locked: a tenant has one at a time. */
export async function lockRunning(tx: Tx): Promise<AccrualRun | undefined> {
  return tx.maybe<AccrualRun>(sql`select ${columns} from settlement.accrual_run where state = 'running' for update`);
}

/** Begins a run of the actor. */
export async function insertRun(tx: Tx, periodId: string): Promise<AccrualRun> {
  const { tenant, actor, clock, newId } = tx.context;
  const now = clock.now();
  return tx.one<AccrualRun>(sql`
    insert into settlement.accrual_run (tenant_id, id, period_id, started_by, started_at, heartbeat_at)
    values (${tenant.id}, ${newId()}, ${periodId}, ${actor.id}, ${now}, ${now}) returning ${columns}`);
}

/** Holds a run for a batch and says that it lives; false where it does not run any more. */
export async function beatRun(tx: Tx, id: string): Promise<boolean> {
  const beaten = await tx.run(sql`update settlement.accrual_run set heartbeat_at = ${tx.context.clock.now()}
    where id = ${id} and state = 'running'`);
  return beaten === 1;
}

/** Adds a batch to a run that is held. */
export async function countBatch(tx: Tx, id: string, batch: { tactics: number; movements: number }): Promise<void> {
  await tx.run(sql`update settlement.accrual_run set batches = batches + 1, tactics = tactics + ${batch.tactics},
    movements = movements + ${batch.movements} where id = ${id}`);
}

/** Ends a running run; false where it did not run any more. */
export async function endRun(tx: Tx, id: string, state: Exclude<AccrualRun['state'], 'running'>): Promise<boolean> {
  const ended =
    await tx.run(sql`update settlement.accrual_run set state = ${state}, finished_at = ${tx.context.clock.now()}
    where id = ${id} and state = 'running'`);
  return ended === 1;
}

/** What the run that ended last booked, by `accrual/<tactic>` and `release/<tactic>`. */
export interface RunAmounts {
  run: { id: string; periodId: string; startedAt: Date } | null;
  amounts: Map<string, Money>;
}

/** The amounts of the run that ended last; a release is below zero. */
export async function lastRunAmounts(tx: Tx): Promise<RunAmounts> {
  const run = await tx.maybe<{ id: string; periodId: string; startedAt: Date }>(sql`
    select id, period_id as "periodId", started_at as "startedAt" from settlement.accrual_run
    where state <> 'running' and movements > 0 order by started_at desc, id desc limit 1`);
  if (!run) return { run: null, amounts: new Map() };
  const rows = await tx.many<{ key: string; amount: string; currency: string }>(sql`
    select case entry.kind when 'release' then 'release/' else 'accrual/' end || entry.tactic_id as key,
      case entry.kind when 'release' then -entry.amount else entry.amount end as amount, journal.currency
    from settlement.journal join settlement.accrual_entry entry on entry.journal_id = journal.id
    where journal.run_id = ${run.id}`);
  return { run, amounts: new Map(rows.map(({ key, amount, currency }) => [key, moneyFromNumeric(amount, currency)])) };
}
