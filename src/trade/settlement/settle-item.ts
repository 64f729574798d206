import { todayIn } from '#clock';
import type { Context } from '#context';
import type { TenantTx } from '#db';
import { add, allocate, amountOf, compare, type Money, toDecimal } from '#money';
import { Problem } from '#problem';
import { findPeople } from '#security';
import { type JournalLine, settlementLines, writeOffLines } from './domain/journal.ts';
import { openAmount } from './domain/settlement-item.ts';
import { openLiability, settle } from './domain/settlement-ledger.ts';
import { insertSettlement, readMatches, type SettlementItem } from './item-store.ts';
import { insertJournal } from './journal-store.ts';
import { type LiabilityMovement, lockLiabilities, recordMovements } from './liability-store.ts';
import { openPeriodOn } from './period-store.ts';
import type { SettlementPorts } from './ports.ts';
import { type ItemChange, lockItem, requireValidPartSettled, saveChange } from './work-item.ts';

type Tx = TenantTx<Context>;

/** How a valid amount is paid. */
export type PaidBy = 'credit_memo' | 'check' | 'offset';

/** Throws `approval.limit_exceeded` where the amount is above the actor's personal limit or in another currency. */
async function requireWithinLimit(tx: Tx, amount: Money): Promise<void> {
  const [person] = await findPeople(tx, { ids: [tx.context.actor.id] });
  const limit = person?.active ? person.approvalLimit : undefined;
  if (limit === null) return;
  if (limit && limit.currency === amount.currency && compare(limit, amount) >= 0) return;
  throw new Problem('approval.limit_exceeded', {
    detail: `${amountOf(amount)} ${amount.currency} is above your limit of ${limit ? `${amountOf(limit)} ${limit.currency}` : 'nothing'}.`,
  });
}

/** Throws `approval.own_work` where the actor approved a promotion that the item is matched to. */
async function requireNotApprover(tx: Tx, ports: SettlementPorts, promotionIds: readonly string[]): Promise<void> {
  const approvers = await ports.approversOf(tx, [...new Set(promotionIds)]);
  if (approvers.has(tx.context.actor.id)) {
    throw new Problem('approval.own_work', { detail: 'Who approved the promotion does not settle its claims.' });
  }
}

/** The valid amount over the matched tactics, exactly, in proportion to what each answers for. */
async function settleTactics(tx: Tx, item: SettlementItem, amount: Money, options: { beyondLiability: boolean }) {
  const matches = await readMatches(tx, item);
  const shares = allocate(
    amount,
    matches.map((match) => toDecimal(match.amount)),
  );
  const liabilities = await lockLiabilities(
    tx,
    matches.map(({ tacticId }) => tacticId),
  );
  return matches.flatMap(({ tacticId }, index): LiabilityMovement[] => {
    const liability = liabilities.get(tacticId);
    const share = shares[index];
    if (!liability || !share || share.minor === 0n) return [];
    const after = { ...liability, ...settle(liability, share, options) };
    return [
      {
        kind: 'settle',
        amount: share,
        after: { ...after, beyond: liability.beyond || openLiability(after).minor < 0n },
      },
    ];
  });
}

/**
 * Settles the valid amount of a deduction (credit memo, offset) or claim (credit memo, check): Dr accrued trade
 * liability / Cr receivables or payables, in the open period. Once: the second of two people gets `state.conflict`.
 * Throws `approval.own_work`, `approval.limit_exceeded`, `rule.violated` beyond the open liability unless that is meant.
 */
export async function settleItem(
  context: Context,
  ports: SettlementPorts,
  change: ItemChange & { paidBy: PaidBy; beyondLiability: boolean; note: string },
): Promise<{ item: SettlementItem; settlementId: string; journalId: string }> {
  return context.db.transact(context, async (tx) => {
    const item = await lockItem(tx, change, 'settle');
    const amount = item.validAmount;
    if (!amount || item.settled.minor > 0n) throw new Problem('state.conflict', { detail: 'It is settled already.' });
    if (item.kind === 'deduction' && change.paidBy === 'check') {
      throw new Problem('rule.violated', { detail: 'The customer has the money of a deduction already: no check.' });
    }
    const matches = await readMatches(tx, item);
    await requireNotApprover(
      tx,
      ports,
      matches.map(({ promotionId }) => promotionId),
    );
    await requireWithinLimit(tx, amount);
    const movements = await settleTactics(tx, item, amount, change);
    const by = change.paidBy === 'check' ? 'payables' : 'receivables';
    const lines = movements.flatMap((movement) => settlementLines(movement.after, movement.amount, by));
    const journal = await prepare(tx, 'settlement', amount.currency, lines);
    await recordMovements(tx, journal, movements);
    const settlementId = await insertSettlement(tx, {
      ...{ itemId: item.id, kind: change.paidBy, amount, journalId: journal.id, note: change.note },
    });
    const settled = { ...item, settled: amount };
    const done = item.kind === 'claim' || openAmount(settled).minor === 0n;
    const state = done ? ('settled' as const) : item.state;
    const detail = { settlementId, paidBy: change.paidBy, settled: amountOf(amount) };
    const told = { happened: 'settled', reason: change.note, detail };
    const saved = await saveChange(tx, item, { settled: amount, state }, told);
    return { item: saved, settlementId, journalId: journal.id };
  });
}

async function prepare(tx: Tx, kind: 'settlement' | 'write_off', currency: string, lines: readonly JournalLine[]) {
  const { clock, tenant } = tx.context;
  const period = await openPeriodOn(tx, todayIn(clock, tenant.timeZone));
  const id = await insertJournal(tx, { kind, periodId: period.id, currency }, lines);
  return { id, periodId: period.id };
}

/** disputed → recovered: the customer paid the open amount back; it comes in through the receivables. */
export async function recoverItem(context: Context, change: ItemChange & { note: string }): Promise<SettlementItem> {
  return context.db.transact(context, async (tx) => {
    const item = await lockItem(tx, change, 'recover');
    const amount = openAmount(item);
    await insertSettlement(tx, { itemId: item.id, kind: 'recovery', amount, journalId: null, note: change.note });
    const recovered = add(item.recovered, amount);
    const told = { happened: 'recovered', reason: change.note, detail: { recovered: amountOf(amount) } };
    return saveChange(tx, item, { state: 'recovered', recovered }, told);
  });
}

/** → written_off: the open amount becomes an expense, within the actor's personal limit. */
export async function writeOffItem(context: Context, change: ItemChange & { note: string }): Promise<SettlementItem> {
  return context.db.transact(context, async (tx) => {
    const item = await lockItem(tx, change, 'write_off');
    requireValidPartSettled(item);
    const amount = openAmount(item);
    await requireWithinLimit(tx, amount);
    const subject = { customerId: item.customerId, promotionId: null, tacticId: null };
    const journal = await prepare(tx, 'write_off', amount.currency, writeOffLines(subject, amount));
    await insertSettlement(tx, {
      itemId: item.id,
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
