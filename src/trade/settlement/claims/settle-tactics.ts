import type { Context } from '#context';
import type { TenantTx } from '#db';
import { add, amountOf, type Money, subtract, sum } from '#money';
import { Problem } from '#problem';
import { accrualLines, type JournalLine, settlementLines, taxLines } from '../books/domain/journal.ts';
import { settle } from '../books/domain/settlement-ledger.ts';
import { type LiabilityMovement, lockLiabilities } from '../books/liability-store.ts';
import { dueWithoutTax, shareOut } from './domain/settlement-item.ts';
import type { ItemMatch, SettlementItem } from './item-store.ts';

type Tx = TenantTx<Context>;

/** An item that is ready to be paid: what is due of it, tax included, and the tactics that answer for the rest. */
export interface DueItem {
  item: SettlementItem;
  amount: Money;
  matches: ItemMatch[];
}

/** What paying items does to the books. */
export interface TacticPayment {
  lines: JournalLine[];
  movements: LiabilityMovement[];
  /** What was paid beyond the open liabilities, and is accrued with it. */
  beyond: Money;
}

/** The matches of an item with what of each is paid once the item is: amounts without tax, to the cent. */
export function paidMatches({ item, amount, matches }: DueItem): (ItemMatch & { pays: Money })[] {
  const [net] = dueWithoutTax(item, amount);
  const shares = shareOut(net, matches);
  return matches.map((match, i) => {
    const pays = shares[i]!;
    return { ...match, pays, settled: add(match.settled, pays) };
  });
}

/** What each tactic pays of all the items. */
function sharesOf(due: readonly DueItem[]): Map<string, Money> {
  const shares = new Map<string, Money>();
  for (const { tacticId, pays } of due.flatMap(paidMatches)) {
    if (pays.minor === 0n) continue;
    const before = shares.get(tacticId);
    shares.set(tacticId, before ? add(before, pays) : pays);
  }
  return shares;
}

/**
 * Takes items that are paid out of what their tactics owe, which is locked; the tax in them is nobody's trade spend. Throws
 * `rule.violated` beyond the open liability unless that is meant and the note says why: then the excess is accrued too.
 */
export async function settleTactics(
  tx: Tx,
  due: readonly DueItem[],
  currency: string,
  terms: { beyondLiability: boolean; note: string; by: 'receivables' | 'payables' },
): Promise<TacticPayment> {
  const shares = sharesOf(due);
  const liabilities = await lockLiabilities(tx, [...shares.keys()].sort());
  const lines: JournalLine[] = [];
  const movements: LiabilityMovement[] = [];
  for (const [tacticId, share] of shares) {
    const liability = liabilities.get(tacticId);
    if (!liability) throw new Error(`tactic ${tacticId} is matched and has no liability`);
    const after = { ...liability, ...settle(liability, share, terms) };
    const excess = subtract(after.earned, liability.earned);
    lines.push(...accrualLines(after, excess), ...settlementLines(after, share, terms.by));
    // Both movements lead to what stands after the second: they are stored together.
    if (excess.minor > 0n) movements.push({ kind: 'earn', amount: excess, after });
    movements.push({ kind: 'settle', amount: share, after });
  }
  for (const { item, amount } of due) {
    const [, tax] = dueWithoutTax(item, amount);
    lines.push(...taxLines({ customerId: item.customerId, promotionId: null, tacticId: null }, tax, terms.by));
  }
  const accrued = movements.filter(({ kind }) => kind === 'earn').map(({ amount }) => amount);
  const beyond = sum(accrued, currency);
  if (beyond.minor > 0n && terms.note === '') {
    throw new Problem('rule.violated', {
      detail: `Say why ${amountOf(beyond)} ${currency} more is paid than is owed.`,
      errors: [{ path: 'note', message: 'is needed to pay beyond the liability' }],
    });
  }
  return { lines, movements, beyond };
}
