import { AT, COVARIATES, type Covariate } from './response-covariates.ts';
import type { ResponseStructure, UnitLevels } from './response-structure.ts';

/** One layer of pooling: which level of a unit it follows, and which covariates vary there with what first-guess deviation. */
export interface ResponseLayer {
  name: 'all' | 'category' | 'group' | 'product' | 'categoryMarket' | 'series';
  /** True keeps the first guess: too few levels to estimate a variance. */
  fixed?: boolean;
  deviations: Partial<Record<Covariate, number>>;
}

const every = (value: number, except: Partial<Record<Covariate, number>> = {}): Partial<Record<Covariate, number>> => ({
  ...Object.fromEntries(COVARIATES.map((name) => [name, value])),
  ...except,
});

/** The pooling of the response model: everything at the product side, level and main effects at the customer side. */
export const RESPONSE_LAYERS: ResponseLayer[] = [
  { name: 'all', fixed: true, deviations: every(1, { one: 10, depth: 3 }) },
  { name: 'category', deviations: every(0.3, { one: 1 }) },
  { name: 'group', deviations: every(0.2, { one: 0.5 }) },
  { name: 'product', deviations: every(0.3, { one: 0.7, depth: 0.6 }) },
  {
    name: 'categoryMarket',
    deviations: {
      one: 0.5,
      depth: 0.3,
      rise: 0.3,
      logBasePrice: 0.3,
      featureOnly: 0.1,
      displayOnly: 0.1,
      featureDisplay: 0.1,
      priceReduction: 0.1,
    },
  },
  {
    name: 'series',
    deviations: {
      one: 0.5,
      depth: 0.3,
      logBasePrice: 0.3,
      featureOnly: 0.1,
      displayOnly: 0.1,
      featureDisplay: 0.1,
    },
  },
];

/** Covariate numbers of a layer, ascending. */
export function layerCovariates(layer: ResponseLayer): number[] {
  return (Object.keys(layer.deviations) as Covariate[]).map((name) => AT[name]).sort((a, b) => a - b);
}

/** How many levels a layer has in a structure. */
export function layerLevels(layer: ResponseLayer, structure: ResponseStructure): number {
  const counts: Record<ResponseLayer['name'], number> = {
    all: 1,
    category: structure.categories.length,
    group: structure.groups.length,
    product: structure.products.length,
    categoryMarket: structure.categoryMarkets.length,
    series: structure.series.length,
  };
  return counts[layer.name];
}

/** Level of a unit in a layer, -1 where the model has not seen it. */
export function layerLevel(layer: Pick<ResponseLayer, 'name'>, unit: UnitLevels): number {
  return layer.name === 'all' ? 0 : unit[layer.name];
}
