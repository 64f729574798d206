import type { Context } from '#context';
import { sql, type TenantTx } from '#db';
import { amountOf, fromMinor } from '#money';
import { fromScaled } from './checkbook-store.ts';
import type { Fund } from './domain/fund.ts';
import type { HeldMoney } from './domain/hold.ts';
import { lockFunds } from './fund-store.ts';

type Tx = TenantTx<Context>;

/** What a tactic holds of a fund, in the fund's currency. */
export interface Hold extends HeldMoney {
  fundId: string;
  promotionId: string;
  tacticId: string;
  currency: string;
  /** Whom and what the money is for; null where that is not known. */
  customerId: string | null;
  productId: string | null;
}

const columns = ['planned', 'reserved', 'committed', 'earned', 'paid'] as const;

/** In ten-thousandths of a major unit. */
const scaledColumns = sql.raw(columns.map((column) => `(${column} * 10000)::bigint as ${column}`).join(', '));

type HoldRow = Omit<Hold, (typeof columns)[number]> & Record<(typeof columns)[number], string>;

function toHold(row: HoldRow): Hold {
  const minor = (scaled: string) => fromScaled(scaled, row.currency).minor;
  return {
    ...row,
    planned: minor(row.planned),
    reserved: minor(row.reserved),
    committed: minor(row.committed),
    earned: minor(row.earned),
    paid: minor(row.paid),
  };
}

/** Ids of the funds that hold, or have held, anything for promotions. */
async function fundsHolding(tx: Tx, promotionIds: readonly string[]): Promise<string[]> {
  const rows = await tx.many<{ id: string }>(
    sql`select distinct fund_id as id from funds.hold where promotion_id = any(${promotionIds as string[]}::uuid[])`,
  );
  return rows.map(({ id }) => id);
}

/** The holds of promotions, by promotion, fund and tactic. */
export async function holdsOf(tx: Tx, promotionIds: readonly string[]): Promise<Hold[]> {
  const rows =
    await tx.many<HoldRow>(sql`select fund_id as "fundId", promotion_id as "promotionId", tactic_id as "tacticId",
      hold.customer_id as "customerId", hold.product_id as "productId", fund.currency, ${scaledColumns}
    from funds.hold join funds.fund on fund.tenant_id = hold.tenant_id and fund.id = hold.fund_id
    where promotion_id = any(${promotionIds as string[]}::uuid[]) order by promotion_id, fund_id, tactic_id`);
  return rows.map(toHold);
}

/**
 * Locks every fund that holds anything for promotions, and `fundIds`; answers them and the holds. Between asking which funds
 * hold something and having their locks another transaction may have held money of one more, which is then locked too:
 * no hold may change without its fund's lock. Locks out of order may end as a deadlock, which is run again.
 */
export async function lockHolds(
  tx: Tx,
  promotionIds: readonly string[],
  fundIds: readonly string[],
): Promise<{ funds: Fund[]; holds: Hold[] }> {
  const funds: Fund[] = [];
  let wanted = [...fundIds, ...(await fundsHolding(tx, promotionIds))];
  for (;;) {
    funds.push(...(await lockFunds(tx, [...new Set(wanted)])));
    const holds = await holdsOf(tx, promotionIds);
    wanted = holds.map(({ fundId }) => fundId).filter((id) => !funds.some((fund) => fund.id === id));
    if (wanted.length === 0) return { funds, holds };
  }
}

/** What a fund holds for promotions, by promotion, beyond what they have earned; decimal strings as stored. */
export async function unearnedHolds(tx: Tx, fundId: string): Promise<{ promotionId: string; amount: string }[]> {
  return tx.many(sql`select promotion_id as "promotionId", sum(reserved + committed - earned) as amount from funds.hold
    where fund_id = ${fundId} and reserved + committed > earned group by promotion_id order by promotion_id`);
}

/** What the funds say that each tactic earned and was paid: a query to join, `tactic_id, earned, paid`. */
export const earnedAndPaid = sql`select tactic_id, sum(earned) as earned, sum(paid) as paid from funds.hold group by tactic_id`;

/** Stores holds as they now stand; what holds nothing and has held nothing is removed. */
export async function saveHolds(tx: Tx, holds: readonly Hold[]): Promise<void> {
  const rows = holds.map((hold) => ({
    ...hold,
    ...Object.fromEntries(columns.map((column) => [column, amountOf(fromMinor(hold[column], hold.currency))])),
  }));
  await tx.run(sql`
    insert into funds.hold (tenant_id, fund_id, promotion_id, tactic_id, customer_id, product_id, planned, reserved, committed, earned, paid)
    select ${tx.context.tenant.id}, h."fundId", h."promotionId", h."tacticId", h."customerId", h."productId",
      h.planned, h.reserved, h.committed, h.earned, h.paid
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as h ("fundId" uuid, "promotionId" uuid, "tacticId" uuid,
      "customerId" uuid, "productId" uuid, planned numeric, reserved numeric, committed numeric, earned numeric, paid numeric)
    on conflict (tenant_id, fund_id, promotion_id, tactic_id) do update set customer_id = excluded.customer_id,
      product_id = excluded.product_id, planned = excluded.planned, reserved = excluded.reserved,
      committed = excluded.committed, earned = excluded.earned, paid = excluded.paid`);
  const promotionIds = [...new Set(holds.map(({ promotionId }) => promotionId))];
  await tx.run(sql`delete from funds.hold where promotion_id = any(${promotionIds}::uuid[])
    and planned = 0 and reserved = 0 and committed = 0 and earned = 0 and paid = 0`);
}

/** What all funds of a currency hold for promotions at present; decimal strings as stored. */
export async function fundsHeld(tx: Tx): Promise<{ currency: string; reserved: string; committed: string }[]> {
  return tx.many(sql`select fund.currency, coalesce(sum(hold.reserved), 0) as reserved, coalesce(sum(hold.committed), 0) as committed
    from funds.fund left join funds.hold on hold.tenant_id = fund.tenant_id and hold.fund_id = fund.id
    group by fund.currency order by fund.currency`);
}
