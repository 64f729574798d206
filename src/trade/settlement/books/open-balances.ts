import type { Context } from '#context';
import type { TenantTx } from '#db';
import { type FundSplit, reserveDifference, settleDifference } from '#funds';
import { productAncestorsOfEach } from '#master-data';
import { allocate, amountOf, roundToMoney, toDecimal } from '#money';
import { commonAbove, fundSharesOf, type Promotion } from '#promotions';
import { movementLines } from './domain/journal.ts';
import { accrue, settle } from './domain/settlement-ledger.ts';
import { insertJournal } from './journal-store.ts';
import {
  asKeptSplit,
  enterTactics,
  type LiabilityMovement,
  lockLiabilities,
  type TacticLiability,
} from './liability-store.ts';
import { insertOpeningBalances, type OpeningBalance } from './opening-balance-store.ts';
import { openPeriodOn } from './period-store.ts';
import { recordMovements } from './record-movements.ts';

type Tx = TenantTx<Context>;

/** A tactic with what it had committed, earned and settled before the books began. */
export interface OpenedTactic {
  promotion: Promotion;
  tactic: Promotion['tactics'][number];
  balance: OpeningBalance;
  /** The day that the balance is of. */
  asOf: string;
}

/** What each fund had committed: parts sum exactly, by largest remainder in the order of fund ids. */
function splitsOf(
  { promotion, tactic, balance }: OpenedTactic,
  productLines: ReadonlyMap<string, string[]>,
): FundSplit[] {
  const productId = commonAbove(tactic.productIds, productLines) ?? undefined;
  const funds = fundSharesOf(tactic).sort((a, b) => (a.fundId < b.fundId ? -1 : 1));
  const parts = allocate(
    balance.committed,
    funds.map(({ share }) => share),
  );
  return funds.map(({ fundId, fx }, index) => {
    const part = parts[index] ?? balance.committed;
    return {
      ...{ fundId, tacticId: tactic.id, customerId: promotion.customerId, productId, note: fx?.note },
      amount: amountOf(fx ? roundToMoney(toDecimal(part).times(fx.rate), fx.currency) : part),
    };
  });
}

/** Commits what the funds had committed for tactics of one promotion. Throws `fund.exceeded`. */
export async function commitOpened(tx: Tx, promotionId: string, opened: readonly OpenedTactic[]): Promise<void> {
  const productIds = opened.flatMap(({ tactic }) => tactic.productIds);
  const productLines = await productAncestorsOfEach(tx, [...new Set(productIds)]);
  const committed = opened.filter(({ balance }) => balance.committed.minor > 0n);
  const splits = committed.flatMap((one) => splitsOf(one, productLines));
  if (splits.length === 0) return;
  await reserveDifference(tx, promotionId, splits);
  await settleDifference(tx, promotionId, splits);
}

function movementsOf(liability: TacticLiability, { earned, settled }: OpeningBalance): LiabilityMovement[] {
  const owed = { ...liability, ...accrue(liability, earned) };
  if (settled.minor === 0n) return earned.minor === 0n ? [] : [{ kind: 'earn', amount: earned, after: owed }];
  const paid = { ...owed, ...settle(owed, settled, { beyondLiability: false }) };
  // Both movements lead to what stands after the second: they are stored together.
  return [
    { kind: 'earn', amount: earned, after: paid },
    { kind: 'settle', amount: settled, after: paid },
  ];
}

/**
 * Takes over tactics of one currency and day: the liabilities stand, the funds earn and pay what they had, and a journal
 * books it in the day's period, or the next one that is open (Dr opening balance / Cr accrued trade liability).
 */
export async function bookOpened(tx: Tx, opened: readonly OpenedTactic[]): Promise<void> {
  await enterTactics(
    tx,
    opened.map(({ promotion, tactic }) => ({
      ...{ tacticId: tactic.id, promotionId: promotion.id, promotionCode: promotion.code, mechanic: tactic.mechanic },
      ...{ customerId: promotion.customerId, currency: promotion.currency, startsOn: promotion.startsOn },
      ...{ claimByOn: promotion.claimByOn, fundSplit: asKeptSplit(fundSharesOf(tactic)) },
    })),
  );
  const liabilities = await lockLiabilities(
    tx,
    opened.map(({ tactic }) => tactic.id),
  );
  const movements = opened.flatMap(({ tactic, balance }) => {
    const liability = liabilities.get(tactic.id);
    return liability ? movementsOf(liability, balance) : [];
  });
  const [first] = opened;
  let journalId: string | null = null;
  if (first && movements.length > 0) {
    const period = await openPeriodOn(tx, first.asOf);
    const lines = movements.flatMap(({ kind, amount, after }) =>
      movementLines(after, 'open', kind === 'earn' ? amount : { ...amount, minor: -amount.minor }),
    );
    const { currency } = first.balance.earned;
    journalId = await insertJournal(tx, { kind: 'opening', periodId: period.id, currency }, lines);
    await recordMovements(tx, { id: journalId, periodId: period.id }, movements);
  }
  await insertOpeningBalances(
    tx,
    opened.map(({ balance }) => balance),
    journalId,
  );
}
