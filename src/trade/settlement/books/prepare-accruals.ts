import { todayIn } from '#clock';
import type { Context } from '#context';
import type { TenantTx } from '#db';
import { Problem } from '#problem';
import type { EarningsPort } from '../ports.ts';
import { beginRun, finishRun, holdOpenPeriod, takeTurn } from './accrual-run.ts';
import { type AccrualRun, beatRun, countBatch } from './accrual-run-store.ts';
import type { EarningTactic } from './domain/accrual.ts';
import { accrualLines, type JournalLine, releaseLines } from './domain/journal.ts';
import { accrualDue, accrue, release, releaseDue } from './domain/settlement-ledger.ts';
import { earnedThrough, forecastThrough } from './earned-through.ts';
import { addToRunJournal } from './journal-store.ts';
import {
  asKeptSplit,
  awaitedOf,
  enterTactics,
  type LiabilityMovement,
  lockLiabilities,
  type NewLiability,
  overdueTactics,
  saveLiabilities,
  type TacticLiability,
} from './liability-store.ts';
import type { FiscalPeriod } from './period-store.ts';
import { recordMovements, tellFunds, tellInvoiced } from './record-movements.ts';

type Tx = TenantTx<Context>;

/** Liabilities released in one transaction. */
const releasesAtOnce = 500;

/** What the books keep of an earning tactic. */
export function asLiability(tactic: EarningTactic): NewLiability {
  const { tacticId, promotionId, promotionCode, customerId, mechanic, startsOn, currency, claimByOn } = tactic;
  const fundSplit = asKeptSplit(tactic.fundSplit);
  return { tacticId, promotionId, promotionCode, customerId, mechanic, startsOn, currency, claimByOn, fundSplit };
}

/** What is due for a tactic through a day, given what it owes so far. Throws `money.currency_mismatch`. */
export function findEarning(tactic: EarningTactic, liability: TacticLiability, on: string): LiabilityMovement {
  if (liability.currency !== tactic.currency) {
    throw new Problem('money.currency_mismatch', {
      detail: `Tactic ${tactic.tacticId} accrued in ${liability.currency} before, now in ${tactic.currency}.`,
    });
  }
  const amount = accrualDue(liability, earnedThrough(tactic, on));
  const forecast = forecastThrough(tactic, on);
  return { kind: 'earn', amount, after: { ...liability, ...accrue(liability, amount), forecast } };
}

/** Adds movements to the run's journal of their kind and currency, and the funds and liabilities follow. */
async function book(tx: Tx, run: AccrualRun, movements: readonly LiabilityMovement[]): Promise<void> {
  for (const currency of [...new Set(movements.map(({ amount }) => amount.currency))].sort()) {
    const some = movements.filter(({ amount }) => amount.currency === currency);
    const released = some[0]?.kind === 'release';
    const lines = some.flatMap(({ amount, after }): JournalLine[] =>
      released ? releaseLines(after, amount) : accrualLines(after, amount),
    );
    const journal = { kind: released ? ('release' as const) : ('accrual' as const), periodId: run.periodId, currency };
    const id = await addToRunJournal(tx, run.id, journal, lines);
    await recordMovements(tx, { id, periodId: run.periodId }, some);
  }
}

async function accrueTactics(tx: Tx, run: AccrualRun, period: FiscalPeriod, tactics: readonly EarningTactic[]) {
  const refunded = new Set(await enterTactics(tx, tactics.map(asLiability)));
  const liabilities = await lockLiabilities(
    tx,
    tactics.map(({ tacticId }) => tacticId),
  );
  const found = tactics.flatMap((tactic) => {
    const liability = liabilities.get(tactic.tacticId);
    return liability ? [findEarning(tactic, liability, period.endsOn)] : [];
  });
  const movements = found.filter(({ amount }) => amount.minor !== 0n);
  await book(tx, run, movements);
  // Actual volumes may take the place of a forecast to the cent, and funds may change for what is earned already.
  const still = found.filter(({ amount }) => amount.minor === 0n).map(({ after }) => after);
  await saveLiabilities(
    tx,
    still.filter(({ tacticId, forecast }) => forecast.minor !== liabilities.get(tacticId)?.forecast.minor),
  );
  await tellFunds(
    tx,
    run.periodId,
    still.filter(({ tacticId }) => refunded.has(tacticId)),
  );
  await tellInvoiced(tx, period, tactics);
  return movements.length;
}

/** One transaction of a run, unless it was cancelled or taken over in the meantime. */
function inBatch<T extends { tactics: number; movements: number }>(
  context: Context,
  run: AccrualRun,
  work: (tx: Tx, period: FiscalPeriod) => Promise<T>,
): Promise<T> {
  return context.db.transact(context, async (tx) => {
    await takeTurn(tx, run.id, 'batch');
    if (!(await beatRun(tx, run.id))) {
      throw new Problem('state.conflict', { detail: 'The run was cancelled, or taken over by somebody else.' });
    }
    const batch = await work(tx, await holdOpenPeriod(tx, run.periodId));
    await countBatch(tx, run.id, batch);
    return batch;
  });
}

async function bookEarnings(context: Context, ports: EarningsPort, run: AccrualRun): Promise<void> {
  let after: string | null = null;
  do {
    const from: string | null = after;
    const batch = await inBatch(context, run, async (tx, period) => {
      const range = { startsOn: period.startsOn, endsOn: period.endsOn };
      const { tactics, next } = await ports.readEarnings(tx, range, from);
      return { next, tactics: tactics.length, movements: await accrueTactics(tx, run, period, tactics) };
    });
    after = batch.next;
  } while (after !== null);
}

async function bookReleases(context: Context, run: AccrualRun): Promise<void> {
  const today = todayIn(context.clock, context.tenant.timeZone);
  for (let more = true; more; ) {
    const batch = await inBatch(context, run, async (tx, period) => {
      const [on = today] = [today, period.endsOn].sort();
      const due = await lockLiabilities(tx, await overdueTactics(tx, on, releasesAtOnce));
      const awaited = await awaitedOf(tx, [...due.keys()]);
      const movements = [...due.values()].flatMap((liability): LiabilityMovement[] => {
        const { tacticId, claimByOn } = liability;
        const amount = releaseDue(liability, { claimByOn, on, awaited: awaited.get(tacticId) });
        if (amount.minor === 0n) return [];
        return [{ kind: 'release', amount, after: { ...liability, ...release(liability, amount) } }];
      });
      await book(tx, run, movements);
      return { tactics: due.size, movements: movements.length };
    });
    more = batch.tactics === releasesAtOnce && batch.movements > 0;
  }
}

/**
 * Prepares the accruals of a period: what each tactic has earned through its end less what was accrued before, so that
 * late and restated facts fall into the next period that is not closed; then the release of what is past its claim-by
 * date. One journal per currency and kind, filled in batches that each commit whole; none when nothing is due. Where it
 * stops half-way, what was booked stands, and preparing again books the rest. Throws `state.conflict` for a closed period
 * and while another run is under way, `gl_mapping.missing` where the general ledger has no account.
 */
export async function prepareAccruals(context: Context, ports: EarningsPort, periodId: string): Promise<string[]> {
  const run = await beginRun(context, periodId);
  try {
    await bookEarnings(context, ports, run);
    await bookReleases(context, run);
  } catch (error) {
    await finishRun(context, run, 'interrupted').catch((failure: Error) => {
      // One that was cancelled or taken over has ended already; the first refusal is the one to tell.
      context.log.warn({ err: failure, runId: run.id }, 'an accrual run could not be ended');
    });
    throw error;
  }
  return finishRun(context, run, 'finished');
}
