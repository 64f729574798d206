import { dayNumber } from './fiscal-weeks.ts';
import type { DemoPrice, DemoProduct, DemoPromotion, DemoShipment, SellOut } from './maker.ts';
import { priceOn } from './products.ts';
import type { ShelfEvent } from './shelf-events.ts';

/** What the retailers' orders follow from. */
export interface SellInInput {
  sellOut: SellOut;
  /** Expected and baseline units per cell, as the retailers' planners see them. */
  expected: Float64Array;
  baseline: Float64Array;
  products: readonly DemoProduct[];
  prices: readonly DemoPrice[];
  promotions: readonly DemoPromotion[];
  events: readonly ShelfEvent[];
}

/** Retailers hold this many weeks of regular sales beyond what they expect to sell until the next delivery. */
const SAFETY_WEEKS = 0.5;
/** An order brings the stock up to this many further weeks of regular sales, so that orders come every few weeks. */
const LOT_WEEKS = 2.5;
/** Weeks of regular sales bought ahead in the last deal week of an off-invoice or bill-back. */
const FORWARD_BUY_WEEKS = 2.5;

interface Deal {
  firstWeek: number;
  lastWeek: number;
  promotion: DemoPromotion;
}

/** Deals on shipments per account and product: ship windows of off-invoice and bill-back tactics. */
function collectDeals(input: SellInInput): Map<string, Deal[]> {
  const deals = new Map<string, Deal[]>();
  const firstDay = dayNumber(input.sellOut.weekStart[0]!);
  for (const event of input.events) {
    const promotion = input.promotions[event.promotion];
    if (!promotion?.tactics.some((t) => t.mechanic === 'off_invoice' || t.mechanic === 'bill_back')) continue;
    const firstWeek = (dayNumber(promotion.shipStartsOn) - firstDay) / 7;
    const lastWeek = (dayNumber(promotion.shipEndsOn) + 1 - firstDay) / 7 - 1;
    for (const account of event.accounts)
      for (const product of event.productCodes) {
        const key = `${account}|${product}`;
        deals.set(key, [...(deals.get(key) ?? []), { firstWeek, lastWeek, promotion }]);
      }
  }
  return deals;
}

/** Off-invoice discount of a case in cents. */
function offInvoiceMinor(deal: Deal | undefined, listPriceMinor: number): number {
  let discountMinor = 0;
  for (const { mechanic, rate } of deal?.promotion.tactics ?? []) {
    if (mechanic !== 'off_invoice' || !rate) continue;
    discountMinor += rate.per === 'percent' ? Math.round((listPriceMinor * rate.value) / 100) : rate.value;
  }
  return discountMinor;
}

/** Weekly orders in whole cases: retailers refill by plan, and buy ahead at the end of a deal on shipments. */
export function simulateShipments(input: SellInInput): DemoShipment[] {
  const { sellOut, expected, baseline } = input;
  const weeks = sellOut.weekStart.length;
  const products = new Map(input.products.map((p) => [p.code, p]));
  const deals = collectDeals(input);
  const shipments: DemoShipment[] = [];
  sellOut.series.forEach((series, s) => {
    const product = products.get(series.productCode)!;
    if (!product.own) return;
    const unitsPerCase = product.unitsPerCase!;
    const seriesDeals = deals.get(`${series.customerCode}|${series.productCode}`) ?? [];
    const price = (week: number): DemoPrice => priceOn(input.prices, series.productCode, sellOut.weekStart[week]!);
    let stockUnits = 0;
    for (let week = series.firstWeek; week <= series.lastWeek; week++) {
      const cell = s * weeks + week;
      const weekUnits = baseline[cell]!;
      const nextUnits = week < series.lastWeek ? expected[cell + 1]! : weekUnits;
      const deal = seriesDeals.find((d) => d.firstWeek <= week && week <= d.lastWeek);
      const forwardUnits = deal && week === deal.lastWeek ? FORWARD_BUY_WEEKS * weekUnits : 0;
      const neededUnits = expected[cell]! + nextUnits + SAFETY_WEEKS * weekUnits + forwardUnits;
      if (stockUnits < neededUnits) {
        const cases = Math.ceil((neededUnits + LOT_WEEKS * weekUnits - stockUnits) / unitsPerCase);
        const { listPriceMinor } = price(week);
        shipments.push({
          customerCode: series.customerCode,
          productCode: series.productCode,
          periodStart: sellOut.weekStart[week]!,
          cases,
          revenueMinor: cases * (listPriceMinor - offInvoiceMinor(deal, listPriceMinor)),
        });
        stockUnits += cases * unitsPerCase;
      }
      const soldUnits = sellOut.units[cell]! >= 0 ? sellOut.units[cell]! : expected[cell]!;
      stockUnits = Math.max(0, stockUnits - soldUnits);
    }
  });
  return shipments;
}
