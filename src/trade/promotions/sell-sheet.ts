import type { Context } from '#context';
import { findProducts } from '#master-data';
import { Decimal, type MoneyJson, moneyFromNumeric, multiply, toJson } from '#money';
import { type Mechanic, mechanicRules } from '#performance';
import { notFound } from '#problem';
import type { Promotion } from './domain/promotion.ts';
import { buildPlan, type Plan, readPlanData } from './planning/build-plan.ts';
import { inputOf, resolveTerms } from './planning/promotion-terms.ts';
import { findPromotion, submittedPlan } from './promotion-store.ts';

/** What the buyer of a retailer is shown: the event from the retailer's side, and nothing of what we make of it. */
export interface SellSheet {
  code: string;
  name: string;
  customerName: string;
  currency: string;
  startsOn: string;
  endsOn: string;
  shipStartsOn: string;
  shipEndsOn: string;
  claimByOn: string;
  /** Shelf prices per consumer unit, units expected over the event; null without a prediction. */
  products: {
    id: string;
    code: string;
    name: string;
    unitsPerCase: string | null;
    shelfPriceBefore: string | null;
    shelfPriceDuring: string | null;
    /** Share of the shelf price that is cut. */
    cut: string | null;
    expectedUnits: string | null;
  }[];
  /** The retailer's margin over the event; null without a prediction. */
  retailer: Plan['retailer'];
  /** What the retailer is paid, tactic by tactic. */
  payments: {
    mechanic: string;
    products: string[];
    /** Per case, unit, redemption or percent. */
    rate: { amount: string; currency: string; per: string } | null;
    /** Redemptions expected of each unit sold, 0..1; null where all units are paid. */
    redemptionRate: string | null;
    /** For each of the stores, where there are several. */
    lumpSum: MoneyJson | null;
    stores: number | null;
    /** The lump sum of all stores together. */
    lumpSumInAll: MoneyJson | null;
    startsOn: string;
    endsOn: string;
  }[];
}

const paidOnRedemptions = (mechanic: Mechanic) => mechanicRules[mechanic].volumeBasis === 'redemptions';
const paidOnShipments = (mechanic: Mechanic) => mechanicRules[mechanic].volumeBasis === 'shipped_cases';

function paymentsOf(promotion: Promotion, nameOf: (id: string) => string): SellSheet['payments'] {
  return promotion.tactics.map(({ mechanic, productIds, rate, lumpSum, stores, fx, ...tactic }) => {
    const lump = lumpSum === null ? null : moneyFromNumeric(lumpSum, fx?.from ?? promotion.currency);
    const redeemed = paidOnRedemptions(mechanic);
    // A unit that is sold pays nothing by itself: only who redeems does.
    const per = redeemed && rate?.per === 'unit' ? 'redemption' : rate?.per;
    return {
      mechanic,
      products: productIds.map(nameOf),
      rate: rate && per ? { amount: rate.amount, currency: rate.currency, per } : null,
      redemptionRate: redeemed ? (tactic.redemptionRate ?? null) : null,
      lumpSum: lump && toJson(lump),
      stores: stores ?? null,
      lumpSumInAll: lump && toJson(multiply(lump, new Decimal(stores ?? 1))),
      startsOn: tactic.startsOn ?? (paidOnShipments(mechanic) ? promotion.shipStartsOn : promotion.startsOn),
      endsOn: tactic.endsOn ?? (paidOnShipments(mechanic) ? promotion.shipEndsOn : promotion.endsOn),
    };
  });
}

/** The sell sheet of a promotion: by the plan that was submitted, or calculated now for a draft. Throws `not_found`. */
export async function readSellSheet(context: Context, id: string): Promise<SellSheet> {
  const read = await context.db.read(context, async (tx) => {
    const promotion = (await findPromotion(tx, id)) ?? notFound('promotion', id);
    const resolved = await resolveTerms(tx, inputOf(promotion));
    const named = [...new Set([...resolved.leafProductIds, ...promotion.tactics.flatMap((one) => one.productIds)])];
    return {
      ...{ promotion, resolved },
      products: await findProducts(tx, { ids: named }),
      submitted: promotion.state === 'draft' ? undefined : await submittedPlan(tx, id),
      data: await readPlanData(tx, resolved, id),
    };
  });
  const { promotion, resolved, products } = read;
  const plan = read.submitted ?? (await buildPlan(context, resolved, read.data, id)).plan;
  const nameOf = (productId: string) => products.find((one) => one.id === productId)?.name ?? productId;
  const { code, name, currency, startsOn, endsOn, shipStartsOn, shipEndsOn, claimByOn } = promotion;
  return {
    ...{ code, name, currency, startsOn, endsOn, shipStartsOn, shipEndsOn, claimByOn },
    customerName: resolved.customerName,
    products: resolved.leafProductIds.map((productId) => {
      const product = products.find((one) => one.id === productId);
      const planned = plan.products.find((one) => one.productId === productId);
      return {
        ...{
          id: productId,
          code: product?.code ?? '',
          name: nameOf(productId),
          unitsPerCase: product?.unitsPerCase ?? null,
        },
        shelfPriceBefore: planned?.basePrice ?? null,
        shelfPriceDuring: planned?.shelfPrice ?? null,
        cut: planned?.depth ?? null,
        expectedUnits: planned?.predictedUnits ?? null,
      };
    }),
    retailer: plan.retailer,
    payments: paymentsOf(promotion, nameOf),
  };
}
