import type { Context } from '#context';
import type { TenantTx } from '#db';
import { amountOf, compare, type Money, toJson } from '#money';
import { Problem } from '#problem';
import { openLiability } from '../books/domain/settlement-ledger.ts';
import { findLiabilities } from '../books/liability-store.ts';
import type { SettlementPorts } from '../ports.ts';
import { attachedPurposes } from './attachment-store.ts';
import { readAutoSettlement } from './desk-settings-store.ts';
import { personNeeded } from './domain/auto-settlement.ts';
import type { MatchAnswer } from './domain/match-suggestion.ts';
import { missingProofs } from './domain/proof.ts';
import type { SettlementItem } from './item-store.ts';
import { settleItemsIn } from './settle-item.ts';
import { validateItemIn } from './validate-item.ts';
import { matchItemIn } from './work-item.ts';

type Tx = TenantTx<Context>;

/** The limit in force with who set it; null where nothing is settled without a person. */
export async function autoSettleLimit(tx: Tx): Promise<{ limit: Money; setBy: string } | null> {
  const setting = await readAutoSettlement(tx);
  return setting?.limit ? { limit: setting.limit, setBy: setting.setBy } : null;
}

/** Whether the one tactic still owes exactly the item's amount and its proof, where it needs one, is there. */
async function stillExact(tx: Tx, item: SettlementItem, tacticId: string): Promise<boolean> {
  const [liability] = await findLiabilities(tx, [tacticId]);
  if (!liability || liability.currency !== item.amount.currency) return false;
  if (compare(openLiability(liability), item.amount) !== 0) return false;
  return missingProofs([liability.mechanic], await attachedPurposes(tx, item.id)).length === 0;
}

/**
 * Matches, validates and settles a deduction whose evidence is exact, in one transaction; false where a person must look.
 * Whoever set the limit counts as the settler: where they approved the promotion, it is left to a person.
 */
export async function autoSettle(
  context: Context,
  ports: SettlementPorts,
  item: SettlementItem,
  answer: MatchAnswer,
  authority: { limit: Money; setBy: string },
): Promise<boolean> {
  const part = answer.first?.parts[0];
  // What was disputed once is never settled without a person, whoever was right.
  const unflagged = item.flags.length === 0 && item.state !== 'needs_research' && item.concessions === 0;
  // What a tactic owes exactly is no tax: with tax in it, the amount is not what is owed.
  const plain = item.kind === 'deduction' && item.tax.minor === 0n && unflagged;
  if (!plain || !part || personNeeded(answer, false) !== null) return false;
  if (authority.limit.currency !== item.amount.currency || compare(authority.limit, item.amount) < 0) return false;
  try {
    return await context.db.transact(context, async (tx) => {
      if (!(await stillExact(tx, item, part.tacticId))) return false;
      const change = { kind: item.kind, id: item.id, ifMatch: item.version };
      const amount = toJson(item.amount);
      const matched = await matchItemIn(tx, { ...change, matches: [{ tacticId: part.tacticId, amount }] });
      const note = `exact evidence: ${part.promotionCode}, ${amountOf(item.amount)} ${item.amount.currency} owed`;
      const review = { ...change, ifMatch: matched.version, validAmount: amount, note };
      const valid = await validateItemIn(tx, review);
      const terms = { paidBy: 'offset', beyondLiability: false, note } as const;
      await settleItemsIn(tx, ports, [{ ...change, ifMatch: valid.version }], terms, authority);
      return true;
    });
  } catch (error) {
    // Somebody was quicker, or a rule keeps it for a person: it stays in the queue as it was.
    if (error instanceof Problem && error.status < 500) return false;
    throw error;
  }
}
