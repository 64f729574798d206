import { add, allocate, amountOf, compare, Decimal, type Money, roundToMoney, sum, toDecimal, zero } from '#money';
import { Problem } from '#problem';
import { type EventProduct, type EventTactic, type TacticRate, volumeBasisOf } from './event-tactic.ts';
import type { Mechanic, VolumeBasis } from './mechanic.ts';
import { lumpSumOf, ratedMoney, tierRate, withinLimits, worthPerCase } from './tactic-money.ts';

/** What a rate needs to know of a product. */
type Priced = Pick<EventProduct, 'listPrice' | 'onInvoiceTerms' | 'unitsPerCase'>;

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
export function ratePerCase({ rate }: Pick<EventTactic, 'rate'>, product: Priced): Decimal {
  return rate ? rate.amount.times(worthPerCase(rate, product)) : new Decimal(0);
}

/** The highest rate that a tactic can come to pay for a case of a product: of its tiers, where it has any. */
function highestPerCase({ rate, tiers }: EventTactic, product: Priced): Decimal {
  if (!rate) return new Decimal(0);
  const amounts = [rate.amount, ...(tiers?.steps ?? []).map((step) => step.rate)];
  return ratePerCase({ rate: { ...rate, amount: Decimal.max(...amounts) } }, product);
}

/**
 * Throws `rule.violated` where a tactic, or those that run on the same days together, could pay more for a case than its list
 * price: an amount that nobody means.
 */
export function requireRatesBelowPrices(
  tactics: readonly EventTactic[],
  products: readonly EventProduct[],
  together: readonly (readonly EventTactic[])[],
): void {
  requireEachBelowPrice(tactics, products);
  for (const product of products) {
    const paid = together.map((running) => ({ running, sum: paidTogether(running, product) }));
    const high = paid.find(({ sum }) => sum.gt(toDecimal(product.listPrice)));
    if (!high) continue;
    const names = high.running.filter((tactic) => tactic.rate && tactic.productIds.includes(product.productId));
    throw new Problem('rule.violated', {
      detail: `${names.map(({ mechanic }) => mechanic).join(' and ')} together pay ${high.sum.toFixed(2)} per case on the same days, above the list price of ${amountOf(product.listPrice)}.`,
    });
  }
}

/** What tactics can come to pay for a case of a product together; what only some shoppers redeem counts by its rate. */
function paidTogether(tactics: readonly EventTactic[], product: EventProduct): Decimal {
  const mine = tactics.filter(({ productIds }) => productIds.includes(product.productId));
  return Decimal.sum(0, ...mine.map((one) => highestPerCase(one, product).times(one.redemptionRate ?? 1)));
}

function requireEachBelowPrice(tactics: readonly EventTactic[], products: readonly EventProduct[]): void {
  for (const tactic of tactics.filter(({ rate }) => rate !== null)) {
    const high = productsOf(tactic, products).find((product) =>
      highestPerCase(tactic, product).gt(toDecimal(product.listPrice)),
    );
    if (!high) continue;
    throw new Problem('rule.violated', {
      detail: `The ${tactic.mechanic} rate of ${highestPerCase(tactic, high).toFixed(2)} per case is above the list price of ${amountOf(high.listPrice)}.`,
    });
  }
}

interface Volume {
  cases: Decimal;
  assumed: boolean;
}

/** Cases on the tactic's own basis. Throws `rule.violated` where a mechanic lacks its input. */
function volumeOf(tactic: EventTactic, product: EventProduct): Volume {
  const basis = volumeBasisOf(tactic);
  const counted = product.counted?.get(tactic.key);
  const sold = counted?.cases ?? product.units.div(product.unitsPerCase);
  switch (basis) {
    case 'pos_units':
      return { cases: sold, assumed: false };
    case 'redemptions':
      if (tactic.redemptionRate) return { cases: sold.times(tactic.redemptionRate), assumed: false };
      return refuseRate(tactic, 'a redemption rate');
    case 'shipped_cases':
      if (tactic.mechanic === 'volume_rebate' && !tactic.tiers) refuseRate(tactic, 'tiers');
      if (counted) return counted;
      return { cases: product.shippedCases ?? sold, assumed: product.shippedCases === null };
    case 'depletions':
      return counted ?? { cases: sold, assumed: true };
    case 'none':
      return refuseRate(tactic, 'no rate: it is paid as a lump sum');
  }
}

function refuseRate({ mechanic }: EventTactic, needs: string): never {
  throw new Problem('rule.violated', { detail: `A ${mechanic} tactic with a rate needs ${needs}.` });
}

/** What a tactic pays by volume, before rounding, lump sum and limits: in all and by product. */
interface Rated {
  volumes: Volume[];
  /** By product, in the order given: they sum to `exact`. */
  parts: Decimal[];
  exact: Decimal;
}

function ratedOn(tactic: EventTactic, rate: TacticRate, products: readonly EventProduct[]): Rated {
  const volumes = products.map((product) => volumeOf(tactic, product));
  const paid = volumes.map(({ cases }, i) => ({
    volume: cases,
    rate: worthPerCase(rate, products[i]!).times(tactic.tiers ? 1 : rate.amount),
  }));
  const exact = ratedMoney(tactic.tiers, paid);
  if (!tactic.tiers) return { volumes, parts: paid.map((each) => each.volume.times(each.rate)), exact };
  const reached = tierRate(tactic.tiers, Decimal.sum(0, ...volumes.map(({ cases }) => cases)));
  return { volumes, parts: paid.map((each) => each.volume.times(each.rate).times(reached)), exact };
}

/** A tactic with tiers as one at the rate that its volume reaches, so that rate × volume is what it pays; others as they are. */
export function atReachedTier(tactic: EventTactic, products: readonly EventProduct[]): EventTactic {
  const { rate, tiers, ...rest } = tactic;
  if (!rate || !tiers) return tactic;
  const cases = productsOf(tactic, products).map((product) => volumeOf(tactic, product).cases);
  return { ...rest, rate: { ...rate, amount: tierRate(tiers, Decimal.sum(0, ...cases)) } };
}

/** What the rates of tactics pay on products, each within its cap, before rounding: domain.md's d × volume. */
export function ratedSpend(tactics: readonly EventTactic[], products: readonly EventProduct[]): Decimal {
  const parts = tactics.map((tactic) => {
    const exact = tactic.rate ? ratedOn(tactic, tactic.rate, productsOf(tactic, products)).exact : new Decimal(0);
    return tactic.cap ? Decimal.min(exact, toDecimal(tactic.cap)) : exact;
  });
  return Decimal.sum(0, ...parts);
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

const units: Record<VolumeBasis, 'case' | 'unit' | null> = {
  ...{ shipped_cases: 'case', depletions: 'case', pos_units: 'unit', redemptions: 'unit', none: null },
};

/** The volume that a tactic counted on, in the unit of its basis. */
function countedOn(rated: Rated | null, basis: VolumeBasis, products: readonly EventProduct[]) {
  const unit = rated && units[basis];
  if (!unit) return { volume: null, unit: null, assumption: null };
  const counted = rated.volumes.map(({ cases }, i) =>
    unit === 'unit' ? cases.times(products[i]!.unitsPerCase) : cases,
  );
  const what = basis === 'depletions' ? 'Depletions' : 'Shipments';
  return {
    ...{ volume: Decimal.sum(0, ...counted), unit },
    assumption: rated.volumes.some(({ assumed }) => assumed)
      ? `${what} are not known: cases sold to shoppers stand in for cases ${what === 'Shipments' ? 'shipped' : 'depleted'}.`
      : null,
  };
}

/**
 * The cost of one tactic: rate × volume on its own basis, rounded once per tactic by the house rule, plus its lump sum,
 * within its cap and minimum.
 */
export function tacticSpend(tactic: EventTactic, products: readonly EventProduct[], currency: string): TacticSpend {
  const inside = productsOf(tactic, products);
  const ids = inside.map((product) => product.productId);
  const basis = volumeBasisOf(tactic);
  const rated = tactic.rate ? ratedOn(tactic, tactic.rate, inside) : null;
  const byRate = roundToMoney(rated?.exact ?? new Decimal(0), currency);
  const lump = lumpSumOf(tactic, currency);
  const unlimited = add(byRate, lump);
  const spend = withinLimits(tactic, unlimited);
  const ratedParts = !rated || byRate.minor === 0n ? ids.map(() => zero(currency)) : allocate(byRate, rated.parts);
  const lumpParts = lump.minor === 0n ? ids.map(() => zero(currency)) : allocate(lump, lumpWeights(inside));
  const parts = ids.map((_, i) => add(ratedParts[i]!, lumpParts[i]!));
  return {
    ...{ key: tactic.key, mechanic: tactic.mechanic, volumeBasis: basis },
    ...countedOn(rated, basis, inside),
    spend,
    splits: splitAmong(
      tactic.fundSplit.map(({ fundId }) => fundId),
      'fundId',
      spend,
      tactic.fundSplit.map(({ share }) => share),
    ),
    byProduct: limitedParts(parts, spend, inside).map((amount, i) => ({ productId: ids[i]!, amount })),
  };
}

/** Parts of what a tactic would pay without limits, brought to what it pays; by list sales where it would pay nothing. */
function limitedParts(parts: readonly Money[], spend: Money, products: readonly EventProduct[]): readonly Money[] {
  const whole = sum(parts, spend.currency);
  if (compare(whole, spend) === 0) return parts;
  if (spend.minor === 0n) return parts.map(() => zero(spend.currency));
  return allocate(spend, whole.minor > 0n ? parts.map(toDecimal) : lumpWeights(products));
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
 * Shelf price cut = funded rate × pass-through, summed over the tactics that name the product; what only some shoppers
 * redeem cuts the mean price by its redemption rate. Throws `rule.violated`
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
    const perUnit = ratePerCase(tactic, product)
      .times(tactic.redemptionRate ?? 1)
      .div(product.unitsPerCase);
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
