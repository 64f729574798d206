import type { Context } from '#context';
import { sql, type TenantTx } from '#db';
import { type Money, moneyFromNumeric } from '#money';

/** What has become of a tactic's money in the books and at the desk. */
export interface SettlementOfTactic {
  tacticId: string;
  /** Accrued so far. */
  earned: Money;
  /** Earned − settled − released. */
  open: Money;
  /** Matched by deductions or claims that are neither settled nor turned down. */
  claimed: Money;
  /** The last day of the latest period that it earned in; null before the first accrual. */
  accruedThrough: string | null;
}

interface Row {
  promotionId: string;
  tacticId: string;
  currency: string;
  earned: string;
  open: string;
  claimed: string;
  accruedThrough: string | null;
}

/** The tactics of promotions that the books or the desk know, by promotion; one query, unknown promotions are absent. */
export async function settlementOfPromotions(
  tx: TenantTx<Context>,
  promotionIds: readonly string[],
): Promise<Map<string, SettlementOfTactic[]>> {
  if (promotionIds.length === 0) return new Map();
  const rows = await tx.many<Row>(sql`
    select liability.promotion_id as "promotionId", liability.tactic_id as "tacticId", liability.currency,
      liability.earned, liability.earned - liability.settled - liability.released as open,
      coalesce((select sum(match.amount - coalesce(match.settled, 0)) from settlement.match join settlement.item
        on item.tenant_id = match.tenant_id and item.id = match.item_id
        where match.tenant_id = liability.tenant_id and match.tactic_id = liability.tactic_id
          and item.split_at is null and item.state in ('matched', 'valid', 'partially_valid')), 0) as claimed,
      (select max(period.ends_on) from settlement.accrual_entry entry join settlement.period
        on period.tenant_id = entry.tenant_id and period.id = entry.period_id
        where entry.tenant_id = liability.tenant_id and entry.tactic_id = liability.tactic_id and entry.kind = 'earn')
        as "accruedThrough"
    from settlement.liability where liability.promotion_id = any(${promotionIds as string[]}::uuid[])
    order by liability.tactic_id`);
  const byPromotion = new Map<string, SettlementOfTactic[]>();
  for (const { promotionId, currency, earned, open, claimed, ...row } of rows) {
    const amount = (text: string) => moneyFromNumeric(text, currency);
    const tactic = { ...row, earned: amount(earned), open: amount(open), claimed: amount(claimed) };
    byPromotion.set(promotionId, [...(byPromotion.get(promotionId) ?? []), tactic]);
  }
  return byPromotion;
}
