import type { Context } from '#context';
import { keysetPage, type ListRequest, type Page, type RawBuilder, sql, type TenantTx } from '#db';
import { amountOf, type Money, moneyFromNumeric } from '#money';
import type { Checkbook } from './domain/checkbook.ts';
import type { Fund, FundAccount } from './domain/fund.ts';

type Tx = TenantTx<Context>;

/** A movement of money between two accounts. */
export interface NewEntry {
  kind: 'deposit' | 'transfer' | 'reserve' | 'commit' | 'release' | 'earn' | 'pay' | 'adjust';
  from: { fundId: string; account: FundAccount };
  to: { fundId: string; account: FundAccount };
  amount: Money;
  promotionId?: string | undefined;
  tacticId?: string | undefined;
  note?: string | undefined;
}

const fundColumns = sql`fund.id, fund.code, fund.name, fund.kind, fund.currency, fund.customer_id as "customerId",
  fund.product_id as "productId", fund.valid_from as "validFrom", fund.valid_to as "validTo", fund.version`;

export async function findFunds(tx: Tx, ids: readonly string[]): Promise<Fund[]> {
  return tx.many<Fund>(sql`select ${fundColumns} from funds.fund where id = any(${ids as string[]}::uuid[])`);
}

export async function findFundsByCode(tx: Tx, codes: readonly string[]): Promise<Fund[]> {
  return tx.many<Fund>(sql`select ${fundColumns} from funds.fund where code = any(${codes as string[]})`);
}

/** Every fund, by code. */
export async function allFunds(tx: Tx): Promise<Fund[]> {
  return tx.many<Fund>(sql`select ${fundColumns} from funds.fund order by code`);
}

/** Locks funds in the order of their ids, so that two transactions never wait for each other in a circle. */
export async function lockFunds(tx: Tx, ids: readonly string[]): Promise<Fund[]> {
  return tx.many<Fund>(
    sql`select ${fundColumns} from funds.fund where id = any(${ids as string[]}::uuid[]) order by id for update`,
  );
}

export async function listFunds(tx: Tx, request: ListRequest, where: RawBuilder<unknown>[]): Promise<Page<Fund>> {
  return keysetPage<Fund>(
    tx,
    {
      columns: fundColumns,
      from: sql`funds.fund`,
      where,
      sortable: { code: sql`fund.code`, name: sql`fund.name collate "C"`, validFrom: sql`fund.valid_from` },
      id: sql`fund.id`,
      defaultSort: 'code',
    },
    request,
  );
}

export async function insertFund(tx: Tx, fund: Fund): Promise<boolean> {
  const rows = await tx.run(sql`
    insert into funds.fund (tenant_id, id, code, name, kind, currency, customer_id, product_id, valid_from, valid_to, created_at)
    values (${tx.context.tenant.id}, ${fund.id}, ${fund.code}, ${fund.name}, ${fund.kind}, ${fund.currency},
      ${fund.customerId}, ${fund.productId}, ${fund.validFrom}, ${fund.validTo}, ${tx.context.clock.now()})
    on conflict (tenant_id, code) do nothing`);
  return rows === 1;
}

export async function updateFund(tx: Tx, fund: Fund): Promise<void> {
  await tx.run(sql`update funds.fund set name = ${fund.name}, valid_from = ${fund.validFrom}, valid_to = ${fund.validTo},
    version = ${fund.version} where id = ${fund.id}`);
}

export async function insertEntry(tx: Tx, entry: NewEntry): Promise<string> {
  const { context } = tx;
  const id = context.newId();
  await tx.run(sql`
    insert into funds.entry (tenant_id, id, kind, from_fund_id, from_account, to_fund_id, to_account, amount, currency,
      promotion_id, tactic_id, note, actor_id, occurred_at)
    values (${context.tenant.id}, ${id}, ${entry.kind}, ${entry.from.fundId}, ${entry.from.account}, ${entry.to.fundId},
      ${entry.to.account}, ${amountOf(entry.amount)}, ${entry.amount.currency}, ${entry.promotionId ?? null},
      ${entry.tacticId ?? null}, ${entry.note ?? ''}, ${context.actor.id}, ${context.clock.now()})`);
  return id;
}

/** What a tactic holds of a fund, as stored: decimal strings. */
export interface HoldRow {
  fundId: string;
  promotionId: string;
  tacticId: string;
  planned: string;
  reserved: string;
  committed: string;
  earned: string;
  paid: string;
}

const holdColumns = sql`fund_id as "fundId", promotion_id as "promotionId", tactic_id as "tacticId", planned, reserved,
  committed, earned, paid`;

export async function holdsOfPromotion(tx: Tx, promotionId: string): Promise<HoldRow[]> {
  return tx.many<HoldRow>(
    sql`select ${holdColumns} from funds.hold where promotion_id = ${promotionId} order by fund_id, tactic_id`,
  );
}

export async function saveHold(tx: Tx, hold: HoldRow): Promise<void> {
  await tx.run(sql`
    insert into funds.hold (tenant_id, fund_id, promotion_id, tactic_id, planned, reserved, committed, earned, paid)
    values (${tx.context.tenant.id}, ${hold.fundId}, ${hold.promotionId}, ${hold.tacticId}, ${hold.planned},
      ${hold.reserved}, ${hold.committed}, ${hold.earned}, ${hold.paid})
    on conflict (tenant_id, fund_id, promotion_id, tactic_id) do update set planned = excluded.planned,
      reserved = excluded.reserved, committed = excluded.committed, earned = excluded.earned, paid = excluded.paid`);
}

export async function deleteEmptyHolds(tx: Tx, promotionId: string): Promise<void> {
  await tx.run(sql`delete from funds.hold where promotion_id = ${promotionId}
    and planned = 0 and reserved = 0 and committed = 0 and earned = 0 and paid = 0`);
}

interface CheckbookRow {
  fundId: string;
  currency: string;
  budgeted: string;
  planned: string;
  reserved: string;
  committed: string;
  earned: string;
  paid: string;
  available: string;
}

/**
 * Checkbooks of funds by fund id, from the ledger: as it stood at `asOf`, or now. `planned` is what drafts wish at
 * present; wishes are not in the ledger and have no past.
 */
export async function readCheckbooks(
  tx: Tx,
  fundIds: readonly string[],
  asOf?: string,
): Promise<Map<string, Checkbook>> {
  const until = asOf ? sql`and entry.occurred_at <= ${asOf}` : sql``;
  const rows = await tx.many<CheckbookRow>(sql`
    select fund.id as "fundId", fund.currency,
      coalesce(sum(move.amount) filter (where move.account = 'available' and move.kind in ('deposit', 'transfer', 'adjust')), 0) as budgeted,
      coalesce(sum(move.amount) filter (where move.account = 'reserved'), 0) as reserved,
      coalesce(sum(move.amount) filter (where move.account = 'committed' and move.kind in ('commit', 'release')), 0) as committed,
      coalesce(sum(move.amount) filter (where move.account = 'earned' and move.kind = 'earn'), 0) as earned,
      coalesce(sum(move.amount) filter (where move.account = 'paid'), 0) as paid,
      coalesce(sum(move.amount) filter (where move.account = 'available'), 0) as available,
      coalesce((select sum(planned) from funds.hold where hold.fund_id = fund.id), 0) as planned
    from funds.fund
    left join lateral (
      select entry.kind, entry.to_account as account, entry.amount from funds.entry where entry.to_fund_id = fund.id ${until}
      union all
      select entry.kind, entry.from_account, -entry.amount from funds.entry where entry.from_fund_id = fund.id ${until}
    ) move on true
    where fund.id = any(${fundIds as string[]}::uuid[])
    group by fund.id, fund.currency`);
  return new Map(
    rows.map(({ fundId, currency, ...columns }) => {
      const amount = (text: string) => moneyFromNumeric(text, currency);
      return [
        fundId,
        {
          budgeted: amount(columns.budgeted),
          planned: amount(columns.planned),
          reserved: amount(columns.reserved),
          committed: amount(columns.committed),
          earned: amount(columns.earned),
          paid: amount(columns.paid),
          available: amount(columns.available),
        },
      ];
    }),
  );
}

/** An entry as one fund sees it. */
export interface EntryRow {
  id: string;
  kind: string;
  fromFundId: string;
  fromAccount: string;
  toFundId: string;
  toAccount: string;
  amount: string;
  currency: string;
  promotionId: string | null;
  tacticId: string | null;
  note: string;
  actorId: string;
  occurredAt: Date;
}

export async function listEntries(tx: Tx, fundId: string, request: ListRequest): Promise<Page<EntryRow>> {
  return keysetPage<EntryRow>(
    tx,
    {
      columns: sql`entry.id, entry.kind, entry.from_fund_id as "fromFundId", entry.from_account as "fromAccount",
        entry.to_fund_id as "toFundId", entry.to_account as "toAccount", entry.amount, entry.currency,
        entry.promotion_id as "promotionId", entry.tactic_id as "tacticId", entry.note, entry.actor_id as "actorId",
        entry.occurred_at as "occurredAt"`,
      from: sql`funds.entry`,
      where: [sql`(entry.from_fund_id = ${fundId} or entry.to_fund_id = ${fundId})`],
      sortable: { occurredAt: sql`entry.occurred_at` },
      id: sql`entry.id`,
      defaultSort: '-occurredAt',
    },
    request,
  );
}

/** What all funds of a currency hold for promotions at present; decimal strings as stored. */
export async function fundsHeld(tx: Tx): Promise<{ currency: string; reserved: string; committed: string }[]> {
  return tx.many(sql`select fund.currency, coalesce(sum(hold.reserved), 0) as reserved, coalesce(sum(hold.committed), 0) as committed
    from funds.fund left join funds.hold on hold.tenant_id = fund.tenant_id and hold.fund_id = fund.id
    group by fund.currency order by fund.currency`);
}
