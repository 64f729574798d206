import type { Context } from '#context';
import { type RawBuilder, sql, type TenantTx } from '#db';
import { addDays, daysBetween } from '#fiscal-calendar';
import { type PriceOnDay, priceOn } from '#master-data';
import { Decimal } from '#money';
import { ratePerCase } from './domain/event-spend.ts';
import { volumeBasisOf } from './domain/event-tactic.ts';
import { type PromotionScope, type PromotionTactic, resolveScope } from './promotion-scope.ts';

type Tx = TenantTx<Context>;

/** Volume of one week on a tactic's own basis, with the funded rate per unit or case in major units. */
export interface WeeklyVolume {
  /** First day of the part of the week that counts. */
  on: string;
  volume: Decimal;
  rate: Decimal;
}

/** A promotion with its buy window. */
export interface EarningPromotion extends PromotionScope {
  shipStartsOn: string;
  shipEndsOn: string;
}

interface WeekRow {
  productId: string;
  periodStart: string;
  volume: string;
}

interface Window {
  startsOn: string;
  endsOn: string;
}

/** Facts are weekly: a week belongs to its first day. */
const weekDays = 7;

const sources: Record<'pos_units' | 'shipped_cases', { table: RawBuilder<unknown>; volume: RawBuilder<unknown> }> = {
  pos_units: { table: sql`performance.sales`, volume: sql`units` },
  shipped_cases: { table: sql`performance.shipment`, volume: sql`cases` },
};

async function weeksOf(
  tx: Tx,
  basis: 'pos_units' | 'shipped_cases',
  scope: { customerIds: readonly string[]; productIds: readonly string[] },
  window: Window,
): Promise<WeekRow[]> {
  const { table, volume } = sources[basis];
  return tx.many<WeekRow>(sql`select product_id as "productId", period_start as "periodStart", sum(${volume})::text as volume
    from ${table} where customer_id = any(${scope.customerIds as string[]}::uuid[])
      and product_id = any(${scope.productIds as string[]}::uuid[])
      and period_start between ${addDays(window.startsOn, 1 - weekDays)}::date and ${window.endsOn}::date
    group by product_id, period_start order by period_start, product_id`);
}

/** The days of a week that lie in a window: its part of the week's volume. */
function shareOf(week: string, window: Window): { on: string; share: Decimal } | null {
  const [, on = week] = [week, window.startsOn].sort();
  const [until = week] = [addDays(week, weekDays - 1), window.endsOn].sort();
  const days = daysBetween(on, until) + 1;
  return days > 0 ? { on, share: new Decimal(days).div(weekDays) } : null;
}

function rateOn(tactic: PromotionTactic, basis: string, productId: string, price: PriceOnDay): Decimal {
  const nothing = { baselineUnits: new Decimal(0), units: new Decimal(0), shippedCases: null };
  const perCase = ratePerCase(tactic, { productId, ...price, ...nothing });
  return basis === 'pos_units' ? perCase.div(price.unitsPerCase) : perCase;
}

/**
 * What the tactics of a promotion have earned on so far, by tactic key: units scanned in the event, or cases shipped in
 * the buy window, week by week, a week that lies in it in part counted by its days. Tactics without a rate, and those
 * whose basis nothing here counts yet (redemptions, depletions), have no volumes. Prices are those of the first day.
 */
export async function readEarnedVolumes(tx: Tx, promotion: EarningPromotion): Promise<Map<string, WeeklyVolume[]>> {
  const scope = await resolveScope(tx, promotion);
  const prices = await priceOn(tx, scope.productIds, promotion.startsOn);
  const volumes = new Map<string, WeeklyVolume[]>();
  for (const tactic of scope.tactics) {
    const basis = volumeBasisOf[tactic.mechanic];
    if (!tactic.rate || (basis !== 'pos_units' && basis !== 'shipped_cases')) continue;
    const window =
      basis === 'pos_units'
        ? { startsOn: promotion.startsOn, endsOn: promotion.endsOn }
        : { startsOn: promotion.shipStartsOn, endsOn: promotion.shipEndsOn };
    const weeks = await weeksOf(tx, basis, { customerIds: scope.customerIds, productIds: tactic.productIds }, window);
    volumes.set(
      tactic.key,
      weeks.flatMap(({ productId, periodStart, volume }) => {
        const part = shareOf(periodStart, window);
        const price = prices.get(productId);
        if (!part || !price) return [];
        return [
          { on: part.on, volume: new Decimal(volume).times(part.share), rate: rateOn(tactic, basis, productId, price) },
        ];
      }),
    );
  }
  return volumes;
}
