import { todayIn } from '#clock';
import type { Context } from '#context';
import type { TenantTx } from '#db';
import { add, amountOf, compare, fromJson, type Money, type MoneyJson, subtract, sum } from '#money';
import { Problem } from '#problem';
import { requireOtherHand } from '#security';
import { type JournalLine, writeOffLines } from '../books/domain/journal.ts';
import { insertJournal } from '../books/journal-store.ts';
import { openPeriodOn } from '../books/period-store.ts';
import { recordMovements } from '../books/record-movements.ts';
import type { SettlementPorts } from '../ports.ts';
import { dueWithoutTax, openAmount } from './domain/settlement-item.ts';
import {
  insertSettlement,
  readMatches,
  resolvedByActor,
  type SettlementItem,
  saveSettledMatches,
} from './item-store.ts';
import { requireWithinApprovalLimit, requireWithinWriteOffLimit } from './personal-limits.ts';
import { type DueItem, paidMatches, settleTactics } from './settle-tactics.ts';
import { type ItemChange, lockItem, requireValidPartSettled, saveChange } from './work-item.ts';

type Tx = TenantTx<Context>;

/** How a valid amount is paid. */
export type PaidBy = 'credit_memo' | 'check' | 'offset';

/** By whose authority money is settled: the actor's own, or a limit that somebody set for what needs no person. */
export type SettlingAuthority = 'actor' | { limit: Money; setBy: string };

/** What a settlement takes beside the item. */
export interface SettleTerms {
  paidBy: PaidBy;
  /** Says that paying more than is owed is meant: the excess is accrued with it, and the note must say why. */
  beyondLiability: boolean;
  note: string;
}

/** Throws `approval.own_work` where the settler approved a promotion that the item is matched to. */
async function requireNotApprover(tx: Tx, ports: SettlementPorts, promotionIds: readonly string[], settlerId: string) {
  const approvers = await ports.approversOf(tx, [...new Set(promotionIds)]);
  await requireOtherHand(tx, approvers, 'Who approved the promotion does not settle its claims.', settlerId);
}

/** Throws unless the settler's limit covers the sum, with what they settled before of the wholes that the items are parts of. */
async function requireAuthority(
  tx: Tx,
  authority: SettlingAuthority,
  items: readonly SettlementItem[],
  total: Money,
): Promise<void> {
  const earlier = await resolvedByActor(tx, items, ['credit_memo', 'check', 'offset'], total.currency);
  if (authority === 'actor') {
    await requireWithinApprovalLimit(tx, total, { earlier });
    return;
  }
  const { limit, setBy } = authority;
  if (limit.currency !== total.currency || compare(limit, add(total, earlier)) < 0) {
    throw new Problem('approval.limit_exceeded', { detail: 'It is above the limit of settlement without a person.' });
  }
  // Whoever set the limit may have lost their own since.
  await requireWithinApprovalLimit(tx, total, { personId: setBy, earlier });
}

/** Locks an item and says what is due. Throws `state.conflict` where it is settled already. */
async function lockDue(tx: Tx, change: ItemChange, paidBy: PaidBy): Promise<DueItem> {
  const item = await lockItem(tx, change, 'settle');
  const amount = subtract(item.validAmount ?? item.settled, item.settled);
  if (amount.minor <= 0n) throw new Problem('state.conflict', { detail: 'It is settled already.' });
  if (item.kind === 'deduction' && paidBy === 'check') {
    throw new Problem('rule.violated', { detail: 'The customer has the money of a deduction already: no check.' });
  }
  return { item, amount, matches: await readMatches(tx, item) };
}

/** What became of an item that was settled. */
export interface SettledItem {
  item: SettlementItem;
  settlementId: string;
  journalId: string;
}

/**
 * Settles what is valid and not settled of deductions (credit memo, offset) or claims (credit memo, check, offset) in one journal: Dr
 * accrued trade liability, and Dr tax for the tax in them / Cr receivables or payables, in the open period; all of them or
 * none. Once: the second of two people gets `state.conflict`. Throws `approval.own_work`, `approval.limit_exceeded` for their
 * sum, `rule.violated` beyond the open liability unless that is meant: then the journal accrues the excess too.
 */
export async function settleItems(
  context: Context,
  ports: SettlementPorts,
  changes: readonly ItemChange[],
  terms: SettleTerms,
): Promise<SettledItem[]> {
  return context.db.transact(context, (tx) => settleItemsIn(tx, ports, changes, terms, 'actor'));
}

/** {@link settleItems} inside the running transaction, by some authority. */
export async function settleItemsIn(
  tx: Tx,
  ports: SettlementPorts,
  changes: readonly ItemChange[],
  terms: SettleTerms,
  authority: SettlingAuthority,
): Promise<SettledItem[]> {
  if (new Set(changes.map(({ id }) => id)).size < changes.length) {
    throw new Problem('rule.violated', { detail: 'An item is named twice.' });
  }
  const due: DueItem[] = [];
  // In the order of their ids, so that nobody waits in a circle.
  for (const change of [...changes].sort((a, b) => (a.id < b.id ? -1 : 1)))
    due.push(await lockDue(tx, change, terms.paidBy));
  const [first] = due;
  if (!first) throw new Problem('rule.violated', { detail: 'There is nothing to settle.' });
  const { currency } = first.amount;
  if (due.some(({ amount }) => amount.currency !== currency)) throw new Problem('money.currency_mismatch');
  const promotionIds = due.flatMap(({ matches }) => matches.map(({ promotionId }) => promotionId));
  await requireNotApprover(tx, ports, promotionIds, authority === 'actor' ? tx.context.actor.id : authority.setBy);
  const total = sum(
    due.map(({ amount }) => amount),
    currency,
  );
  const items = due.map(({ item }) => item);
  await requireAuthority(tx, authority, items, total);
  const by = terms.paidBy === 'check' ? 'payables' : 'receivables';
  const { lines, movements, beyond } = await settleTactics(tx, due, currency, { ...terms, by });
  const journal = await prepare(tx, 'settlement', currency, lines);
  await recordMovements(tx, journal, movements);
  const accrued = beyond.minor > 0n ? { accruedBeyond: amountOf(beyond) } : {};
  const settled: SettledItem[] = [];
  for (const one of due) settled.push(await markSettled(tx, one, { journalId: journal.id, terms, accrued }));
  return settled;
}

async function markSettled(
  tx: Tx,
  due: DueItem,
  { journalId, terms, accrued }: { journalId: string; terms: SettleTerms; accrued: { accruedBeyond?: string } },
): Promise<SettledItem> {
  const { item, amount } = due;
  const { paidBy, note } = terms;
  const [, tax] = dueWithoutTax(item, amount);
  await saveSettledMatches(tx, item.id, paidMatches(due));
  const settlementId = await insertSettlement(tx, { item, kind: paidBy, amount, journalId, note });
  const settled = add(item.settled, amount);
  const after = { ...item, settled };
  const done = item.kind === 'claim' || openAmount(after).minor === 0n;
  const state = done ? ('settled' as const) : item.state;
  const detail = { settlementId, journalId, paidBy, settled: amountOf(amount), tax: amountOf(tax), ...accrued };
  const saved = await saveChange(tx, item, { settled, state }, { happened: 'settled', reason: note, detail });
  return { item: saved, settlementId, journalId };
}

/** {@link settleItems} of one item. */
export async function settleItem(
  context: Context,
  ports: SettlementPorts,
  { paidBy, beyondLiability, note, ...change }: ItemChange & SettleTerms,
): Promise<SettledItem> {
  const [settled] = await settleItems(context, ports, [change], { paidBy, beyondLiability, note });
  if (!settled) throw new Error('nothing was settled');
  return settled;
}

async function prepare(tx: Tx, kind: 'settlement' | 'write_off', currency: string, lines: readonly JournalLine[]) {
  const { clock, tenant } = tx.context;
  const period = await openPeriodOn(tx, todayIn(clock, tenant.timeZone));
  const id = await insertJournal(tx, { kind, periodId: period.id, currency }, lines);
  return { id, periodId: period.id };
}

/** What came back of a disputed item. Throws `rule.violated` where it is nothing or more than is open. */
function recoveredAmount(open: Money, given: MoneyJson | undefined): Money {
  if (!given) return open;
  const amount = fromJson(given);
  // Throws `money.currency_mismatch` in another currency.
  if (compare(amount, open) <= 0 && amount.minor > 0n) return amount;
  throw new Problem('rule.violated', {
    detail: `What was recovered must be above zero and at most the open ${amountOf(open)} ${open.currency}.`,
    errors: [{ path: 'amount', message: 'is out of range' }],
  });
}

/**
 * disputed → recovered: the customer paid the open amount back, or some of it, whereupon the rest stays disputed; it comes in
 * through the receivables.
 */
export async function recoverItem(
  context: Context,
  change: ItemChange & { amount?: MoneyJson | undefined; note: string },
): Promise<SettlementItem> {
  return context.db.transact(context, async (tx) => {
    const item = await lockItem(tx, change, 'recover');
    const open = openAmount(item);
    const amount = recoveredAmount(open, change.amount);
    await insertSettlement(tx, { item, kind: 'recovery', amount, journalId: null, note: change.note });
    const recovered = add(item.recovered, amount);
    const told = { happened: 'recovered', reason: change.note, detail: { recovered: amountOf(amount) } };
    const state = compare(amount, open) < 0 ? item.state : ('recovered' as const);
    return saveChange(tx, item, { state, recovered }, told);
  });
}

/** → written_off: the open amount becomes an expense, within the actor's personal limit. */
export async function writeOffItem(context: Context, change: ItemChange & { note: string }): Promise<SettlementItem> {
  return context.db.transact(context, async (tx) => {
    const item = await lockItem(tx, change, 'write_off');
    requireValidPartSettled(item);
    const amount = openAmount(item);
    const earlier = await resolvedByActor(tx, [item], ['write_off'], amount.currency);
    await requireWithinWriteOffLimit(tx, amount, { earlier });
    const subject = { customerId: item.customerId, promotionId: null, tacticId: null };
    const journal = await prepare(tx, 'write_off', amount.currency, writeOffLines(subject, amount));
    await insertSettlement(tx, {
      item,
      kind: 'write_off',
      amount,
      journalId: journal.id,
      note: change.note,
    });
    const writtenOff = add(item.writtenOff, amount);
    const told = { happened: 'written_off', reason: change.note, detail: { writtenOff: amountOf(amount) } };
    return saveChange(tx, item, { state: 'written_off', writtenOff }, told);
  });
}
