import { todayIn } from '#clock';
import type { Context } from '#context';
import { sql, type TenantTx } from '#db';
import { Problem } from '#problem';
import { recordChange } from '../settlement-events.ts';
import { type AccrualRun, endRun, insertRun, lockRun, lockRunning } from './accrual-run-store.ts';
import { finishRunJournals } from './journal-store.ts';
import { type FiscalPeriod, hasLaterAccruals, lockPeriod } from './period-store.ts';

type Tx = TenantTx<Context>;

/** A batch takes under a second: a run that was silent for so long has lost its process. */
const silentMs = 15_000;

/** Begins are decided one after another. */
async function lockBegin(tx: Tx): Promise<void> {
  const key = `settlement.accruals:${tx.context.tenant.id}`;
  await tx.run(sql`select pg_advisory_xact_lock(hashtextextended(${key}, 0))`);
}

/**
 * A batch's turn of its run, or all of them for who cancels it: locks of this kind are given in the order in which they
 * were asked for, those of rows are not, and quick batches would keep a cancellation waiting to the end.
 */
export async function takeTurn(tx: Tx, runId: string, whose: 'batch' | 'cancel'): Promise<void> {
  const key = sql`hashtextextended(${`settlement.accrual_run:${runId}`}, 0)`;
  await tx.run(
    whose === 'batch' ? sql`select pg_advisory_xact_lock_shared(${key})` : sql`select pg_advisory_xact_lock(${key})`,
  );
}

function requireNotClosed(period: FiscalPeriod): void {
  if (period.state !== 'closed') return;
  throw new Problem('state.conflict', {
    detail: 'The period is closed and takes nothing: late facts go to the next open one.',
  });
}

/** The period of a batch, held against closing. Throws `state.conflict` where it is closed. */
export async function holdOpenPeriod(tx: Tx, periodId: string): Promise<FiscalPeriod> {
  const period = await lockPeriod(tx, periodId, 'share');
  requireNotClosed(period);
  return period;
}

/** Throws unless a period can be accrued now: `state.conflict` when closed or passed by, `rule.violated` when it has not begun. */
export async function requireAccruable(tx: Tx, period: FiscalPeriod): Promise<void> {
  requireNotClosed(period);
  // Earlier than what was accrued already, the difference would take earned money back.
  if (await hasLaterAccruals(tx, period)) {
    throw new Problem('state.conflict', { detail: 'A later period has accrued already: late facts go there.' });
  }
  if (todayIn(tx.context.clock, tx.context.tenant.timeZone) < period.startsOn) {
    throw new Problem('rule.violated', { detail: 'The period has not begun.' });
  }
}

/** Ends a run, whose journals are ready for approval with what its batches booked. Answers their ids. */
async function end(tx: Tx, run: AccrualRun, state: Exclude<AccrualRun['state'], 'running'>): Promise<string[]> {
  if (!(await endRun(tx, run.id, state))) {
    throw new Problem('state.conflict', { detail: 'The run was cancelled, or taken over by somebody else.' });
  }
  const journalIds = await finishRunJournals(tx, run.id);
  await recordChange(tx, {
    ...{ entityType: 'accrual_run', entityId: run.id, happened: state },
    before: { state: 'running' },
    after: { state, periodId: run.periodId, journalIds },
  });
  return journalIds;
}

/**
 * Begins a run of a period. One at a time: throws `state.conflict` while another is under way; one whose process died is
 * ended first, what it booked stands, and the new run books what is left.
 */
export async function beginRun(context: Context, periodId: string): Promise<AccrualRun> {
  return context.db.transact(context, async (tx) => {
    await lockBegin(tx);
    await requireAccruable(tx, await lockPeriod(tx, periodId, 'share'));
    const other = await lockRunning(tx);
    if (other) {
      if (context.clock.now().getTime() - other.heartbeatAt.getTime() < silentMs) {
        throw new Problem('state.conflict', {
          detail: `Accruals are being prepared: ${other.tactics} tactics in ${other.batches} batches so far. Wait, or cancel that run.`,
          extra: { runId: other.id },
        });
      }
      await end(tx, other, 'interrupted');
    }
    return insertRun(tx, periodId);
  });
}

/** Ends the actor's own run. Throws `state.conflict` where it does not run any more. */
export function finishRun(context: Context, run: AccrualRun, state: 'finished' | 'interrupted'): Promise<string[]> {
  return context.db.transact(context, (tx) => end(tx, run, state));
}

/** Stops a run after the batch at hand: what was booked stands, in journals that are ready for approval. */
export async function cancelRun(context: Context, id: string): Promise<AccrualRun> {
  return context.db.transact(context, async (tx) => {
    await takeTurn(tx, id, 'cancel');
    await end(tx, await lockRun(tx, id), 'cancelled');
    return lockRun(tx, id);
  });
}
