import type { Context } from '#context';
import type { TenantTx } from '#db';
import { amountOf, compare, fromJson, type MoneyJson, sum } from '#money';
import { Problem } from '#problem';
import { findLiabilities } from '../books/liability-store.ts';
import { attachedPurposes } from './attachment-store.ts';
import { doubtful } from './domain/item-flag.ts';
import { missingProofs } from './domain/proof.ts';
import { reviewed, withoutTax } from './domain/settlement-item.ts';
import { type ItemMatch, readMatches, type SettlementItem } from './item-store.ts';
import { type ItemChange, lockItem, replacedReview, saveChange } from './work-item.ts';

/** What a review says. */
export interface ItemReview extends ItemChange {
  validAmount: MoneyJson;
  note: string;
  /** Why it is valid without the proof that its mechanics need. */
  withoutProof?: string | undefined;
}

function refuse(path: string, detail: string): never {
  throw new Problem('rule.violated', { detail, errors: [{ path, message: detail }] });
}

/** Throws `rule.violated` unless the proof that the matched mechanics need is attached, or waived with a reason. */
async function requireProof(
  tx: TenantTx<Context>,
  item: SettlementItem,
  matches: readonly ItemMatch[],
  withoutProof: string | undefined,
): Promise<string | null> {
  const liabilities = await findLiabilities(
    tx,
    matches.map(({ tacticId }) => tacticId),
  );
  const missing = missingProofs(
    liabilities.map(({ mechanic }) => mechanic),
    await attachedPurposes(tx, item.id),
  );
  if (missing.length === 0) return null;
  if (withoutProof) return withoutProof;
  refuse('withoutProof', `Attach ${missing.join(' and ').replaceAll('_', ' ')}, or say why it is valid without.`);
}

/** Throws `rule.violated` where an item that looks like a repeat or an audit claim is to be valid without a reason. */
function requireReason(item: SettlementItem, note: string): void {
  const doubt = item.flags.find(({ flag }) => (doubtful as readonly string[]).includes(flag));
  if (doubt && note === '') refuse('note', `Say why it is valid: ${doubt.reason}.`);
}

/**
 * → valid, partially_valid or invalid (with a reason); a review that nothing came of is replaced. What is valid, less the
 * tax in it, must be matched: no money is settled against nothing.
 */
export async function validateItem(context: Context, change: ItemReview): Promise<SettlementItem> {
  return context.db.transact(context, (tx) => validateItemIn(tx, change));
}

/** {@link validateItem} inside the running transaction. */
export async function validateItemIn(tx: TenantTx<Context>, change: ItemReview): Promise<SettlementItem> {
  const item = await lockItem(tx, change, 'validate');
  const validAmount = fromJson(change.validAmount);
  if (validAmount.currency !== item.amount.currency) throw new Problem('money.currency_mismatch');
  const state = reviewed(item, validAmount);
  const matches = await readMatches(tx, item);
  const matched = sum(
    matches.map(({ amount }) => amount),
    item.amount.currency,
  );
  const [net] = withoutTax(item, validAmount);
  if (compare(net, matched) > 0) {
    throw new Problem('rule.violated', {
      detail: `Only ${amountOf(matched)} is matched to tactics; ${amountOf(net)} is to be, without tax.`,
    });
  }
  if (state !== 'invalid') requireReason(item, change.note);
  else if (change.note === '') refuse('note', 'Say why nothing of it is valid.');
  const proofWaived = state === 'invalid' ? null : await requireProof(tx, item, matches, change.withoutProof);
  const detail = { validAmount: change.validAmount, proofWaived };
  const told = { happened: 'validated', reason: change.note, detail, replaced: replacedReview(item) };
  return saveChange(tx, item, { state, validAmount, proofWaived }, told);
}
