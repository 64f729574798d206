import { todayIn } from '#clock';
import type { Context } from '#context';
import type { TenantTx } from '#db';
import { emit } from '#events';
import { recordEarned, recordPaid, type TacticMoney } from '#funds';
import { Decimal, type Money, subtract, zero } from '#money';
import { moneyThrough } from '#performance';
import type { EarningTactic } from './domain/accrual.ts';
import { isOnInvoice } from './earned-through.ts';
import { clearedPromotions, insertMovements, type LiabilityMovement, type TacticLiability } from './liability-store.ts';
import { findPeriod } from './period-store.ts';

type Tx = TenantTx<Context>;

/** The business date of what is booked now into a period: today, or the nearest day of the period. */
async function bookedOn(tx: Tx, periodId: string): Promise<string> {
  const { startsOn, endsOn } = await findPeriod(tx, periodId);
  const today = todayIn(tx.context.clock, tx.context.tenant.timeZone);
  const [, nearest = today] = [startsOn, today, endsOn].sort();
  return nearest;
}

const moneyOf = (of: TacticLiability, amount: Money, on: string): TacticMoney => ({
  ...{ promotionId: of.promotionId, tacticId: of.tacticId, amount, on },
  fundSplit: of.fundSplit.map(({ fundId, share, fx }) => ({
    ...{ fundId, share: new Decimal(share) },
    ...(fx ? { fx: { ...fx, rate: new Decimal(fx.rate) } } : {}),
  })),
});

/**
 * Brings the checkbooks to what was given on invoices through a day, by tactics that never accrue: Earned and Paid at
 * once. Forecast volumes do not count: no invoice has been written for them.
 */
export async function tellInvoiced(
  tx: Tx,
  period: { id: string; endsOn: string },
  tactics: readonly EarningTactic[],
): Promise<void> {
  const invoiced = tactics.filter((tactic) => isOnInvoice(tactic) && tactic.fundSplit.length > 0);
  if (invoiced.length === 0) return;
  const on = await bookedOn(tx, period.id);
  const given = invoiced.map((tactic): TacticMoney => {
    const volumes = tactic.volumes.filter(({ forecast }) => !forecast);
    const amount = moneyThrough({ ...tactic, volumes }, period.endsOn);
    const { promotionId, tacticId, fundSplit } = tactic;
    // Returns may take more off than was ever given.
    return { promotionId, tacticId, fundSplit, on, amount: amount.minor < 0n ? zero(amount.currency) : amount };
  });
  await recordEarned(tx, given);
  await recordPaid(tx, given);
}

/** Brings the checkbooks to what tactics have earned (less what was released) and were paid. */
export async function tellFunds(tx: Tx, periodId: string, liabilities: readonly TacticLiability[]): Promise<void> {
  const on = await bookedOn(tx, periodId);
  // What was accrued before liabilities knew their funds has none until its promotion is accrued again.
  const funded = liabilities.filter(({ fundSplit }) => fundSplit.length > 0);
  await recordEarned(
    tx,
    funded.map((of) => moneyOf(of, subtract(of.earned, of.released), on)),
  );
  await recordPaid(
    tx,
    funded.map((of) => moneyOf(of, of.settled, on)),
  );
}

/**
 * Writes movements of one journal with the liabilities they lead to, which must be locked; the funds' Earned and Paid
 * follow. `settlement.promotion.cleared` tells of promotions that owe nothing any more.
 */
export async function recordMovements(
  tx: Tx,
  journal: { id: string; periodId: string },
  movements: readonly LiabilityMovement[],
): Promise<void> {
  await insertMovements(tx, journal, movements);
  // Several movements of one tactic all carry what stands after the last of them.
  const touched = new Map(movements.map(({ after }) => [after.tacticId, after]));
  await tellFunds(tx, journal.periodId, [...touched.values()]);
  const lessened = movements.filter(({ kind, amount }) => kind !== 'earn' || amount.minor < 0n);
  const ids = [...new Set(lessened.map(({ after }) => after.promotionId))];
  for (const id of await clearedPromotions(tx, ids)) {
    await emit(tx, {
      ...{ type: 'settlement.promotion.cleared', subjectType: 'promotion', subjectId: id },
      data: { promotionId: id, periodId: journal.periodId },
    });
  }
}
