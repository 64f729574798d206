import type { Context } from '#context';
import { addDays, daysBetween } from '#fiscal-calendar';
import { Decimal } from '#money';
import { Problem } from '#problem';
import { fiscalWeekLabels } from './fiscal-week-labels.ts';
import { loadPromotionModel } from './promotion-model-cache.ts';
import { type PlannedWeek, predictTotals } from './response-model/promotion-model.ts';
import { planWeeks } from './response-model/promotion-plan.ts';
import { findShelfBasePrices } from './shelf-base-prices.ts';

/** What baselines are asked for: leaf customers and SKUs, and the days whose weeks are wanted (both inclusive). */
export interface BaselineQuery {
  customerIds: readonly string[];
  productIds: readonly string[];
  from: string;
  to: string;
}

/** Units of one product in one week with no promotion, all customers together; decimal strings of POS units. */
export interface BaselineWeek {
  productId: string;
  weekStart: string;
  fiscalWeek: string | null;
  baselineUnits: string;
  /** 90 % interval of the units to be sold without a promotion. */
  low: string;
  high: string;
}

/** Baselines with the model that they come from. */
export interface Baselines {
  items: BaselineWeek[];
  baselineVersion: string;
  modelVersion: string;
}

/** Most weeks and rows in one answer: two years of a banner. */
const mostWeeks = 110;
const mostRows = 60_000;
const listedWithinDays = 26 * 7;

/**
 * Baseline per product and week by the model in force. Throws `prediction.refused` where there is no model or too little
 * data, `rule.violated` where too much is asked for at once.
 */
export async function predictBaselines(context: Context, query: BaselineQuery): Promise<Baselines> {
  const loaded = await context.db.read(context, loadPromotionModel);
  if (!loaded) throw new Problem('prediction.refused', { detail: 'No prediction model has been fitted yet.' });
  const { model } = loaded;
  const { from, to, customerIds, productIds } = query;
  if (to < from || daysBetween(from, to) > 7 * mostWeeks) {
    throw new Problem('rule.violated', { detail: `Ask for 1 to ${mostWeeks} weeks.` });
  }
  return context.db.read(context, async (tx) => {
    const soldFrom = addDays(model.fitted.originDate, -listedWithinDays);
    const shelves = await findShelfBasePrices(tx, { customerIds, productIds, soldFrom });
    if (shelves.length === 0)
      throw new Problem('prediction.refused', { detail: 'Nobody there sold these products lately.' });
    const weeks = planWeeks(model.fitted.originDate, { startsOn: from, endsOn: to });
    if (shelves.length * weeks.length > mostRows) {
      throw new Problem('rule.violated', { detail: 'Ask for fewer customers, products or weeks at once.' });
    }
    const rows = shelves.flatMap(({ customerId, productId, basePrice }) =>
      weeks.map(({ weekStart }): PlannedWeek => {
        const nothing = { feature: false, display: false, priceReduction: false };
        return { customer: customerId, product: productId, weekStart, price: basePrice, basePrice, ...nothing };
      }),
    );
    const totals = predictTotals(model, rows, (row) => `${row.weekStart}|${row.product}`);
    if (!(totals instanceof Map)) throw new Problem('prediction.refused', { detail: totals.refused });
    const labels = await fiscalWeekLabels(
      tx,
      weeks.map(({ weekStart }) => weekStart),
    );
    const text = (value: number) => new Decimal(value).toDecimalPlaces(3).toString();
    const items = [...totals].map(([key, { baseline }]): BaselineWeek => {
      const [weekStart = '', productId = ''] = key.split('|');
      const fiscalWeek = labels.get(weekStart) ?? null;
      const [low, high] = [text(baseline.low), text(baseline.high)];
      return { productId, weekStart, fiscalWeek, baselineUnits: text(baseline.units), low, high };
    });
    items.sort((a, b) => (a.productId + a.weekStart < b.productId + b.weekStart ? -1 : 1));
    return { items, baselineVersion: loaded.name, modelVersion: loaded.id };
  });
}
