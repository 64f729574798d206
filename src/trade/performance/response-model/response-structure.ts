import type { PanelSeries } from '../domain/sales-panel.ts';

/** The names that a response model knows, each list in the order of its dense numbers. */
export interface ResponseStructure {
  categories: string[];
  /** Product groups inside their category. */
  groups: { name: string; category: number }[];
  products: { code: string; group: number; own: boolean }[];
  customers: { code: string }[];
  /** customer × category pairs. */
  categoryMarkets: { customer: number; category: number }[];
  /** customer × product group pairs. */
  groupMarkets: { customer: number; group: number }[];
  series: { customer: number; product: number }[];
}

/** Dense numbers of one series (a unit of the regression); -1 where the model has not seen the level. */
export interface UnitLevels {
  series: number;
  customer: number;
  product: number;
  group: number;
  category: number;
  categoryMarket: number;
  groupMarket: number;
}

/** Looks numbers up by name. */
export interface StructureIndex {
  customers: Map<string, number>;
  products: Map<string, number>;
  groups: Map<string, number>;
  categories: Map<string, number>;
  /** Keyed `${a}|${b}` of dense numbers. */
  categoryMarkets: Map<string, number>;
  groupMarkets: Map<string, number>;
  series: Map<string, number>;
}

function numberOf<T>(map: Map<string, number>, list: T[], key: string, make: () => T): number {
  const known = map.get(key);
  if (known !== undefined) return known;
  map.set(key, list.length);
  list.push(make());
  return list.length - 1;
}

/** Numbers every name in the series of a panel, in order of appearance (so that the same panel gives the same numbers). */
export function structureOf(panelSeries: PanelSeries[]): { structure: ResponseStructure; units: UnitLevels[] } {
  const structure: ResponseStructure = {
    categories: [],
    groups: [],
    products: [],
    customers: [],
    categoryMarkets: [],
    groupMarkets: [],
    series: [],
  };
  const index = emptyIndex();
  const units = panelSeries.map((one) => {
    const category = numberOf(index.categories, structure.categories, one.category, () => one.category);
    const groupKey = `${category}|${one.productGroup}`;
    const group = numberOf(index.groups, structure.groups, groupKey, () => ({ name: one.productGroup, category }));
    const product = numberOf(index.products, structure.products, one.product, () => ({
      code: one.product,
      group,
      own: one.own,
    }));
    const customer = numberOf(index.customers, structure.customers, one.customer, () => ({
      code: one.customer,
    }));
    return {
      category,
      group,
      product,
      customer,
      categoryMarket: numberOf(index.categoryMarkets, structure.categoryMarkets, `${customer}|${category}`, () => ({
        customer,
        category,
      })),
      groupMarket: numberOf(index.groupMarkets, structure.groupMarkets, `${customer}|${group}`, () => ({
        customer,
        group,
      })),
      series: numberOf(index.series, structure.series, `${customer}|${product}`, () => ({ customer, product })),
    };
  });
  return { structure, units };
}

function emptyIndex(): StructureIndex {
  return {
    customers: new Map(),
    products: new Map(),
    groups: new Map(),
    categories: new Map(),
    categoryMarkets: new Map(),
    groupMarkets: new Map(),
    series: new Map(),
  };
}

/** Builds the look-up tables of a stored structure. */
export function indexStructure(structure: ResponseStructure): StructureIndex {
  const index = emptyIndex();
  structure.categories.forEach((name, i) => {
    index.categories.set(name, i);
  });
  structure.groups.forEach((group, i) => {
    index.groups.set(`${group.category}|${group.name}`, i);
  });
  structure.products.forEach((product, i) => {
    index.products.set(product.code, i);
  });
  structure.customers.forEach((customer, i) => {
    index.customers.set(customer.code, i);
  });
  structure.categoryMarkets.forEach((market, i) => {
    index.categoryMarkets.set(`${market.customer}|${market.category}`, i);
  });
  structure.groupMarkets.forEach((market, i) => {
    index.groupMarkets.set(`${market.customer}|${market.group}`, i);
  });
  structure.series.forEach((series, i) => {
    index.series.set(`${series.customer}|${series.product}`, i);
  });
  return index;
}

/** Levels of a customer × product that the model may or may not have seen; undefined where either is unknown. */
export function levelsOf(
  structure: ResponseStructure,
  index: StructureIndex,
  customerCode: string,
  productCode: string,
): UnitLevels | undefined {
  const customer = index.customers.get(customerCode);
  const product = index.products.get(productCode);
  if (customer === undefined || product === undefined) return undefined;
  const group = structure.products[product]!.group;
  const category = structure.groups[group]!.category;
  return {
    customer,
    product,
    group,
    category,
    categoryMarket: index.categoryMarkets.get(`${customer}|${category}`) ?? -1,
    groupMarket: index.groupMarkets.get(`${customer}|${group}`) ?? -1,
    series: index.series.get(`${customer}|${product}`) ?? -1,
  };
}
