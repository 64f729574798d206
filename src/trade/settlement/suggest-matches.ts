import type { Context } from '#context';
import { customerAncestorsOfEach } from '#master-data';
import { type MatchSuggestion, suggestMatches } from './domain/match-suggestion.ts';
import { type ItemKind, openAmount } from './domain/settlement-item.ts';
import { openLiability } from './domain/settlement-ledger.ts';
import { findItem } from './item-store.ts';
import { findOpenLiabilities } from './liability-store.ts';

/** Tactics looked at for one item: the latest that still owe something. */
const candidateLimit = 5_000;
/** Suggestions shown. */
const shown = 20;

/** Tactics that may answer for a deduction or claim, best first, with reasons. Throws `not_found`. */
export async function suggestItemMatches(context: Context, kind: ItemKind, id: string): Promise<MatchSuggestion[]> {
  return context.db.read(context, async (tx) => {
    const item = await findItem(tx, kind, id);
    const wanted = { currency: item.amount.currency, startedBy: item.takenOn, limit: candidateLimit };
    const liabilities = await findOpenLiabilities(tx, wanted);
    const customers = [...new Set([item.customerId, ...liabilities.map(({ customerId }) => customerId)])];
    const lines = await customerAncestorsOfEach(tx, customers);
    const related = liabilities.filter(
      ({ customerId }) =>
        lines.get(item.customerId)?.includes(customerId) || lines.get(customerId)?.includes(item.customerId),
    );
    const { customerId, takenOn, category, reference, reasonCode, note } = item;
    const text = `${reference} ${reasonCode ?? ''} ${note}`;
    return suggestMatches(
      { customerId, takenOn, category, text, amount: openAmount(item) },
      related.map((liability) => ({ ...liability, openLiability: openLiability(liability) })),
    ).slice(0, shown);
  });
}
