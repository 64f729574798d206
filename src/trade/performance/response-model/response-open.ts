import { unitCoefficients } from './response-predict.ts';
import type { FittedResponse, TailWeek } from './response-state.ts';
import { indexStructure, levelsOf, type StructureIndex, type UnitLevels } from './response-structure.ts';

/** What is planned for one product at one customer in one week; prices in money per unit as model features. */
export interface PlannedWeek {
  customer: string;
  product: string;
  /** First day of the week, ISO date. */
  weekStart: string;
  price: number;
  basePrice: number;
  feature: boolean;
  display: boolean;
  /** A shelf price cut without feature or display. */
  priceReduction: boolean;
  /** What would stand in the shelf without the plan; by default no promotion at the base price. */
  without?: { price: number; feature: boolean; display: boolean; priceReduction: boolean };
  /** Where a product that the model has not seen belongs, so that it can borrow from its neighbours. */
  like?: { productGroup: string; category: string };
}

/** A fitted response with its look-up tables. */
export interface OpenResponse {
  fitted: FittedResponse;
  index: StructureIndex;
  tailOf: Map<number, TailWeek[]>;
  originMs: number;
  usualMarket: { category: MarketUsual; group: MarketUsual };
  /** Median over the series of the standard error of the level (log). */
  usualLevelDeviation: number;
}

/** Usual share-weighted cut and loudness per market. */
export interface MarketUsual {
  depth: Float64Array;
  loudness: Float64Array;
}

/** Builds the look-up tables of a fitted response. */
export function openResponse(fitted: FittedResponse): OpenResponse {
  const index = indexStructure(fitted.structure);
  const tailOf = new Map<number, TailWeek[]>();
  for (const week of fitted.tail) {
    const list = tailOf.get(week.series);
    if (list) list.push(week);
    else tailOf.set(week.series, [week]);
  }
  const { structure } = fitted;
  const category = {
    depth: new Float64Array(structure.categoryMarkets.length),
    loudness: new Float64Array(structure.categoryMarkets.length),
  };
  const group = {
    depth: new Float64Array(structure.groupMarkets.length),
    loudness: new Float64Array(structure.groupMarkets.length),
  };
  structure.series.forEach(({ customer, product }, series) => {
    const groupNumber = structure.products[product]!.group;
    const inGroup = index.groupMarkets.get(`${customer}|${groupNumber}`)!;
    const inCategory = index.categoryMarkets.get(`${customer}|${structure.groups[groupNumber]!.category}`)!;
    const share = fitted.share[series]!;
    for (const [usual, market] of [
      [category, inCategory],
      [group, inGroup],
    ] as const) {
      usual.depth[market] = usual.depth[market]! + share * fitted.usualDepth[series]!;
      usual.loudness[market] = usual.loudness[market]! + share * fitted.usualLoudness[series]!;
    }
  });
  return {
    fitted,
    index,
    tailOf,
    originMs: Date.parse(fitted.originDate),
    usualMarket: { category, group },
    usualLevelDeviation: median(fitted.levelDeviation),
  };
}

function median(values: number[]): number {
  return Float64Array.from(values).sort()[values.length >> 1]!;
}

/** What the model knows of one customer × product. */
export interface KnownSeries {
  unit: UnitLevels;
  beta: Float64Array;
  own: boolean;
  /** Log level to add to the coefficients: recent sales, and the mean of what was never seen. */
  level: number;
  /** Standard deviation (log) of the level beyond that of the middle series, whose errors the intervals are made from. */
  levelDeviation: number;
  usualLogBase: number | undefined;
  share: number;
  observations: number;
}

/** Looks a customer × product up; a reason in words where nothing can be borrowed. */
export function findSeries(open: OpenResponse, row: PlannedWeek): KnownSeries | string {
  const { fitted, index } = open;
  const customer = index.customers.get(row.customer);
  if (customer === undefined) return `customer ${row.customer} has no sales history`;
  const unit = levelsOf(fitted.structure, index, row.customer, row.product) ?? neighbourLevels(open, customer, row);
  if (typeof unit === 'string') return unit;
  if (unit.categoryMarket < 0) return `customer ${row.customer} has never sold the category of product ${row.product}`;
  return knownSeries(open, unit);
}

function neighbourLevels({ index }: OpenResponse, customer: number, row: PlannedWeek): UnitLevels | string {
  if (!row.like) return `product ${row.product} has no sales history`;
  const category = index.categories.get(row.like.category);
  if (category === undefined) return `category ${row.like.category} has no sales history`;
  const group = index.groups.get(`${category}|${row.like.productGroup}`) ?? -1;
  return {
    customer,
    product: -1,
    group,
    category,
    categoryMarket: index.categoryMarkets.get(`${customer}|${category}`) ?? -1,
    groupMarket: index.groupMarkets.get(`${customer}|${group}`) ?? -1,
    series: -1,
  };
}

function knownSeries({ fitted, usualLevelDeviation }: OpenResponse, unit: UnitLevels): KnownSeries {
  const beta = unitCoefficients(fitted, unit);
  const own = unit.product < 0 || fitted.structure.products[unit.product]!.own;
  if (unit.series >= 0) {
    return {
      unit,
      beta,
      own,
      level: fitted.recentLevel[unit.series]!,
      levelDeviation: Math.sqrt(Math.max(0, fitted.levelDeviation[unit.series]! ** 2 - usualLevelDeviation ** 2)),
      usualLogBase: fitted.usualLogBase[unit.series]!,
      share: fitted.share[unit.series]!,
      observations: fitted.observations[unit.series]!,
    };
  }
  let variance = interceptDeviation(fitted, 'series') ** 2;
  if (unit.product < 0) variance += interceptDeviation(fitted, 'product') ** 2;
  if (unit.group < 0) variance += interceptDeviation(fitted, 'group') ** 2;
  return {
    unit,
    beta,
    own,
    // The mean of what may come is above the middle: E[exp(x)] = exp(variance / 2).
    level: variance / 2 + (unit.product < 0 ? 0 : fitted.productRecentLevel[unit.product]!),
    levelDeviation: Math.sqrt(variance),
    usualLogBase: undefined,
    share: 0,
    observations: 0,
  };
}

function interceptDeviation(fitted: FittedResponse, name: string): number {
  return fitted.layers.find((layer) => layer.name === name)!.deviations[0]!;
}
