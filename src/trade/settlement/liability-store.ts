import type { Context } from '#context';
import { keysetPage, type ListRequest, type Page, type RawBuilder, sql, type TenantTx } from '#db';
import { amountOf, type Money, moneyFromNumeric } from '#money';
import type { EarningTactic } from './domain/accrual.ts';
import type { Liability } from './domain/settlement-ledger.ts';

type Tx = TenantTx<Context>;

/** What a tactic owes, with whose and whether it was ever paid beyond. */
export interface TacticLiability extends Liability {
  tacticId: string;
  promotionId: string;
  promotionCode: string;
  startsOn: string;
  customerId: string;
  mechanic: string;
  currency: string;
  claimByOn: string;
  beyond: boolean;
}

type LiabilityRow = Omit<TacticLiability, keyof Liability> & Record<keyof Liability, string>;

const columns = sql`liability.tactic_id as "tacticId", liability.promotion_id as "promotionId",
  liability.promotion_code as "promotionCode", liability.starts_on as "startsOn", liability.customer_id as "customerId", liability.mechanic, liability.currency, liability.claim_by_on as "claimByOn",
  liability.beyond, liability.earned, liability.settled, liability.released`;

function toLiability(row: LiabilityRow): TacticLiability {
  const amount = (text: string) => moneyFromNumeric(text, row.currency);
  return { ...row, earned: amount(row.earned), settled: amount(row.settled), released: amount(row.released) };
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
      where,
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

/** Liabilities of tactics without a lock. */
export async function findLiabilities(tx: Tx, tacticIds: readonly string[]): Promise<TacticLiability[]> {
  const rows = await tx.many<LiabilityRow>(
    sql`select ${columns} from settlement.liability where tactic_id = any(${[...tacticIds]}::uuid[])`,
  );
  return rows.map(toLiability);
}

/** Tactics that still owe something in a currency and began before a date, the latest first: at most `limit`. */
export async function findOpenLiabilities(
  tx: Tx,
  wanted: { currency: string; startedBy: string; limit: number },
): Promise<TacticLiability[]> {
  const rows = await tx.many<LiabilityRow>(sql`select ${columns} from settlement.liability
    where currency = ${wanted.currency} and starts_on <= ${wanted.startedBy}::date
      and earned - settled - released > 0 order by starts_on desc, tactic_id limit ${wanted.limit}`);
  return rows.map(toLiability);
}

/** Tactics whose claim-by date has come and which still owe something. */
export async function overdueTactics(tx: Tx, on: string): Promise<string[]> {
  const rows = await tx.many<{ id: string }>(sql`select tactic_id as id from settlement.liability
    where claim_by_on <= ${on}::date and earned - settled - released > 0`);
  return rows.map(({ id }) => id);
}

/** Enters tactics that owe nothing yet, and takes over a claim-by date that was changed. */
export async function enterTactics(tx: Tx, tactics: readonly EarningTactic[]): Promise<void> {
  const rows = tactics.map(({ volumes: _volumes, lumpSum: _lumpSum, ...tactic }) => tactic);
  await tx.run(sql`
    insert into settlement.liability (tenant_id, tactic_id, promotion_id, promotion_code, customer_id, mechanic, starts_on, currency, claim_by_on)
    select ${tx.context.tenant.id}, t."tacticId", t."promotionId", t."promotionCode", t."customerId", t.mechanic, t."startsOn", t.currency, t."claimByOn"
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as t ("tacticId" uuid, "promotionId" uuid,
      "promotionCode" text, "customerId" uuid, mechanic text, "startsOn" date, currency text, "claimByOn" date)
    order by t."tacticId"
    on conflict (tenant_id, tactic_id) do update set claim_by_on = excluded.claim_by_on,
      starts_on = excluded.starts_on, promotion_code = excluded.promotion_code`);
}

/** A movement of the accrual sub-ledger, and the liability of its tactic after it. */
export interface LiabilityMovement {
  kind: 'earn' | 'settle' | 'release';
  amount: Money;
  after: TacticLiability;
}

/** Writes movements of one journal with the liabilities they lead to; the liabilities must be locked. */
export async function recordMovements(
  tx: Tx,
  journal: { id: string; periodId: string },
  movements: readonly LiabilityMovement[],
): Promise<void> {
  const { tenant, clock, newId } = tx.context;
  const rows = movements.map(({ kind, amount, after }) => ({
    ...{ id: newId(), kind, amount: amountOf(amount), tacticId: after.tacticId, beyond: after.beyond },
    ...{ earned: amountOf(after.earned), settled: amountOf(after.settled), released: amountOf(after.released) },
  }));
  const given = JSON.stringify(rows);
  await tx.run(sql`
    update settlement.liability set earned = m.earned, settled = m.settled, released = m.released, beyond = m.beyond
    from jsonb_to_recordset(${given}::jsonb) as m ("tacticId" uuid, earned numeric, settled numeric, released numeric, beyond boolean)
    where liability.tactic_id = m."tacticId"`);
  await tx.run(sql`
    insert into settlement.accrual_entry (tenant_id, id, kind, tactic_id, period_id, journal_id, amount, recorded_at)
    select ${tenant.id}, m.id, m.kind, m."tacticId", ${journal.periodId}, ${journal.id}, m.amount, ${clock.now()}
    from jsonb_to_recordset(${given}::jsonb) as m (id uuid, kind text, "tacticId" uuid, amount numeric)`);
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
      entry.period_id as "periodId", entry.journal_id as "journalId", entry.amount, liability.currency,
      entry.recorded_at as "recordedAt"`,
    from: sql`settlement.accrual_entry entry join settlement.liability on liability.tactic_id = entry.tactic_id`,
    where,
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
