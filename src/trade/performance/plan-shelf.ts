import type { Context } from '#context';
import type { TenantTx } from '#db';
import { addDays } from '#fiscal-calendar';
import { Decimal } from '#money';
import { Problem } from '#problem';
import { shelfPriceOf } from './domain/event-spend.ts';
import { meanShelfPrice, type ShelfSegment, shelfSegments } from './domain/shelf-segments.ts';
import { type EverydayPrice, everydayPrices } from './everyday-prices.ts';
import { describeSeries } from './panel-scope.ts';
import type { LoadedModel } from './promotion-model-cache.ts';
import type { LeafScope } from './promotion-scope.ts';
import type { KnownEvent, PlannedSeries } from './response-model/promotion-plan.ts';
import { findShelfBasePrices, type ShelfBasePrice } from './shelf-base-prices.ts';

/** The shelves of a plan: the event's series, and the maker's other products beside them. */
export interface PlanShelf {
  series: PlannedSeries[];
  sisters: PlannedSeries[];
  /** Prices of the other products; null where one of them has none: then their money is not estimated. */
  sisterPrices: ReadonlyMap<string, EverydayPrice> | null;
  notes: string[];
}

/** Not sold for so long counts as not listed. */
const listedWithinDays = 26 * 7;

/** Own products of these categories that are not in the event and that the model knows. */
function sistersInModel(model: LoadedModel, scope: LeafScope, categories: ReadonlySet<string>): string[] {
  const inside = new Set(scope.productIds);
  return [...model.products].flatMap(([id, { category, own }]) =>
    own && !inside.has(id) && categories.has(category) ? [id] : [],
  );
}

/** Where products stand: as the model has learned it, or by the product tree for those it has never seen. */
async function placesOf(tx: TenantTx<Context>, model: LoadedModel, scope: LeafScope) {
  const customerId = scope.customerIds[0]!;
  const unseen = scope.productIds.filter((id) => !model.products.has(id));
  const described = await describeSeries(
    tx,
    unseen.map((productId) => ({ customerId, productId })),
  );
  const places = new Map(described.map(({ product, productGroup, category }) => [product, { productGroup, category }]));
  for (const id of scope.productIds) {
    const { productGroup, category } = model.products.get(id) ?? places.get(id)!;
    places.set(id, { productGroup, category });
  }
  return places;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

/** Base prices of products that none of the customers has sold lately: the middle of what they cost elsewhere. */
async function pricesElsewhere(
  tx: TenantTx<Context>,
  query: { customerIds: string[]; productIds: string[]; soldFrom: string },
  customerIds: readonly string[],
): Promise<ShelfBasePrice[]> {
  const elsewhere = await findShelfBasePrices(tx, query);
  return query.productIds.flatMap((productId) => {
    const found = elsewhere.filter((price) => price.productId === productId);
    if (found.length === 0) return [];
    const basePrice = median(found.map((price) => price.basePrice));
    return customerIds.map((customerId) => ({ ...found[0]!, customerId, basePrice }));
  });
}

/** Prices where all are known, else null. */
async function pricesIfKnown(
  tx: TenantTx<Context>,
  query: { customerIds: readonly string[]; productIds: readonly string[]; on: string },
): Promise<Map<string, EverydayPrice> | null> {
  try {
    return await everydayPrices(tx, query);
  } catch (error) {
    if (error instanceof Problem) return null;
    throw error;
  }
}

/** A promotion of the calendar, ready to be asked about many series. */
interface KnownPromotion {
  scope: LeafScope;
  customers: ReadonlySet<string>;
  /** Tactics by SKU. */
  tactics: ReadonlyMap<string, LeafScope['tactics']>;
}

function knownPromotion(scope: LeafScope): KnownPromotion {
  const tactics = new Map<string, LeafScope['tactics'][number][]>();
  for (const tactic of scope.tactics) {
    for (const productId of tactic.productIds) tactics.set(productId, [...(tactics.get(productId) ?? []), tactic]);
  }
  return { scope, customers: new Set(scope.customerIds), tactics };
}

/** What the calendar's other promotions make of a series' shelf; those whose price cut cannot be told keep their flags. */
function knownEvents(
  calendar: readonly KnownPromotion[],
  price: ShelfBasePrice,
  prices: ReadonlyMap<string, EverydayPrice>,
): KnownEvent[] {
  return calendar.flatMap(({ scope, customers, tactics: bySku }) => {
    const tactics = bySku.get(price.productId);
    if (!tactics || !customers.has(price.customerId)) return [];
    const onDay = prices.get(price.productId);
    const shelf =
      onDay && meanShelfPrice(tactics, { productId: price.productId, ...onDay }, new Decimal(price.basePrice), scope);
    return {
      ...{ startsOn: scope.startsOn, endsOn: scope.endsOn },
      price: shelf?.shelfPrice.toNumber() ?? price.basePrice,
      feature: tactics.some(({ feature }) => feature),
      display: tactics.some(({ display }) => display),
    };
  });
}

/** The shelf of one product on the days of a segment. */
function shelfOn(
  { startsOn, endsOn, tactics }: ShelfSegment<LeafScope['tactics'][number]>,
  product: EverydayPrice & { productId: string },
  basePrice: Decimal,
): KnownEvent {
  const mine = tactics.filter(({ productIds }) => productIds.includes(product.productId));
  return {
    ...{ startsOn, endsOn, price: shelfPriceOf(mine, product, basePrice).shelfPrice.toNumber() },
    feature: mine.some(({ feature }) => feature),
    display: mine.some(({ display }) => display),
  };
}

/**
 * Puts a promotion on the shelves: who sells its products at which price, and what shoppers will pay. Answers a reason
 * where nobody sells them. Throws `money.currency_mismatch`, and `rule.violated` for a cut above the shelf price.
 */
export async function planShelf(
  tx: TenantTx<Context>,
  model: LoadedModel,
  scope: LeafScope & { currency: string },
  prices: ReadonlyMap<string, EverydayPrice>,
  calendar: readonly LeafScope[],
): Promise<PlanShelf | string> {
  const onCalendar = calendar.map(knownPromotion);
  const { originDate } = model.model.fitted;
  const known = model.customers;
  const customerIds = scope.customerIds.filter((id) => known.has(id));
  if (customerIds.length === 0) return 'The customer has no sales history.';
  const places = await placesOf(tx, model, scope);
  const categories = new Set([...places.values()].map(({ category }) => category));
  const sisterIds = sistersInModel(model, scope, categories);
  const soldFrom = addDays(originDate, -listedWithinDays);
  const found = await findShelfBasePrices(tx, {
    ...{ customerIds, soldFrom, productIds: [...scope.productIds, ...sisterIds] },
  });
  const sisterPrices = await pricesIfKnown(tx, { customerIds, productIds: sisterIds, on: scope.startsOn });
  const notes: string[] = [];
  const own = new Set(scope.productIds);
  const listed = found.filter(({ productId }) => own.has(productId));
  const sold = new Set(listed.map(({ productId }) => productId));
  const unlisted = scope.productIds.filter((id) => !sold.has(id));
  if (unlisted.length > 0) {
    listed.push(
      ...(await pricesElsewhere(tx, { customerIds: [...known], productIds: unlisted, soldFrom }, customerIds)),
    );
    const missing = unlisted.find((id) => !listed.some(({ productId }) => productId === id));
    if (missing) return `Product ${missing} has no sales: there is no shelf price to start from.`;
    notes.push(`${unlisted.length} of the products were not sold there lately: borrowed from other customers.`);
  }
  const flagged = (on: (tactic: LeafScope['tactics'][number]) => boolean) =>
    new Set(scope.tactics.filter(on).flatMap(({ productIds }) => productIds));
  const segments = shelfSegments(scope.tactics, scope);
  const featured = flagged(({ feature }) => feature);
  const displayed = flagged(({ display }) => display);
  const series = listed.map((price): PlannedSeries => {
    if (price.currency !== scope.currency) {
      throw new Problem('money.currency_mismatch', {
        detail: `The shelf prices are in ${price.currency}, the promotion in ${scope.currency}.`,
      });
    }
    const product = { productId: price.productId, ...prices.get(price.productId)! };
    const base = new Decimal(price.basePrice);
    const shelf = meanShelfPrice(scope.tactics, product, base, scope);
    return {
      ...{ customer: price.customerId, product: price.productId, basePrice: price.basePrice },
      eventPrice: shelf.shelfPrice.toNumber(),
      ...(segments.length > 1 ? { segments: segments.map((one) => shelfOn(one, product, base)) } : {}),
      feature: featured.has(price.productId),
      display: displayed.has(price.productId),
      others: knownEvents(onCalendar, price, prices),
      ...(model.products.has(price.productId) ? {} : { like: places.get(price.productId)! }),
    };
  });
  const sisters = found
    .filter(({ productId }) => !own.has(productId))
    .map((price): PlannedSeries => {
      const { customerId, productId, basePrice } = price;
      return {
        ...{ customer: customerId, product: productId, basePrice, eventPrice: basePrice },
        ...{ feature: false, display: false, others: knownEvents(onCalendar, price, sisterPrices ?? new Map()) },
      };
    });
  return { series, sisters, sisterPrices, notes };
}
