import type { Context } from '#context';
import { keysetPage, type ListRequest, type Page, type RawBuilder, sql, type TenantTx } from '#db';
import { amountOf, type Money } from '#money';
import { type CheckbookColumn, checkbookColumns } from './domain/checkbook.ts';
import type { EntryKind, FundAccount } from './domain/fund.ts';

type Tx = TenantTx<Context>;

/** A movement of money between two accounts. */
export interface NewEntry {
  kind: EntryKind;
  from: { fundId: string; account: FundAccount };
  to: { fundId: string; account: FundAccount };
  amount: Money;
  promotionId?: string | undefined;
  tacticId?: string | undefined;
  transferId?: string | undefined;
  /** Whom and what the money is for; null: for nothing in particular. */
  customerId?: string | null | undefined;
  productId?: string | null | undefined;
  /** Business date it belongs to; today where absent. */
  on?: string | undefined;
  note?: string | undefined;
}

/** An entry with its id, its business date and the first day of the fiscal period around that. */
export interface DatedEntry extends NewEntry {
  id: string;
  on: string;
  periodStart: string;
}

/** SQL with every column of a checkbook in it. */
const each = (of: (column: string) => string) => sql.raw(checkbookColumns.map(of).join(', '));
const sums = each((column) => `sum(${column})::bigint as ${column}`);
const added = (table: string) => each((column) => `${column} = ${table}.${column} + excluded.${column}`);

/** Writes entries and adds them to the balances, in the running transaction. Call it with their funds locked. */
export async function insertEntries(tx: Tx, entries: readonly DatedEntry[]): Promise<void> {
  const { context } = tx;
  const rows = entries.map(({ from, to, amount, ...entry }) => ({
    ...entry,
    ...{ fromFundId: from.fundId, fromAccount: from.account, toFundId: to.fundId, toAccount: to.account },
    ...{ amount: amountOf(amount), currency: amount.currency, note: entry.note ?? '' },
  }));
  await tx.run(sql`
    insert into funds.entry (tenant_id, id, kind, from_fund_id, from_account, to_fund_id, to_account, amount, currency,
      promotion_id, tactic_id, transfer_id, customer_id, product_id, on_date, period_start, note, actor_id, occurred_at)
    select ${context.tenant.id}, e.id, e.kind, e."fromFundId", e."fromAccount", e."toFundId", e."toAccount", e.amount,
      e.currency, e."promotionId", e."tacticId", e."transferId", e."customerId", e."productId", e."on", e."periodStart",
      e.note, ${context.actor.id}::uuid, ${context.clock.now()}
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as e (id uuid, kind text, "fromFundId" uuid, "fromAccount" text,
      "toFundId" uuid, "toAccount" text, amount numeric, currency text, "promotionId" uuid, "tacticId" uuid,
      "transferId" uuid, "customerId" uuid, "productId" uuid, "on" date, "periodStart" date, note text)`);
  const ids = entries.map(({ id }) => id);
  const mine = sql`from funds.movement where tenant_id = ${context.tenant.id} and entry_id = any(${ids}::uuid[])`;
  await tx.run(sql`insert into funds.balance as kept
    select tenant_id, fund_id, customer_id, product_id, ${sums} ${mine}
    group by tenant_id, fund_id, customer_id, product_id order by fund_id, customer_id, product_id
    on conflict (tenant_id, fund_id, customer_id, product_id) do update set ${added('kept')}`);
  await tx.run(sql`insert into funds.monthly_balance as kept
    select tenant_id, fund_id, customer_id, product_id, period_start, month, ${sums} ${mine}
    group by tenant_id, fund_id, customer_id, product_id, period_start, month
    order by fund_id, customer_id, product_id, period_start, month
    on conflict (tenant_id, fund_id, customer_id, product_id, period_start, month) do update set ${added('kept')}`);
  await moveStandings(tx, ids);
}

/**
 * Adds entries to where their funds stand in their week, which begins with what stood before it, and in later weeks, which
 * there are only where clocks disagree about the beginning of one.
 */
async function moveStandings(tx: Tx, entryIds: readonly string[]): Promise<void> {
  const mine = sql`tenant_id = ${tx.context.tenant.id} and entry_id = any(${entryIds as string[]}::uuid[])`;
  const columns = sql.raw(`tenant_id, fund_id, week, dimension, key, ${checkbookColumns.join(', ')}`);
  await tx.run(sql`insert into funds.standing (${columns})
    select before.tenant_id, before.fund_id, moved.week, before.dimension, before.key, ${each((column) => `before.${column}`)}
    from (select distinct fund_id, week from funds.dimension_movement where ${mine}) moved
    join funds.standing before on before.tenant_id = ${tx.context.tenant.id} and before.fund_id = moved.fund_id
      and before.week = (select max(earlier.week) from funds.standing earlier where earlier.tenant_id = before.tenant_id
        and earlier.fund_id = before.fund_id and earlier.week <= moved.week)
    where before.week < moved.week`);
  await tx.run(sql`insert into funds.standing as kept (${columns})
    select tenant_id, fund_id, until.week, dimension, key, ${sums} from funds.dimension_movement moved
    cross join lateral (select moved.week union select later.week from funds.standing later
      where later.tenant_id = moved.tenant_id and later.fund_id = moved.fund_id and later.week > moved.week) until
    where ${mine} group by tenant_id, fund_id, until.week, dimension, key order by fund_id, until.week, dimension, key
    on conflict (tenant_id, fund_id, week, dimension, key) do update set ${added('kept')}`);
}

/** What a fund's first deposit says. */
export const openingNote = 'opening';

/** What funds were opened with, by id, as decimal strings; a fund that was opened empty is not there. */
export async function openingDeposits(tx: Tx, fundIds: readonly string[]): Promise<Map<string, string>> {
  const rows = await tx.many<{ fundId: string; amount: string }>(sql`
    select distinct on (to_fund_id) to_fund_id as "fundId", amount from funds.entry
    where to_fund_id = any(${fundIds as string[]}::uuid[]) and kind = 'deposit' and note = ${openingNote}
    order by to_fund_id, occurred_at, id`);
  return new Map(rows.map(({ fundId, amount }) => [fundId, amount]));
}

/** An entry as one fund sees it. */
export interface EntryRow {
  id: string;
  kind: EntryKind;
  fromFundId: string;
  fromAccount: FundAccount;
  toFundId: string;
  toAccount: FundAccount;
  amount: string;
  currency: string;
  promotionId: string | null;
  tacticId: string | null;
  transferId: string | null;
  customerId: string | null;
  productId: string | null;
  /** Business date. */
  onDate: string;
  note: string;
  actorId: string;
  occurredAt: Date;
  /** What it moved in the column that was asked for, scaled like the balances. */
  moved?: string;
}

/** What an entry moved in a column of its funds' checkbooks, or of one fund's. */
function movedIn({ column, fundId }: MovedColumn): RawBuilder<unknown> {
  const own = fundId === undefined ? sql`` : sql`and movement.fund_id = ${fundId}`;
  return sql`, (select coalesce(sum(movement.${sql.raw(column)}), 0)::bigint from funds.movement
    where movement.tenant_id = entry.tenant_id and movement.entry_id = entry.id ${own}) as moved`;
}

/** A column of a checkbook, of one fund or of all. */
export interface MovedColumn {
  column: CheckbookColumn;
  fundId?: string | undefined;
}

/** A page of entries by `where`, newest first; with what each moved in a column where one is named. */
export async function listEntries(
  tx: Tx,
  where: RawBuilder<unknown>[],
  request: ListRequest,
  moved?: MovedColumn,
): Promise<Page<EntryRow>> {
  return keysetPage<EntryRow>(
    tx,
    {
      columns: sql`entry.id, entry.kind, entry.from_fund_id as "fromFundId", entry.from_account as "fromAccount",
        entry.to_fund_id as "toFundId", entry.to_account as "toAccount", entry.amount, entry.currency,
        entry.promotion_id as "promotionId", entry.tactic_id as "tacticId", entry.transfer_id as "transferId",
        entry.customer_id as "customerId", entry.product_id as "productId", entry.on_date as "onDate", entry.note,
        entry.actor_id as "actorId", entry.occurred_at as "occurredAt" ${moved ? movedIn(moved) : sql``}`,
      from: sql`funds.entry`,
      where,
      sortable: { occurredAt: sql`entry.occurred_at` },
      id: sql`entry.id`,
      defaultSort: '-occurredAt',
    },
    request,
  );
}
