import type { Context } from '#context';
import { keysetPage, type ListRequest, type Page, type RawBuilder, sql, type TenantTx } from '#db';
import { amountOf, type Money, moneyFromNumeric, zero } from '#money';
import { notFound } from '#problem';
import { scopeFilter } from '#scope';
import { itemScope } from '../settlement-scope.ts';
import type { ItemFlag } from './domain/item-flag.ts';
import { type ItemKind, type ItemState, shareOut, withoutTax } from './domain/settlement-item.ts';

type Tx = TenantTx<Context>;

/** A deduction or a claim. */
export interface SettlementItem {
  id: string;
  kind: ItemKind;
  customerId: string;
  reference: string;
  parentId: string | null;
  splitAt: Date | null;
  amount: Money;
  /** Tax inside the amount. */
  tax: Money;
  takenOn: string;
  disputeByOn: string;
  reasonCode: string | null;
  category: string | null;
  note: string;
  state: ItemState;
  validAmount: Money | null;
  settled: Money;
  recovered: Money;
  writtenOff: Money;
  flags: readonly ItemFlag[];
  /** Why it was found valid without proof of performance; null where there was proof or none is needed. */
  proofWaived: string | null;
  /** How many disputes of it were lost: after each it is reviewed anew and settled once more. */
  concessions: number;
  capturedBy: string;
  capturedAt: Date;
  version: number;
}

type MoneyKey = 'amount' | 'tax' | 'settled' | 'recovered' | 'writtenOff';
/** A row of {@link itemColumns}. */
export type ItemRow = Omit<SettlementItem, MoneyKey | 'validAmount'> &
  Record<MoneyKey, string> & { validAmount: string | null; currency: string };

/** Columns of `settlement.item` that {@link toItem} reads. */
export const itemColumns = sql`item.id, item.kind, item.customer_id as "customerId", item.reference, item.parent_id as "parentId",
  item.split_at as "splitAt", item.amount, item.tax, item.currency, item.taken_on as "takenOn",
  item.dispute_by_on as "disputeByOn", item.reason_code as "reasonCode", item.category, item.note, item.state,
  item.valid_amount as "validAmount", item.settled, item.recovered, item.written_off as "writtenOff", item.flags,
  item.proof_waived as "proofWaived", item.concessions, item.captured_by as "capturedBy", item.captured_at as "capturedAt", item.version`;

/** An item from its row. */
export function toItem({ currency, ...row }: ItemRow): SettlementItem {
  const amount = (text: string) => moneyFromNumeric(text, currency);
  return {
    ...row,
    amount: amount(row.amount),
    tax: amount(row.tax),
    validAmount: row.validAmount === null ? null : amount(row.validAmount),
    settled: amount(row.settled),
    recovered: amount(row.recovered),
    writtenOff: amount(row.writtenOff),
  };
}

/** An item of a kind by id, locked where it is to change. Throws `not_found`, also for an item of the other kind. */
export async function findItem(tx: Tx, kind: ItemKind, id: string, lock = false): Promise<SettlementItem> {
  const row = await tx.maybe<ItemRow>(sql`select ${itemColumns} from settlement.item
    where item.id = ${id} and item.kind = ${kind} ${lock ? sql`for update` : sql``}`);
  return row ? toItem(row) : notFound(kind, id);
}

/** The parts of a split. */
export async function findParts(tx: Tx, parentId: string): Promise<SettlementItem[]> {
  const rows = await tx.many<ItemRow>(
    sql`select ${itemColumns} from settlement.item where parent_id = ${parentId} order by item.id`,
  );
  return rows.map(toItem);
}

/** What is there already under the customer's number and day. */
export async function findCaptured(
  tx: Tx,
  key: { kind: ItemKind; customerId: string; reference: string; takenOn: string },
): Promise<SettlementItem | undefined> {
  const row = await tx.maybe<ItemRow>(sql`select ${itemColumns} from settlement.item where item.kind = ${key.kind}
    and customer_id = ${key.customerId} and reference = ${key.reference} and taken_on = ${key.takenOn}::date and parent_id is null`);
  return row && toItem(row);
}

/** Stores new items in one statement; answers how many were new (a reference and day may be taken). */
export async function insertItems(tx: Tx, items: readonly SettlementItem[]): Promise<number> {
  const rows = items.map(
    ({
      validAmount: _valid,
      settled: _settled,
      recovered: _recovered,
      writtenOff: _off,
      concessions: _rounds,
      ...item
    }) => ({
      ...item,
      ...{ amount: amountOf(item.amount), tax: amountOf(item.tax), currency: item.amount.currency },
    }),
  );
  return tx.run(sql`
    insert into settlement.item (tenant_id, id, kind, customer_id, reference, parent_id, amount, tax, currency, taken_on,
      dispute_by_on, reason_code, category, note, state, flags, captured_by, captured_at)
    select ${tx.context.tenant.id}, i.id, i.kind, i."customerId", i.reference, i."parentId", i.amount, i.tax, i.currency,
      i."takenOn", i."disputeByOn", i."reasonCode", i.category, i.note, i.state, i.flags, i."capturedBy",
      i."capturedAt"
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as i (id uuid, kind text, "customerId" uuid, reference text,
      "parentId" uuid, amount numeric, tax numeric, currency text, "takenOn" date, "disputeByOn" date, "reasonCode" text,
      category text, note text, state text, flags jsonb, "capturedBy" uuid, "capturedAt" timestamptz)
    on conflict do nothing`);
}

/** Overwrites what may change of a locked item and counts its version up. */
export async function saveItem(tx: Tx, item: SettlementItem): Promise<void> {
  await tx.run(sql`update settlement.item set split_at = ${item.splitAt}, reason_code = ${item.reasonCode},
    category = ${item.category}, note = ${item.note}, state = ${item.state},
    valid_amount = ${item.validAmount && amountOf(item.validAmount)}, settled = ${amountOf(item.settled)},
    recovered = ${amountOf(item.recovered)}, written_off = ${amountOf(item.writtenOff)},
    proof_waived = ${item.proofWaived}, concessions = ${item.concessions}, version = version + 1
    where id = ${item.id}`);
}

/** What a tactic answers for of an item. */
export interface ItemMatch {
  tacticId: string;
  promotionId: string;
  promotionCode: string;
  mechanic: string;
  amount: Money;
  /** What of it is paid. */
  settled: Money;
}

/** The matches of an item, by tactic. */
export async function readMatches(tx: Tx, item: SettlementItem): Promise<ItemMatch[]> {
  const rows = await tx.many<Omit<ItemMatch, 'amount' | 'settled'> & { amount: string; settled: string | null }>(sql`
    select match.tactic_id as "tacticId", liability.promotion_id as "promotionId",
      liability.promotion_code as "promotionCode", liability.mechanic, match.amount, match.settled
    from settlement.match join settlement.liability on liability.tactic_id = match.tactic_id
    where match.item_id = ${item.id} order by match.tactic_id`);
  const { currency } = item.amount;
  const matches = rows.map((row) => ({
    ...row,
    amount: moneyFromNumeric(row.amount, currency),
    settled: zero(currency),
  }));
  const [net] = withoutTax(item, item.settled);
  const shares = shareOut(net, matches);
  return matches.map((match, i) => {
    const kept = rows[i]?.settled ?? null;
    return { ...match, settled: kept === null ? (shares[i] ?? zero(currency)) : moneyFromNumeric(kept, currency) };
  });
}

/** Keeps what of each match of a locked item is paid. */
export async function saveSettledMatches(
  tx: Tx,
  itemId: string,
  matches: readonly Pick<ItemMatch, 'tacticId' | 'settled'>[],
): Promise<void> {
  for (const { tacticId, settled } of matches) {
    await tx.run(sql`update settlement.match set settled = ${amountOf(settled)}
      where item_id = ${itemId} and tactic_id = ${tacticId}`);
  }
}

/** Replaces the matches of a locked item. */
export async function replaceMatches(
  tx: Tx,
  item: SettlementItem,
  matches: readonly Pick<ItemMatch, 'tacticId' | 'amount' | 'settled'>[],
): Promise<void> {
  const { tenant, actor, clock } = tx.context;
  await tx.run(sql`delete from settlement.match where item_id = ${item.id}`);
  for (const { tacticId, amount, settled } of matches) {
    await tx.run(sql`insert into settlement.match (tenant_id, item_id, tactic_id, amount, settled, matched_by, matched_at)
      values (${tenant.id}, ${item.id}, ${tacticId}, ${amountOf(amount)}, ${amountOf(settled)}, ${actor.id},
        ${clock.now()})`);
  }
}

/** What resolved (part of) an item. */
export interface Settlement {
  id: string;
  itemId: string;
  itemKind: ItemKind;
  kind: 'credit_memo' | 'check' | 'offset' | 'write_off' | 'recovery';
  amount: string;
  currency: string;
  journalId: string | null;
  note: string;
  settledBy: string;
  settledAt: Date;
}

/** Stores a settlement and answers its id. */
export async function insertSettlement(
  tx: Tx,
  settlement: {
    item: Pick<SettlementItem, 'id' | 'concessions'>;
    kind: Settlement['kind'];
    amount: Money;
    journalId: string | null;
    note: string;
  },
): Promise<string> {
  const { tenant, actor, clock, newId } = tx.context;
  const id = newId();
  const { item } = settlement;
  await tx.run(sql`insert into settlement.settlement (tenant_id, id, item_id, round, kind, amount, currency, journal_id,
      note, settled_by, settled_at)
    values (${tenant.id}, ${id}, ${item.id}, ${item.concessions}, ${settlement.kind}, ${amountOf(settlement.amount)},
      ${settlement.amount.currency}, ${settlement.journalId}, ${settlement.note}, ${actor.id}, ${clock.now()})`);
  return id;
}

/**
 * What the actor paid or wrote off so far of items and of everything that was split from the same wholes, in the items' one
 * currency. Locks the wholes: two parts at once are judged one after the other.
 */
export async function resolvedByActor(
  tx: Tx,
  items: readonly SettlementItem[],
  kinds: readonly Settlement['kind'][],
  currency: string,
): Promise<Money> {
  const ids = items.map(({ id }) => id);
  const upwards = sql`recursive above as (
      select id, parent_id from settlement.item where id = any(${ids}::uuid[])
      union select item.id, item.parent_id from above join settlement.item on item.id = above.parent_id)`;
  await tx.run(sql`with ${upwards} select from settlement.item
    where id in (select id from above where parent_id is null) order by id for update of item`);
  const { amount } = await tx.one<{ amount: string }>(sql`with ${upwards}, family as (
      select id from above where parent_id is null
      union select item.id from family join settlement.item on item.parent_id = family.id)
    select coalesce(sum(amount), 0)::text as amount from settlement.settlement
    where item_id in (select id from family) and settled_by = ${tx.context.actor.id} and kind = any(${[...kinds]})`);
  return moneyFromNumeric(amount, currency);
}

/** A page of settlements, the latest first. */
export function listSettlements(tx: Tx, request: ListRequest, where: RawBuilder<unknown>[]): Promise<Page<Settlement>> {
  const list = {
    columns: sql`settlement.id, settlement.item_id as "itemId", item.kind as "itemKind", settlement.kind,
      settlement.amount, settlement.currency, settlement.journal_id as "journalId", settlement.note,
      settlement.settled_by as "settledBy", settlement.settled_at as "settledAt"`,
    from: sql`settlement.settlement join settlement.item on item.id = settlement.item_id`,
    where: [...where, scopeFilter(tx.context, itemScope)],
    sortable: { settledAt: sql`settlement.settled_at` },
    id: sql`settlement.id`,
    defaultSort: '-settledAt',
  };
  return keysetPage<Settlement>(tx, list, request);
}
