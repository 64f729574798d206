import { isDeepStrictEqual } from 'node:util';
import type { Context } from '#context';
import type { TenantTx } from '#db';
import { emit } from '#events';
import { runFit } from '#ml';
import { Decimal, type MoneyJson, toJson } from '#money';
import { Problem } from '#problem';
import { recordAudit } from '#security';
import { type PricedEvent, priceEvent } from './domain/event-economics.ts';
import { formulaVersion } from './domain/event-figure.ts';
import type { EventMeasurement, MeasuredScope, MeasurementRefused } from './domain/event-measurement.ts';
import { everydayContribution } from './domain/event-spend.ts';
import type { EventProduct } from './domain/event-tactic.ts';
import { verdictOf } from './domain/event-verdict.ts';
import { agreementsOf, everydayPrices } from './everyday-prices.ts';
import { fiscalWeekLabels } from './fiscal-week-labels.ts';
import { readForwardBuying } from './forward-buying.ts';
import { findPrediction } from './keep-prediction.ts';
import type { MeasureScopesInput } from './measure-scopes.ts';
import { readCountedApart } from './measured-volumes.ts';
import { productsBeside } from './panel-scope.ts';
import { promotionMeasured } from './performance-events.ts';
import type { ActualOutcome, PostEvent, PostEventBody } from './post-event.ts';
import {
  findPostEvent,
  insertPostEvent,
  lockPostEvents,
  type PostEventRow,
  productsWithSales,
  sumShipments,
} from './post-event-store.ts';
import { type LeafScope, type PromotionScope, resolveScope } from './promotion-scope.ts';
import { readSalesPanel } from './read-sales-panel.ts';

/** A promotion to measure. */
export interface EndedPromotion extends PromotionScope {
  promotionId: string;
  currency: string;
  /** Buy window; the event's own dates where absent. */
  shipStartsOn?: string | undefined;
  shipEndsOn?: string | undefined;
}

/** Another event that was on the shelves: its weeks are no clean weeks. */
export interface OtherEvent {
  customerIds: readonly string[];
  productIds: readonly string[];
  startsOn: string;
  endsOn: string;
}

/** What {@link measurePromotions} takes. The promotions to measure are on each other's shelves already. */
export interface MeasurePromotions {
  promotions: readonly EndedPromotion[];
  /** Leaf customers and SKUs of other promotions; flags in the sales count in any case. */
  otherEvents?: readonly OtherEvent[];
}

type Placed = EndedPromotion & LeafScope;
type Measurement = EventMeasurement | MeasurementRefused;

const scopeOf = (event: OtherEvent): MeasuredScope => ({
  series: event.customerIds.flatMap((customer) => event.productIds.map((product) => ({ customer, product }))),
  startsOn: event.startsOn,
  endsOn: event.endsOn,
});

/**
 * Measures ended promotions against the sales there are, prices what they did and stores each result as a new version,
 * unless it says the same as the last one. A promotion whose weeks have no sales yet is answered as `pending` and not
 * stored. Reads all sales of the categories at hand: some seconds for hundreds of thousands of facts.
 */
export async function measurePromotions(
  context: Context,
  { promotions, otherEvents = [] }: MeasurePromotions,
): Promise<PostEvent[]> {
  const placed = await context.db.read(context, async (tx) => {
    const scopes: Placed[] = [];
    for (const promotion of promotions) scopes.push({ ...promotion, ...(await resolveScope(tx, promotion)) });
    return scopes;
  });
  const measurements = await measure(context, placed, otherEvents);
  const results: PostEvent[] = [];
  for (const [index, promotion] of placed.entries()) {
    results.push(await context.db.transact(context, (tx) => conclude(tx, promotion, measurements[index] ?? null)));
  }
  return results;
}

/** Measures one ended promotion: {@link measurePromotions}. */
export async function measurePromotion(
  context: Context,
  promotion: EndedPromotion,
  otherEvents: readonly OtherEvent[] = [],
): Promise<PostEvent> {
  const [result] = await measurePromotions(context, { promotions: [promotion], otherEvents });
  return result!;
}

/** Measurements in the order of the promotions; null where an event has weeks without sales yet. */
async function measure(
  context: Context,
  placed: readonly Placed[],
  otherEvents: readonly OtherEvent[],
): Promise<(Measurement | null)[]> {
  const productIds = [...new Set(placed.flatMap((promotion) => promotion.productIds))];
  const shelf = await context.db.read(context, async (tx) =>
    productsBeside(tx, productIds, await productsWithSales(tx)),
  );
  const panel = await readSalesPanel(context, { productIds: shelf.map(({ id }) => id) });
  const lastWeek = panel?.weekStart.at(-1);
  if (!panel || !lastWeek) return placed.map(() => null);
  const isOver = (promotion: Placed) => Date.parse(promotion.endsOn) - Date.parse(lastWeek) < 7 * 86_400_000;
  const over = placed.filter(isOver);
  const waiting = placed.filter((promotion) => !isOver(promotion));
  const input: MeasureScopesInput = {
    ...{ panel, scopes: over.map(scopeOf), otherEvents: [...otherEvents, ...waiting].map(scopeOf) },
  };
  const measured = await runFit<Measurement[]>(new URL('./measure-scopes.ts', import.meta.url), 'measureScopes', input);
  const byPromotion = new Map(over.map((promotion, i) => [promotion, measured[i]!]));
  return placed.map((promotion) => byPromotion.get(promotion) ?? null);
}

/** Prices a measurement and stores it as the next version. */
async function conclude(tx: TenantTx<Context>, promotion: Placed, measurement: Measurement | null): Promise<PostEvent> {
  const { promotionId } = promotion;
  const predicted = await findPrediction(tx, promotionId);
  const empty: PostEventBody = {
    ...{
      reason: null,
      predicted,
      actual: null,
      weeks: [],
      figures: null,
      forwardBuying: null,
      verdict: null,
      notes: [],
    },
  };
  if (!measurement) {
    const reason = 'The weeks of the event have no sales yet.';
    return {
      ...{ ...empty, reason, promotionId, state: 'pending', measurementVersion: null, measuredAt: null },
      ...{ baselineVersion: null, formulaVersion },
    };
  }
  if (measurement.refused !== undefined) {
    return store(tx, promotion, null, { ...empty, reason: measurement.refused });
  }
  const { measured, priced } = await pricedAsFarAsKnown(tx, promotion, measurement);
  if (typeof priced === 'string') return store(tx, promotion, null, { ...empty, reason: priced });
  const forwardBuying = await readForwardBuying(tx, promotion, priced.spend, priced.unitsPerCase);
  const labels = await fiscalWeekLabels(
    tx,
    measured.weeks.map(({ weekStart }) => weekStart),
  );
  return store(tx, promotion, measured.baselineVersion, {
    ...empty,
    actual: actualOutcome(measured, priced),
    weeks: measured.weeks.map((week) => ({
      weekStart: week.weekStart,
      fiscalWeek: labels.get(week.weekStart) ?? null,
      baselineUnits: units(week.baselineUnits),
      actualUnits: week.actualUnits === null ? null : units(week.actualUnits),
      low: null,
      high: null,
      phase: week.phase === 'after' ? 'dip' : week.phase,
    })),
    facts: measured.facts.map(({ weekStart, product, missingSeries, ...fact }) => ({
      ...{ weekStart, productId: product, missingSeries },
      ...{ baselineUnits: units(fact.baselineUnits), actualUnits: units(fact.actualUnits) },
      incrementalUnits: units(fact.actualUnits - fact.baselineUnits),
    })),
    figures: priced.figures,
    forwardBuying,
    verdict: verdictOf(priced.figures, forwardBuying.spend),
    notes: [...measured.notes, ...priced.spend.tactics.flatMap(({ assumption }) => assumption ?? [])],
  });
}

/** Units as a decimal string: estimates have no use for more than three decimals. */
const units = (value: number): string => new Decimal(value).toFixed(3).replace(/\.?0+$/, '');

/** A measurement in money, and what its products hold in a case. */
interface PricedMeasurement extends PricedEvent {
  unitsPerCase: ReadonlyMap<string, number>;
}

/** The measurement in money, or why it cannot be told: a product without a price is not the fault of the others. */
async function tryPricing(
  tx: TenantTx<Context>,
  promotion: Placed,
  measured: EventMeasurement,
): Promise<PricedMeasurement | string> {
  try {
    return await priceMeasurement(tx, promotion, measured);
  } catch (error) {
    if (error instanceof Problem) return error.detail;
    throw error;
  }
}

/** Another category's product without a price takes the halo with it, not the whole measurement. */
async function pricedAsFarAsKnown(
  tx: TenantTx<Context>,
  promotion: Placed,
  measured: EventMeasurement,
): Promise<{ measured: EventMeasurement; priced: PricedMeasurement | string }> {
  const priced = await tryPricing(tx, promotion, measured);
  if (typeof priced !== 'string' || !measured.haloUnits) return { measured, priced };
  const notes = [...measured.notes, `halo not estimated: ${priced}`];
  const without: EventMeasurement = { ...measured, haloUnits: null, haloed: [], notes };
  return { measured: without, priced: await tryPricing(tx, promotion, without) };
}

async function priceMeasurement(
  tx: TenantTx<Context>,
  promotion: Placed,
  measured: EventMeasurement,
): Promise<PricedMeasurement> {
  const sisters = [...measured.cannibalised, ...measured.haloed].map(({ product }) => product);
  const prices = await everydayPrices(tx, {
    ...{ customerIds: promotion.customerIds, productIds: [...new Set([...promotion.productIds, ...sisters])] },
    on: promotion.startsOn,
  });
  const shipped = await sumShipments(tx, {
    customerIds: promotion.customerIds,
    productIds: promotion.productIds,
    from: promotion.shipStartsOn ?? promotion.startsOn,
    to: promotion.shipEndsOn ?? promotion.endsOn,
  });
  const apart = await readCountedApart(tx, promotion, prices);
  const byProduct = new Map(measured.products.map((part) => [part.product, part]));
  const products = promotion.productIds.map((productId): EventProduct => {
    const part = byProduct.get(productId);
    const cases = shipped.get(productId);
    return {
      productId,
      ...prices.get(productId)!,
      baselineUnits: new Decimal(part?.baselineUnits ?? 0),
      units: new Decimal(part?.actualUnits ?? 0),
      shippedCases: cases === undefined ? null : new Decimal(cases),
      ...(apart.has(productId) ? { counted: apart.get(productId)! } : {}),
    };
  });
  const component = (productId: string, lost: number) => {
    const price = prices.get(productId)!;
    return {
      productId,
      cases: new Decimal(lost).div(price.unitsPerCase),
      contributionPerCase: everydayContribution(price),
    };
  };
  const priced = priceEvent({
    currency: promotion.currency,
    tactics: promotion.tactics,
    products,
    dip: measured.dipUnits && measured.products.map((part) => component(part.product, part.dipUnits ?? 0)),
    cannibalisation:
      measured.cannibalisationUnits && measured.cannibalised.map((part) => component(part.product, part.units)),
    halo: measured.haloUnits && measured.haloed.map((part) => component(part.product, part.units)),
    incrementalUnits: {
      low: new Decimal(measured.incrementalUnits.low),
      high: new Decimal(measured.incrementalUnits.high),
    },
    volumeSource: `measurement ${measured.baselineVersion}`,
    agreements: agreementsOf(prices, promotion.productIds),
  });
  const perCase = promotion.productIds.map((id) => [id, prices.get(id)!.unitsPerCase.toNumber()] as const);
  return { ...priced, unitsPerCase: new Map(perCase) };
}

function actualOutcome(measured: EventMeasurement, { figures }: PricedEvent): ActualOutcome {
  const amount = (value: unknown) => value as MoneyJson;
  const share = (value: unknown) => (value ?? null) as string | null;
  return {
    baselineUnits: units(measured.baselineUnits.value),
    actualUnits: units(measured.actualUnits),
    incrementalUnits: units(measured.incrementalUnits.value),
    low: units(measured.incrementalUnits.low),
    high: units(measured.incrementalUnits.high),
    dipUnits: measured.dipUnits && units(measured.dipUnits.value),
    cannibalisationUnits: measured.cannibalisationUnits && units(measured.cannibalisationUnits.value),
    haloUnits: measured.haloUnits && units(measured.haloUnits.value),
    spend: amount(figures.eventSpend.value),
    grossProfit: amount(figures.grossProfit.value),
    grossRoi: share(figures.grossRoi.value),
    netProfit: amount(figures.netProfit.value),
    netProfitLow: amount(figures.netProfit.low),
    netProfitHigh: amount(figures.netProfit.high),
    netRoi: share(figures.netRoi.value),
    netRoiLow: share(figures.netRoi.low),
    netRoiHigh: share(figures.netRoi.high),
  };
}

/** What the measured event was, as it is kept beside the result: enough to measure it again. */
function eventAsMeasured({ promotionId, tactics, ...promotion }: Placed) {
  return {
    ...promotion,
    promotionId,
    tactics: tactics.map(({ rate, lumpSum, passThrough, fundSplit, redemptionRate, cap, minimum, ...tactic }) => ({
      ...tactic,
      rate: rate && { ...rate, amount: rate.amount.toString() },
      lumpSum: lumpSum && toJson(lumpSum),
      passThrough: passThrough.toString(),
      fundSplit: fundSplit.map(({ fundId, share }) => ({ fundId, share: share.toString() })),
      redemptionRate: redemptionRate?.toString() ?? null,
      cap: cap ? toJson(cap) : null,
      minimum: minimum ? toJson(minimum) : null,
    })),
  };
}

async function store(
  tx: TenantTx<Context>,
  promotion: Placed,
  baselineVersion: string | null,
  body: PostEventBody,
): Promise<PostEvent> {
  const { promotionId } = promotion;
  await lockPostEvents(tx, promotionId);
  const last = await findPostEvent(tx, promotionId);
  const state = body.actual ? 'measured' : 'refused';
  if (last && saysTheSame(last, body)) return toPostEvent(last);
  const version = (last?.version ?? 0) + 1;
  const event = eventAsMeasured(promotion);
  const row = await insertPostEvent(tx, {
    ...{ promotionId, version, state, formulaVersion, baselineVersion, event, result: body },
  });
  await emit(tx, {
    type: promotionMeasured,
    subjectType: 'promotion',
    subjectId: promotionId,
    data: { promotionId, version, state, decision: body.verdict?.decision ?? null },
  });
  await recordAudit(tx, {
    action: 'promotion.measured',
    entityType: 'promotion',
    entityId: promotionId,
    after: { version, state, formulaVersion, baselineVersion, actual: body.actual, reason: body.reason },
  });
  return toPostEvent(row);
}

/** The same figures by the same formulas: nothing new to keep, also where sales far from the event have changed. */
function saysTheSame(last: PostEventRow, body: PostEventBody): boolean {
  const before = last.result as PostEventBody;
  return (
    last.formulaVersion === formulaVersion &&
    before.reason === body.reason &&
    isDeepStrictEqual(before.actual, body.actual) &&
    before.forwardBuying?.volume?.value === body.forwardBuying?.volume?.value
  );
}

function toPostEvent(row: PostEventRow): PostEvent {
  return {
    ...(row.result as PostEventBody),
    promotionId: row.promotionId,
    state: row.state,
    measurementVersion: row.version,
    measuredAt: row.measuredAt.toISOString(),
    baselineVersion: row.baselineVersion,
    formulaVersion: row.formulaVersion,
  };
}

/** The last stored measurement of a promotion, or the one with this version; undefined where there is none. */
export async function readPostEvent(
  tx: TenantTx<Context>,
  promotionId: string,
  version?: number,
  asOf?: string,
): Promise<PostEvent | undefined> {
  const row = await findPostEvent(tx, promotionId, version, asOf);
  return row && toPostEvent(row);
}
