import type { Context } from '#context';
import type { TenantTx } from '#db';
import type { Figure } from '#figure';
import { amountOf, type Money, toJson } from '#money';
import { openLiability } from '../books/domain/settlement-ledger.ts';
import { findLiabilities, type TacticLiability } from '../books/liability-store.ts';
import { type ItemMatch, readMatches, type SettlementItem } from './item-store.ts';

/** A match beside what its tactic has earned and still owes. */
export interface OwedMatch extends Omit<ItemMatch, 'settled'> {
  earned: Money | null;
  settled: Money | null;
  claimByOn: string | null;
  openLiability: Figure | null;
}

/** Earned − settled − released of a tactic, with where each comes from. */
function openFigure(owed: TacticLiability): Figure {
  const { currency, tacticId } = owed;
  const source = 'accrual entries';
  return {
    value: toJson(openLiability(owed)),
    unit: 'money',
    formula: 'open liability = earned − settled − released',
    formulaVersion: 'open-liability-1',
    inputs: [
      { name: `earned, ${currency}`, value: amountOf(owed.earned), source },
      { name: `settled, ${currency}`, value: amountOf(owed.settled), source },
      { name: `released, ${currency}`, value: amountOf(owed.released), source },
    ],
    rows: `/api/v1/accruals/entries?tacticId=${tacticId}`,
  };
}

/** The matches of an item with what their tactics owe. */
export async function readOwedMatches(tx: TenantTx<Context>, item: SettlementItem): Promise<OwedMatch[]> {
  const matches = await readMatches(tx, item);
  const liabilities = await findLiabilities(
    tx,
    matches.map(({ tacticId }) => tacticId),
  );
  const byTactic = new Map(liabilities.map((owed) => [owed.tacticId, owed]));
  return matches.map((match) => {
    const owed = byTactic.get(match.tacticId);
    return {
      ...match,
      earned: owed?.earned ?? null,
      settled: owed?.settled ?? null,
      claimByOn: owed?.claimByOn ?? null,
      openLiability: owed ? openFigure(owed) : null,
    };
  });
}
