import type { Context } from '#context';
import { keysetPage, type ListRequest, type Page, type RawBuilder, sql, type TenantTx } from '#db';
import { amountOf, type Money, moneyFromNumeric } from '#money';
import type { FundShare } from '#performance';
import { scopeFilter } from '#scope';
import { liabilityScope } from '../settlement-scope.ts';
import type { Liability } from './domain/settlement-ledger.ts';

type Tx = TenantTx<Context>;

/** What a tactic owes, and whose it is. */
export interface TacticLiability extends Liability {
  tacticId: string;
  promotionId: string;
  promotionCode: string;
  startsOn: string;
  customerId: string;
  mechanic: string;
  currency: string;
  claimByOn: string;
  /** Paid more than was owed before that was accrued at once: only then may the open liability be below zero. */
  beyond: boolean;
  /** So much of earned rests on a forecast, since the actual volumes are late. */
  forecast: Money;
  /** Who pays: shares and exchange rates as decimal strings. */
  fundSplit: readonly KeptShare[];
}

/** A fund's share as it is kept: decimal strings. */
interface KeptShare {
  fundId: string;
  share: string;
  fx?: { currency: string; rate: string; note: string };
}

/** A fund split as liabilities keep it. */
export function asKeptSplit(split: readonly FundShare[]): KeptShare[] {
  return split.map(({ fundId, share, fx }) => ({
    ...{ fundId, share: share.toString() },
    ...(fx ? { fx: { ...fx, rate: fx.rate.toString() } } : {}),
  }));
}

type LiabilityMoney = keyof Liability | 'forecast';
type LiabilityRow = Omit<TacticLiability, LiabilityMoney> & Record<LiabilityMoney, string>;

const columns = sql`liability.tactic_id as "tacticId", liability.promotion_id as "promotionId",
  liability.promotion_code as "promotionCode", liability.starts_on as "startsOn", liability.customer_id as "customerId", liability.mechanic, liability.currency, liability.claim_by_on as "claimByOn",
  liability.beyond, liability.earned, liability.settled, liability.released, liability.forecast,
  liability.fund_split as "fundSplit"`;

function toLiability(row: LiabilityRow): TacticLiability {
  const amount = (text: string) => moneyFromNumeric(text, row.currency);
  const { earned, settled, released, forecast } = row;
  return {
    ...row,
    ...{ earned: amount(earned), settled: amount(settled), released: amount(released), forecast: amount(forecast) },
  };
}

/** A page of liabilities by tactic. */
export async function listLiabilities(
  tx: Tx,
  request: ListRequest,
  where: RawBuilder<unknown>[],
): Promise<Page<TacticLiability & { id: string }>> {
  const page = await keysetPage<LiabilityRow & { id: string }>(
    tx,
    {
      columns: sql`liability.tactic_id as id, ${columns}`,
      from: sql`settlement.liability`,
      where: [...where, scopeFilter(tx.context, liabilityScope)],
      sortable: {
        open: sql`(liability.earned - liability.settled - liability.released)`,
        claimByOn: sql`liability.claim_by_on`,
      },
      id: sql`liability.tactic_id`,
      defaultSort: '-open',
    },
    request,
  );
  return { ...page, items: page.items.map((row) => ({ ...toLiability(row), id: row.id })) };
}

/** Liabilities of tactics, locked in the order of their ids so that nobody waits in a circle; by tactic. */
export async function lockLiabilities(tx: Tx, tacticIds: readonly string[]): Promise<Map<string, TacticLiability>> {
  const rows = await tx.many<LiabilityRow>(sql`select ${columns} from settlement.liability
    where tactic_id = any(${[...tacticIds]}::uuid[]) order by tactic_id for update`);
  return new Map(rows.map((row) => [row.tacticId, toLiability(row)]));
}

/** Of which tactics the actor may be told what is owed: all, unless they are kept to a part. */
export async function tellableTactics(tx: Tx, tacticIds: readonly string[]): Promise<ReadonlySet<string>> {
  if (!tx.context.actor.scope || tacticIds.length === 0) return new Set(tacticIds);
  const rows = await tx.many<{ id: string }>(sql`select liability.tactic_id as id from settlement.liability
    where liability.tactic_id = any(${[...tacticIds]}::uuid[]) and ${scopeFilter(tx.context, liabilityScope)}`);
  return new Set(rows.map(({ id }) => id));
}

/** Liabilities of tactics without a lock. */
export async function findLiabilities(tx: Tx, tacticIds: readonly string[]): Promise<TacticLiability[]> {
  const rows = await tx.many<LiabilityRow>(
    sql`select ${columns} from settlement.liability where tactic_id = any(${[...tacticIds]}::uuid[])`,
  );
  return rows.map(toLiability);
}

/** What deductions and claims of a tactic ask for that came by its claim-by date and are matched, but not settled yet. */
const awaitedAmount = sql`coalesce((select sum(match.amount) from settlement.match join settlement.item
  on item.tenant_id = match.tenant_id and item.id = match.item_id
  where match.tenant_id = liability.tenant_id and match.tactic_id = liability.tactic_id
    and item.state in ('matched', 'needs_research', 'valid', 'partially_valid') and item.settled = 0
    and item.split_at is null and item.taken_on <= liability.claim_by_on), 0)`;

/** What tactics are asked for in time and is not settled yet, by tactic: releasing it would leave nothing to settle. */
export async function awaitedOf(tx: Tx, tacticIds: readonly string[]): Promise<Map<string, Money>> {
  const rows = await tx.many<{ id: string; currency: string; awaited: string }>(sql`select tactic_id as id, currency,
    ${awaitedAmount} as awaited from settlement.liability where tactic_id = any(${[...tacticIds]}::uuid[])`);
  return new Map(rows.map(({ id, currency, awaited }) => [id, moneyFromNumeric(awaited, currency)]));
}

const overdue = (on: string, limit: number) => sql`claim_by_on <= ${on}::date
  and earned - settled - released > 0 and earned - settled - released > ${awaitedAmount}
  order by claim_by_on, tactic_id limit ${limit}`;

/**
 * Tactics whose claim-by date has come and which still owe more than is asked for ({@link awaitedOf}): at most `limit`,
 * the first by claim-by date.
 */
export async function overdueTactics(tx: Tx, on: string, limit: number): Promise<string[]> {
  const rows = await tx.many<{ id: string }>(
    sql`select tactic_id as id from settlement.liability where ${overdue(on, limit)}`,
  );
  return rows.map(({ id }) => id);
}

/** {@link overdueTactics} with what they owe, without a lock. */
export async function findOverdue(tx: Tx, on: string, limit: number): Promise<TacticLiability[]> {
  const rows = await tx.many<LiabilityRow>(
    sql`select ${columns} from settlement.liability where ${overdue(on, limit)}`,
  );
  return rows.map(toLiability);
}

/** What the books must know of a tactic before it can owe anything. */
export type NewLiability = Pick<
  TacticLiability,
  | 'tacticId'
  | 'promotionId'
  | 'promotionCode'
  | 'customerId'
  | 'mechanic'
  | 'startsOn'
  | 'currency'
  | 'claimByOn'
  | 'fundSplit'
>;

/**
 * Enters tactics that owe nothing yet, and takes over what was changed of those that are there: claim-by date, first day,
 * code and who pays. Answers the tactics whose funds changed: what they earned and paid so far is to reach these too.
 */
export async function enterTactics(tx: Tx, tactics: readonly NewLiability[]): Promise<string[]> {
  const given = JSON.stringify(tactics);
  const known = await tx.many<{ id: string }>(sql`select liability.tactic_id as id from settlement.liability
    join jsonb_to_recordset(${given}::jsonb) as t ("tacticId" uuid, "fundSplit" jsonb) on t."tacticId" = liability.tactic_id
    where liability.fund_split <> t."fundSplit"`);
  await tx.run(sql`
    insert into settlement.liability (tenant_id, tactic_id, promotion_id, promotion_code, customer_id, mechanic, starts_on,
      currency, claim_by_on, fund_split)
    select ${tx.context.tenant.id}, t."tacticId", t."promotionId", t."promotionCode", t."customerId", t.mechanic,
      t."startsOn", t.currency, t."claimByOn", t."fundSplit"
    from jsonb_to_recordset(${given}::jsonb) as t ("tacticId" uuid, "promotionId" uuid, "promotionCode" text,
      "customerId" uuid, mechanic text, "startsOn" date, currency text, "claimByOn" date, "fundSplit" jsonb)
    order by t."tacticId"
    on conflict (tenant_id, tactic_id) do update set claim_by_on = excluded.claim_by_on,
      starts_on = excluded.starts_on, promotion_code = excluded.promotion_code, fund_split = excluded.fund_split
      where (liability.claim_by_on, liability.starts_on, liability.promotion_code, liability.fund_split)
        is distinct from (excluded.claim_by_on, excluded.starts_on, excluded.promotion_code, excluded.fund_split)`);
  return known.map(({ id }) => id);
}

/** A movement of the accrual sub-ledger, and the liability of its tactic after it. */
export interface LiabilityMovement {
  kind: 'earn' | 'settle' | 'release';
  amount: Money;
  after: TacticLiability;
}

/** Writes movements of one journal with the liabilities they lead to; the liabilities must be locked. */
export async function insertMovements(
  tx: Tx,
  journal: { id: string; periodId: string },
  movements: readonly LiabilityMovement[],
): Promise<void> {
  const { tenant, clock, newId } = tx.context;
  const rows = movements.map(({ kind, amount, after }) => ({
    ...{ id: newId(), kind, amount: amountOf(amount), tacticId: after.tacticId, forecast: amountOf(after.forecast) },
  }));
  await saveLiabilities(
    tx,
    movements.map(({ after }) => after),
  );
  await tx.run(sql`
    insert into settlement.accrual_entry (tenant_id, id, kind, tactic_id, period_id, journal_id, amount, forecast, recorded_at)
    select ${tenant.id}, m.id, m.kind, m."tacticId", ${journal.periodId}, ${journal.id}, m.amount, m.forecast, ${clock.now()}
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as m (id uuid, kind text, "tacticId" uuid, amount numeric, forecast numeric)`);
}

/** Overwrites the amounts of locked liabilities. */
export async function saveLiabilities(tx: Tx, liabilities: readonly TacticLiability[]): Promise<void> {
  const rows = liabilities.map(({ tacticId, beyond, ...of }) => ({
    ...{ tacticId, beyond, earned: amountOf(of.earned), settled: amountOf(of.settled) },
    ...{ released: amountOf(of.released), forecast: amountOf(of.forecast) },
  }));
  await tx.run(sql`
    update settlement.liability set earned = m.earned, settled = m.settled, released = m.released, beyond = m.beyond,
      forecast = m.forecast
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as m ("tacticId" uuid, earned numeric, settled numeric,
      released numeric, beyond boolean, forecast numeric)
    where liability.tactic_id = m."tacticId"`);
}

/** Of the promotions, those that owe nothing any more: every tactic is settled or released. */
export async function clearedPromotions(tx: Tx, promotionIds: readonly string[]): Promise<string[]> {
  const rows = await tx.many<{ id: string }>(sql`select promotion_id as id from settlement.liability
    where promotion_id = any(${[...promotionIds]}::uuid[]) group by promotion_id
    having bool_and(earned - settled - released <= 0) order by promotion_id`);
  return rows.map(({ id }) => id);
}

/** An entry of the accrual sub-ledger. */
export interface AccrualEntry {
  id: string;
  kind: 'earn' | 'settle' | 'release';
  tacticId: string;
  promotionId: string;
  periodId: string;
  journalId: string;
  amount: string;
  forecast: string;
  currency: string;
  recordedAt: Date;
}

/** A page of the accrual sub-ledger, the latest first. */
export function listAccrualEntries(
  tx: Tx,
  request: ListRequest,
  where: RawBuilder<unknown>[],
): Promise<Page<AccrualEntry>> {
  const list = {
    columns: sql`entry.id, entry.kind, entry.tactic_id as "tacticId", liability.promotion_id as "promotionId",
      entry.period_id as "periodId", entry.journal_id as "journalId", entry.amount, entry.forecast, liability.currency,
      entry.recorded_at as "recordedAt"`,
    from: sql`settlement.accrual_entry entry join settlement.liability on liability.tactic_id = entry.tactic_id`,
    where: [...where, scopeFilter(tx.context, liabilityScope)],
    sortable: { recordedAt: sql`entry.recorded_at` },
    id: sql`entry.id`,
    defaultSort: '-recordedAt',
  };
  return keysetPage<AccrualEntry>(tx, list, request);
}

/** Per currency: open liability by the sub-ledger, by the tactics, and by the journals; all three are to agree. */
export async function readTieOut(
  tx: Tx,
): Promise<{ currency: string; subLedger: string; tactics: string; journals: string }[]> {
  return tx.many(sql`
    select liability.currency,
      sum(liability.earned - liability.settled - liability.released) as tactics,
      coalesce((select sum(case when entry.kind = 'earn' then entry.amount else -entry.amount end)
        from settlement.accrual_entry entry join settlement.liability of on of.tactic_id = entry.tactic_id
        where of.currency = liability.currency), 0) as "subLedger",
      coalesce((select sum(case when line.side = 'credit' then line.amount else -line.amount end)
        from settlement.journal_line line join settlement.journal on journal.id = line.journal_id
        where line.account = 'accrued_trade_liability' and journal.currency = liability.currency), 0) as journals
    from settlement.liability group by liability.currency order by liability.currency`);
}
