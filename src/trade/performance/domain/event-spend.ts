import { add, allocate, compare, Decimal, type Money, roundToMoney, sum, toDecimal, zero } from '#money';
import { Problem } from '#problem';
import { type EventProduct, type EventTactic, type Mechanic, type VolumeBasis, volumeBasisOf } from './event-tactic.ts';

/** What one tactic costs and who pays. */
export interface TacticSpend {
  key: string;
  mechanic: Mechanic;
  volumeBasis: VolumeBasis;
  /** Volume on the tactic's own basis, in `unit`; null without a basis. */
  volume: Decimal | null;
  unit: 'unit' | 'case' | null;
  /** Said where a volume stands in for one that is not known. */
  assumption: string | null;
  spend: Money;
  /** In the order of the tactic's fund split; sums to `spend`. */
  splits: { fundId: string; amount: Money }[];
  /** In the order of the event's products, those of the tactic only; sums to `spend`. */
  byProduct: { productId: string; amount: Money }[];
}

/** What an event costs. */
export interface EventSpend {
  total: Money;
  tactics: TacticSpend[];
  /** Σ per fund, by first appearance. */
  byFund: { fundId: string; amount: Money }[];
  /** Σ per product, in the order of the event's products. */
  byProduct: { productId: string; amount: Money }[];
}

const moneyOf = (value: Money | undefined): Decimal => (value ? toDecimal(value) : new Decimal(0));

/** The everyday contribution of one case: list − on-invoice terms − standing terms − cost (domain.md's m). */
export function everydayContribution(
  product: Pick<EventProduct, 'listPrice' | 'onInvoiceTerms' | 'standingTerms' | 'cost'>,
): Decimal {
  return toDecimal(product.listPrice)
    .minus(moneyOf(product.onInvoiceTerms))
    .minus(moneyOf(product.standingTerms))
    .minus(toDecimal(product.cost));
}

/** The funded rate of a tactic on one case of a product, in major units; 0 without a rate. Throws `money.currency_mismatch`. */
export function ratePerCase(tactic: EventTactic, product: EventProduct): Decimal {
  const { rate } = tactic;
  if (!rate) return new Decimal(0);
  if (rate.per === 'percent') {
    const list = toDecimal(product.listPrice);
    const price = rate.percentOf === 'invoice' ? list.minus(moneyOf(product.onInvoiceTerms)) : list;
    return price.times(rate.amount).div(100);
  }
  if (rate.currency !== product.listPrice.currency) {
    throw new Problem('money.currency_mismatch', {
      detail: `The rate is in ${rate.currency}, the price of the product in ${product.listPrice.currency}.`,
    });
  }
  return rate.per === 'unit' ? rate.amount.times(product.unitsPerCase) : rate.amount;
}

interface Volume {
  cases: Decimal;
  assumed: boolean;
}

/** Cases on the tactic's own basis. Throws `rule.violated` for a basis that nothing here can count yet. */
function volumeOf(tactic: EventTactic, product: EventProduct): Volume {
  const sold = product.units.div(product.unitsPerCase);
  const basis = volumeBasisOf[tactic.mechanic];
  if (basis === 'pos_units') return { cases: sold, assumed: false };
  if (basis === 'shipped_cases' && tactic.mechanic !== 'volume_rebate') {
    return { cases: product.shippedCases ?? sold, assumed: product.shippedCases === null };
  }
  if (basis === 'redemptions' && tactic.redemptionRate) {
    return { cases: sold.times(tactic.redemptionRate), assumed: false };
  }
  const lacking = { redemptions: 'a redemption rate', depletions: 'depletions', shipped_cases: 'tiers' };
  throw new Problem('rule.violated', {
    detail: `A ${tactic.mechanic} tactic with a rate needs ${basis === 'none' ? 'no rate: it is paid as a lump sum' : lacking[basis]}.`,
  });
}

function productsOf(tactic: EventTactic, products: readonly EventProduct[]): EventProduct[] {
  const inside = new Set(tactic.productIds);
  const found = products.filter((product) => inside.has(product.productId));
  if (found.length === inside.size && inside.size > 0) return found;
  const missing = [...inside].filter((id) => !products.some((product) => product.productId === id));
  throw new Problem('rule.violated', {
    detail: `A tactic names products without volumes: ${missing.join(', ') || 'none'}.`,
  });
}

/** Lump sums fall on products by what they sell at list; evenly where nothing is sold. */
function lumpWeights(products: readonly EventProduct[]): Decimal[] {
  const weights = products.map((p) => Decimal.max(0, p.units.div(p.unitsPerCase).times(toDecimal(p.listPrice))));
  return weights.some((weight) => weight.gt(0)) ? weights : products.map(() => new Decimal(1));
}

function splitAmong<Key extends string>(
  keys: readonly string[],
  name: Key,
  total: Money,
  weights: readonly Decimal[],
): ({ amount: Money } & Record<Key, string>)[] {
  // Ties go to the first by stable key, whatever order the caller lists them in.
  const order = keys.map((_, i) => i).sort((a, b) => (keys[a]! < keys[b]! ? -1 : 1));
  const parts = allocate(
    total,
    order.map((i) => weights[i]!),
  );
  const byIndex = new Map(order.map((index, place) => [index, parts[place]!]));
  return keys.map((key, i) => ({ [name]: key, amount: byIndex.get(i)! }) as { amount: Money } & Record<Key, string>);
}

/** The cost of one tactic: rate × volume on its own basis, rounded once per tactic by the house rule, plus its lump sum. */
export function tacticSpend(tactic: EventTactic, products: readonly EventProduct[], currency: string): TacticSpend {
  const inside = productsOf(tactic, products);
  const ids = inside.map((product) => product.productId);
  const basis = volumeBasisOf[tactic.mechanic];
  const volumes = tactic.rate ? inside.map((product) => volumeOf(tactic, product)) : null;
  const exact = inside.map((p, i) => (volumes ? ratePerCase(tactic, p).times(volumes[i]!.cases) : new Decimal(0)));
  const rated = roundToMoney(Decimal.sum(0, ...exact), currency);
  const lump = tactic.lumpSum ?? zero(currency);
  const spend = add(rated, lump);
  const unit = basis === 'none' || !volumes ? null : basis === 'shipped_cases' ? 'case' : 'unit';
  const counted = volumes?.map(({ cases }, i) => (unit === 'unit' ? cases.times(inside[i]!.unitsPerCase) : cases));
  const ratedParts = rated.minor === 0n ? ids.map(() => zero(currency)) : allocate(rated, exact);
  const lumpParts = lump.minor === 0n ? ids.map(() => zero(currency)) : allocate(lump, lumpWeights(inside));
  return {
    key: tactic.key,
    mechanic: tactic.mechanic,
    volumeBasis: basis,
    volume: counted && unit ? Decimal.sum(0, ...counted) : null,
    unit,
    assumption: volumes?.some(({ assumed }) => assumed)
      ? 'Shipments are not known: cases sold to shoppers stand in for cases shipped.'
      : null,
    spend,
    splits: splitAmong(
      tactic.fundSplit.map(({ fundId }) => fundId),
      'fundId',
      spend,
      tactic.fundSplit.map(({ share }) => share),
    ),
    byProduct: ids.map((productId, i) => ({ productId, amount: add(ratedParts[i]!, lumpParts[i]!) })),
  };
}

/**
 * The spend of an event: Σ over its tactics of rate × volume on its own basis, plus lump sums (domain.md's S). Parts by
 * fund and by product sum exactly. Throws `rule.violated` where a mechanic lacks its input, `money.currency_mismatch`.
 */
export function eventSpend(
  tactics: readonly EventTactic[],
  products: readonly EventProduct[],
  currency: string,
): EventSpend {
  const each = tactics.map((tactic) => tacticSpend(tactic, products, currency));
  const byFund = new Map<string, Money>();
  const byProduct = new Map(products.map(({ productId }) => [productId, zero(currency)]));
  for (const { splits, byProduct: parts } of each) {
    for (const { fundId, amount } of splits) byFund.set(fundId, add(byFund.get(fundId) ?? zero(currency), amount));
    for (const { productId, amount } of parts) byProduct.set(productId, add(byProduct.get(productId)!, amount));
  }
  return {
    total: sum(
      each.map(({ spend }) => spend),
      currency,
    ),
    tactics: each,
    byFund: [...byFund].map(([fundId, amount]) => ({ fundId, amount })),
    byProduct: [...byProduct].map(([productId, amount]) => ({ productId, amount })),
  };
}

/** What a shopper pays for one unit during the event. All prices are per unit, in major units of the currency. */
export interface ShelfPrice {
  basePrice: Decimal;
  shelfPrice: Decimal;
  /** (base price − shelf price) / base price, 0..1. */
  depth: Decimal;
  /** What the maker funds per unit, before pass-through. */
  fundedPerUnit: Decimal;
}

/**
 * Shelf price cut = funded rate × pass-through, summed over the tactics that name the product. Throws `rule.violated`
 * where the cut would eat the whole price.
 */
export function shelfPriceOf(
  tactics: readonly EventTactic[],
  product: Pick<EventProduct, 'productId' | 'unitsPerCase' | 'listPrice' | 'onInvoiceTerms'>,
  basePrice: Decimal,
): ShelfPrice {
  let cut = new Decimal(0);
  let funded = new Decimal(0);
  for (const tactic of tactics) {
    if (!tactic.rate || !tactic.productIds.includes(product.productId)) continue;
    const perUnit = ratePerCase(tactic, product as EventProduct).div(product.unitsPerCase);
    funded = funded.plus(perUnit);
    cut = cut.plus(perUnit.times(tactic.passThrough));
  }
  if (!basePrice.gt(0) || cut.gte(basePrice)) {
    throw new Problem('rule.violated', {
      detail: `A price cut of ${cut.toFixed(2)} is not possible on a shelf price of ${basePrice.toFixed(2)}.`,
    });
  }
  return { basePrice, shelfPrice: basePrice.minus(cut), depth: cut.div(basePrice), fundedPerUnit: funded };
}

/** The retailer's gross margin on the event's products in its weeks, money and share of shelf sales. */
export interface RetailerMargin {
  marginBefore: Money;
  marginAfter: Money;
  /** Margin / shelf sales; null without sales. */
  percentBefore: string | null;
  percentAfter: string | null;
  note: string;
}

/**
 * The retailer's margin before (baseline units at the base price) and during the event (units at the shelf price): shelf
 * price less the invoice price and standing terms, plus the funded rate. Lump sums are left out and said so.
 */
export function retailerMargin(
  products: readonly { product: EventProduct; shelf: ShelfPrice }[],
  currency: string,
): RetailerMargin {
  const totals = {
    before: new Decimal(0),
    after: new Decimal(0),
    salesBefore: new Decimal(0),
    salesAfter: new Decimal(0),
  };
  for (const { product, shelf } of products) {
    const paid = toDecimal(product.listPrice)
      .minus(moneyOf(product.onInvoiceTerms))
      .minus(moneyOf(product.standingTerms));
    const unitCost = paid.div(product.unitsPerCase);
    const after = shelf.shelfPrice.minus(unitCost).plus(shelf.fundedPerUnit);
    totals.before = totals.before.plus(shelf.basePrice.minus(unitCost).times(product.baselineUnits));
    totals.after = totals.after.plus(after.times(product.units));
    totals.salesBefore = totals.salesBefore.plus(shelf.basePrice.times(product.baselineUnits));
    totals.salesAfter = totals.salesAfter.plus(shelf.shelfPrice.times(product.units));
  }
  const share = (margin: Decimal, sales: Decimal) => (sales.gt(0) ? margin.div(sales).toFixed(4) : null);
  const marginBefore = roundToMoney(totals.before, currency);
  const marginAfter = roundToMoney(totals.after, currency);
  const note = compare(marginAfter, marginBefore) < 0 ? 'The retailer earns less than without the event. ' : '';
  return {
    marginBefore,
    marginAfter,
    percentBefore: share(totals.before, totals.salesBefore),
    percentAfter: share(totals.after, totals.salesAfter),
    note: `${note}Lump sums paid to the retailer are not counted.`,
  };
}
