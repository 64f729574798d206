import type { Context } from '#context';
import type { TenantTx } from '#db';
import type { Figure } from '#figure';
import { addDays } from '#fiscal-calendar';
import { findCustomers, findProducts } from '#master-data';
import { Decimal, type MoneyJson, toJson } from '#money';
import { type ComponentVolume, type PricedEvent, priceEvent } from './domain/event-economics.ts';
import { type Figures, formulaVersion } from './domain/event-figure.ts';
import { daysOf, eventPart, unitsWithin } from './domain/event-part.ts';
import { atReachedTier, everydayContribution, requireRatesBelowPrices, type ShelfPrice } from './domain/event-spend.ts';
import { type EventProduct, type EventTactic, volumeBasisOf } from './domain/event-tactic.ts';
import { type RetailerMargin, retailerMargin } from './domain/retailer-margin.ts';
import { meanShelfPrice, shelfSegments } from './domain/shelf-segments.ts';
import { tacticFigure } from './domain/tactic-figure.ts';
import { agreementsOf, type EverydayPrice, everydayPrices } from './everyday-prices.ts';
import { fiscalWeekLabels } from './fiscal-week-labels.ts';
import { type PlanShelf, planShelf } from './plan-shelf.ts';
import type { PredictedOutcome } from './post-event.ts';
import { type LoadedModel, loadPromotionModel } from './promotion-model-cache.ts';
import { type LeafScope, type PromotionScope, resolveScope, resolveScopes } from './promotion-scope.ts';
import { type PlannedUnits, type PredictedPlan, predictPlan } from './response-model/promotion-plan.ts';

/** A promotion to predict. */
export interface PlannedPromotion extends PromotionScope {
  currency: string;
  /** Buy window; the event's own dates where absent. */
  shipStartsOn?: string;
  shipEndsOn?: string;
  /** Other promotions of the tenant around the event, as far as they are known: they stand on the same shelves. */
  calendar?: readonly PromotionScope[];
}

/** A promotion as predicted and priced, ready for JSON. Units are decimal strings of POS units. */
export interface PromotionForecast {
  refusal: null;
  currency: string;
  /** Id of the model version. */
  modelVersion: string;
  baselineVersion: string;
  formulaVersion: string;
  /** The event's weeks (`promoted`) and the dip window after them; low and high are those of the predicted units. */
  weeks: {
    weekStart: string;
    fiscalWeek: string | null;
    productId: string;
    baselineUnits: string;
    predictedUnits: string;
    incrementalUnits: string;
    low: string;
    high: string;
    promoted: boolean;
  }[];
  /** Totals per product over the event; low and high are those of the predicted units. Prices are per unit. */
  products: {
    productId: string;
    baselineUnits: string;
    predictedUnits: string;
    incrementalUnits: string;
    low: string;
    high: string;
    spend: MoneyJson;
    basePrice: string;
    shelfPrice: string;
    depth: string;
  }[];
  totals: {
    baselineUnits: string;
    predictedUnits: string;
    incrementalUnits: string;
    incrementalLow: string;
    incrementalHigh: string;
    baselineCases: string;
    incrementalCases: string;
    dipUnits: string | null;
    cannibalisationUnits: string | null;
    haloUnits: string | null;
    liftPercent: string | null;
  };
  spend: MoneyJson;
  spendByTactic: {
    /** The tactic's key. */
    key: string;
    mechanic: string;
    volumeBasis: string;
    volume: string | null;
    unit: string | null;
    rate: { amount: string; currency: string; per: string } | null;
    assumption: string | null;
    spend: MoneyJson;
    /** The spend as a figure. */
    figure: Figure;
    splits: { fundId: string; amount: MoneyJson }[];
  }[];
  figures: Figures;
  retailer: {
    marginBefore: MoneyJson;
    marginAfter: MoneyJson;
    percentBefore: string | null;
    percentAfter: string | null;
    note: string;
    figures: RetailerMargin['figures'];
  };
  /** What other own products lose (negative) or gain during the event; null where it is not estimated. */
  others: { productId: string; units: string }[] | null;
  /** What a reader should know: pooled series, cuts deeper than the data, stand-ins. */
  notes: string[];
}

/** No prediction, and why. */
export interface RefusedForecast {
  refusal: string;
}

const dipWeeks = 4;
/** Units are floats, not money: three decimals at most, in plain digits. */
const units = (value: number): string => String(Number(value.toFixed(3)));

/**
 * Predicts a promotion at the leaf customers below its customer, week by week, and prices it by domain.md's formulas.
 * Refuses with a reason where there is no model or too little data. Throws `not_found` for unknown ids, `rule.violated`
 * and `conversion.missing` where a product has no price or case size, `money.currency_mismatch`.
 */
export async function predictPromotion(
  context: Context,
  promotion: PlannedPromotion,
): Promise<PromotionForecast | RefusedForecast> {
  return context.db.read(context, async (tx) => {
    const model = await loadPromotionModel(tx);
    const scope = { ...promotion, ...(await resolveScope(tx, promotion, model?.products)) };
    if (!model) return { refusal: 'No prediction model has been fitted yet.' };
    if (scope.productIds.length === 0) return { refusal: 'The promotion names no products.' };
    const prices = await everydayPrices(tx, { ...scope, on: scope.startsOn });
    const calendar = await resolveCalendar(tx, promotion, model?.products ?? new Set());
    const shelf = await planShelf(tx, model, scope, prices, calendar);
    if (typeof shelf === 'string') return { refusal: await named(tx, scope, shelf) };
    const { startsOn, endsOn } = scope;
    const predicted = predictPlan(model.model, { ...shelf, startsOn, endsOn, dipWeeks });
    if (predicted.refused !== undefined) return { refusal: await named(tx, scope, predicted.refused) };
    const labels = await fiscalWeekLabels(
      tx,
      predicted.weeks.map(({ weekStart }) => weekStart),
    );
    return describe({ scope, model, shelf, predicted, prices, labels });
  });
}

/** The calendar's promotions that are near enough to matter, at the leaves. */
async function resolveCalendar(
  tx: TenantTx<Context>,
  { calendar = [], startsOn, endsOn }: PlannedPromotion,
  knownSkus: Pick<ReadonlySet<string>, 'has'>,
): Promise<LeafScope[]> {
  const from = addDays(startsOn, -7 * (dipWeeks + 1));
  const to = addDays(endsOn, 7 * (dipWeeks + 1));
  const near = calendar.filter((other) => other.endsOn >= from && other.startsOn <= to);
  return resolveScopes(tx, near, knownSkus);
}

/** Codes in the place of ids: a reason is read by people. */
async function named(tx: TenantTx<Context>, scope: LeafScope, reason: string): Promise<string> {
  const customers = await findCustomers(tx, { ids: scope.customerIds });
  const products = await findProducts(tx, { ids: scope.productIds });
  return [...customers, ...products].reduce((text, { id, code }) => text.replaceAll(id, code), reason);
}

interface Described {
  scope: LeafScope & PlannedPromotion;
  model: LoadedModel;
  shelf: PlanShelf;
  predicted: PredictedPlan;
  prices: ReadonlyMap<string, EverydayPrice>;
  labels: ReadonlyMap<string, string>;
}

/** Loss or gain in cases with each product's contribution; null where units or prices are. */
function component(
  parts: readonly { product: string; units: number }[] | null,
  prices: ReadonlyMap<string, EverydayPrice> | null,
): ComponentVolume[] | null {
  if (!parts || !prices) return null;
  return parts.map(({ product, units: volume }) => {
    const price = prices.get(product)!;
    return {
      productId: product,
      cases: new Decimal(volume).div(price.unitsPerCase),
      contributionPerCase: everydayContribution(price),
    };
  });
}

/** Mean base price of a product over its series, and what tactics make of it. */
function shelfPrices(
  { scope, shelf, prices }: Described,
  tactics: readonly EventTactic[] = scope.tactics,
): Map<string, ShelfPrice> {
  const seriesOf = Map.groupBy(shelf.series, ({ product }) => product);
  return new Map(
    scope.productIds.map((productId) => {
      const mine = seriesOf.get(productId)!;
      const mean = mine.reduce((sum, { basePrice }) => sum + basePrice, 0) / mine.length;
      const product = { productId, ...prices.get(productId)! };
      return [productId, meanShelfPrice(tactics, product, new Decimal(mean), scope)];
    }),
  );
}

/** What tactics with dates of their own are counted on: scans of those days, shipments by their part of the buy window. */
function countedApart({ scope, predicted, prices }: Described, productId: string): Pick<EventProduct, 'counted'> {
  const dated = scope.tactics.filter(
    ({ startsOn, endsOn, productIds }) => (startsOn ?? endsOn) !== undefined && productIds.includes(productId),
  );
  if (dated.length === 0) return {};
  const { unitsPerCase } = prices.get(productId)!;
  const mine = predicted.weeks.filter(({ product, promoted }) => promoted && product === productId);
  const parts = mine.flatMap(
    ({ weekStart, baseline, incremental }) =>
      eventPart({ weekStart, productId, baselineUnits: baseline, incrementalUnits: incremental }, scope) ?? [],
  );
  const bought = { startsOn: scope.shipStartsOn ?? scope.startsOn, endsOn: scope.shipEndsOn ?? scope.endsOn };
  return {
    counted: new Map(
      dated.map((tactic) => {
        const basis = volumeBasisOf(tactic);
        const whole = basis === 'shipped_cases' ? bought : scope;
        const window = { startsOn: tactic.startsOn ?? whole.startsOn, endsOn: tactic.endsOn ?? whole.endsOn };
        const units =
          basis === 'shipped_cases'
            ? total(parts.map((part) => part.units))
                .times(daysOf(window))
                .div(daysOf(bought))
            : total(parts.map((part) => unitsWithin(part, window)?.units ?? new Decimal(0)));
        const assumed = basis === 'shipped_cases' || basis === 'depletions';
        return [tactic.key, { cases: units.div(unitsPerCase), assumed }];
      }),
    ),
  };
}

const total = (values: readonly Decimal[]): Decimal => Decimal.sum(0, ...values);

function priced(described: Described): { event: PricedEvent; products: EventProduct[] } {
  const { scope, predicted, prices, shelf, model } = described;
  const byProduct = new Map(predicted.products.map((product) => [product.product, product]));
  const products = scope.productIds.map(
    (productId): EventProduct => ({
      productId,
      ...prices.get(productId)!,
      baselineUnits: new Decimal(byProduct.get(productId)!.baseline),
      units: new Decimal(byProduct.get(productId)!.predicted),
      shippedCases: null,
      ...countedApart(described, productId),
    }),
  );
  const together = shelfSegments(scope.tactics, scope).map((segment) => segment.tactics);
  requireRatesBelowPrices(scope.tactics, products, together);
  const dips = predicted.products.map(({ product, dip }) => ({ product, units: dip }));
  const { incrementalLow, incrementalHigh } = predicted.total;
  const event = priceEvent({
    ...{ currency: scope.currency, tactics: scope.tactics, products },
    dip: component(dips, prices),
    cannibalisation: component(predicted.cannibalised, shelf.sisterPrices),
    halo: predicted.halo?.length ? component(predicted.halo, shelf.sisterPrices) : null,
    incrementalUnits: { low: new Decimal(incrementalLow), high: new Decimal(incrementalHigh) },
    volumeSource: model.name,
    agreements: agreementsOf(prices, scope.productIds),
  });
  return { event, products };
}

function totalsOf(predicted: PredictedPlan, event: PricedEvent): PromotionForecast['totals'] {
  const { total, cannibalised, halo } = predicted;
  const sum = (parts: readonly { units: number }[] | null) =>
    parts && units(parts.reduce((all, part) => all + part.units, 0));
  return {
    ...unitTexts(total),
    incrementalLow: units(total.incrementalLow),
    incrementalHigh: units(total.incrementalHigh),
    baselineCases: event.baselineCases.toDecimalPlaces(3).toString(),
    incrementalCases: event.incrementalCases.toDecimalPlaces(3).toString(),
    dipUnits: units(predicted.dip),
    cannibalisationUnits: sum(cannibalised),
    haloUnits: halo?.length ? sum(halo) : null,
    liftPercent: total.baseline > 0 ? new Decimal((100 * total.incremental) / total.baseline).toFixed(2) : null,
  };
}

const unitTexts = (planned: Pick<PlannedUnits, 'baseline' | 'predicted' | 'incremental'>) => ({
  baselineUnits: units(planned.baseline),
  predictedUnits: units(planned.predicted),
  incrementalUnits: units(planned.incremental),
});

function notesOf({ predicted, shelf }: Described): string[] {
  const notes = [...shelf.notes];
  if (predicted.pooledSeries > 0) {
    notes.push(`${predicted.pooledSeries} of ${shelf.series.length} series are thin: borrowed from their neighbours.`);
  }
  if (predicted.beyondData) notes.push('A price cut is deeper than nearly all that the category has seen.');
  return notes;
}

function othersOf({ cannibalised, halo }: PredictedPlan): PromotionForecast['others'] {
  if (!cannibalised) return null;
  const lost = cannibalised.map(({ product, units: volume }) => ({ productId: product, units: units(-volume) }));
  return [...lost, ...(halo ?? []).map(({ product, units: volume }) => ({ productId: product, units: units(volume) }))];
}

function describe(described: Described): PromotionForecast {
  const { scope, model, predicted, labels } = described;
  const { event, products } = priced(described);
  const shelves = shelfPrices(described);
  // What the retailer is paid is known with the volume; the shelf was priced by the rate below the first tier.
  const paid = shelfPrices(
    described,
    scope.tactics.map((tactic) => ({ ...atReachedTier(tactic, products), passThrough: new Decimal(0) })),
  );
  const shelfOf = (id: string) => ({ ...shelves.get(id)!, fundedPerUnit: paid.get(id)!.fundedPerUnit });
  const spendOf = new Map(event.spend.byProduct.map(({ productId, amount }) => [productId, amount]));
  const margin = retailerMargin(
    products.map((product) => ({ product, shelf: shelfOf(product.productId) })),
    scope.currency,
  );
  const tactics = new Map(scope.tactics.map((tactic) => [tactic.key, tactic]));
  return {
    ...{ refusal: null, currency: scope.currency, modelVersion: model.id, baselineVersion: model.name, formulaVersion },
    weeks: predicted.weeks.map(({ product, weekStart, promoted, low, high, ...week }) => ({
      ...{ weekStart, fiscalWeek: labels.get(weekStart) ?? null, productId: product },
      ...unitTexts(week),
      ...{ low: units(low), high: units(high), promoted },
    })),
    products: predicted.products.map(({ product, low, high, ...planned }) => {
      const shelf = shelves.get(product)!;
      return {
        ...{ productId: product, ...unitTexts(planned), low: units(low), high: units(high) },
        spend: toJson(spendOf.get(product)!),
        ...{ basePrice: shelf.basePrice.toFixed(2), shelfPrice: shelf.shelfPrice.toFixed(2) },
        depth: shelf.depth.toFixed(4),
      };
    }),
    totals: totalsOf(predicted, event),
    spend: toJson(event.spend.total),
    spendByTactic: event.spend.tactics.map((spend) => ({
      ...{ key: spend.key, mechanic: spend.mechanic, volumeBasis: spend.volumeBasis },
      ...{
        volume: spend.volume?.toDecimalPlaces(3).toString() ?? null,
        unit: spend.unit,
        assumption: spend.assumption,
      },
      rate: rateJson(tactics.get(spend.key)?.rate),
      spend: toJson(spend.spend),
      figure: tacticFigure(tactics.get(spend.key)!, spend),
      splits: spend.splits.map(({ fundId, amount }) => ({ fundId, amount: toJson(amount) })),
    })),
    figures: event.figures,
    others: othersOf(predicted),
    retailer: { ...margin, marginBefore: toJson(margin.marginBefore), marginAfter: toJson(margin.marginAfter) },
    notes: notesOf(described),
  };
}

function rateJson(rate: { amount: Decimal; currency: string; per: string } | null | undefined) {
  return rate ? { amount: rate.amount.toString(), currency: rate.currency, per: rate.per } : null;
}

/** What a forecast says that a post-event result will be compared with. */
export function outcomeOf(forecast: PromotionForecast): PredictedOutcome {
  const { totals, figures } = forecast;
  return {
    incrementalUnits: totals.incrementalUnits,
    low: totals.incrementalLow,
    high: totals.incrementalHigh,
    spend: forecast.spend,
    netProfit: figures.netProfit.value as MoneyJson,
    netRoi: figures.netRoi.value as string | null,
    modelVersion: forecast.modelVersion,
  };
}
