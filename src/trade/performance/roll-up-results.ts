import type { Context } from '#context';
import type { TenantTx } from '#db';
import { findCustomers, findProducts, fiscalWeeks, productAncestorsOfEach } from '#master-data';
import { Problem } from '#problem';
import { type EventGroup, type MeasuredEvent, naivePredictions, rollUpEvents } from './domain/event-rollup.ts';
import { readMeasuredEvents } from './results-store.ts';

type Tx = TenantTx<Context>;

/** What events are rolled up by. */
export const rollUpBy = ['customer', 'mechanic', 'product', 'brand', 'period'] as const;
/** One of {@link rollUpBy}. */
export type RollUpBy = (typeof rollUpBy)[number];

/** A group of events: `key` finds it again; `id` names the customer or product where the group is one. */
interface GroupName {
  key: string;
  id: string | null;
  label: string;
}

/** Which events, and how they are grouped. */
export interface ResultsQuery {
  by: RollUpBy;
  from?: string | undefined;
  to?: string | undefined;
}

const several: GroupName = { key: 'several', id: null, label: 'Several brands' };
const unique = (ids: readonly string[]) => [...new Set(ids)];

async function byCustomer(tx: Tx, events: readonly MeasuredEvent[]) {
  const customers = await findCustomers(tx, { ids: unique(events.map(({ customerId }) => customerId)) });
  const names = new Map(customers.map(({ id, name }) => [id, name]));
  return ({ customerId: id }: MeasuredEvent): GroupName => ({ key: id, id, label: names.get(id) ?? id });
}

const words = (mechanic: string) => mechanic.replaceAll('_', ' ');

/** An event's money cannot be shared out over its mechanics: those that ran together form one kind. */
const byMechanic = async () => (event: MeasuredEvent) => {
  const mechanics = unique(event.mechanics).sort();
  return { key: mechanics.join('+'), id: null, label: mechanics.map(words).join(' + ') };
};

interface ProductPath {
  /** From the product up to its root. */
  path: string[];
  brand: string | null;
}

async function productPaths(tx: Tx, events: readonly MeasuredEvent[]) {
  const paths = await productAncestorsOfEach(tx, unique(events.flatMap(({ productIds }) => productIds)));
  const nodes = await findProducts(tx, { ids: unique([...paths.values()].flat()) });
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const found = new Map<string, ProductPath>();
  for (const [id, path] of paths) {
    found.set(id, { path, brand: path.find((above) => byId.get(above)?.level === 'brand') ?? null });
  }
  return { paths: found, nameOf: (id: string): GroupName => ({ key: id, id, label: byId.get(id)?.name ?? id }) };
}

/** The nearest product above everything that an event was on: a SKU, a family, a brand. */
async function byProduct(tx: Tx, events: readonly MeasuredEvent[]) {
  const { paths, nameOf } = await productPaths(tx, events);
  return ({ productIds }: MeasuredEvent): GroupName => {
    const [first = [], ...rest] = productIds.map((id) => paths.get(id)?.path ?? []);
    const common = first.find((id) => rest.every((path) => path.includes(id)));
    return common ? nameOf(common) : { ...several, label: 'Several categories' };
  };
}

async function byBrand(tx: Tx, events: readonly MeasuredEvent[]) {
  const { paths, nameOf } = await productPaths(tx, events);
  return ({ productIds }: MeasuredEvent): GroupName => {
    const [brand, ...others] = unique(productIds.map((id) => paths.get(id)?.brand ?? ''));
    return brand && others.length === 0 ? nameOf(brand) : several;
  };
}

/** The fiscal period in which an event ended. */
async function byPeriod(tx: Tx, events: readonly MeasuredEvent[]) {
  const days = events.map(({ endsOn }) => endsOn).sort();
  const weeks = await fiscalWeeks(tx, days[0]!, days.at(-1)!).catch((error) => {
    if (error instanceof Problem && error.code === 'calendar.missing') return [];
    throw error;
  });
  return ({ endsOn }: MeasuredEvent): GroupName => {
    const week = weeks.find(({ startsOn, endsOn: last }) => startsOn <= endsOn && endsOn <= last);
    if (!week) return { key: 'none', id: null, label: 'Outside of the fiscal calendar' };
    const label = `FY${week.fiscalYear} P${String(week.period).padStart(2, '0')}`;
    return { key: label, id: null, label };
  };
}

const namers: Record<
  RollUpBy,
  (tx: Tx, events: readonly MeasuredEvent[]) => Promise<(event: MeasuredEvent) => GroupName>
> = { customer: byCustomer, mechanic: byMechanic, product: byProduct, brand: byBrand, period: byPeriod };

/** Measured events with the group that each belongs to, the youngest first, and the naive prediction of each. */
export async function groupedEvents(tx: Tx, { by, from, to }: ResultsQuery) {
  const events = await readMeasuredEvents(tx, { from, to });
  const nameOf = events.length ? await namers[by](tx, events) : undefined;
  return {
    events: events.map((event) => ({ event, group: nameOf!(event) })),
    naive: naivePredictions(events),
  };
}

/** Measured events rolled up: one row per group and currency, the largest spend first, and one row of all per currency. */
export async function rollUpResults(
  tx: Tx,
  query: ResultsQuery,
): Promise<{ items: (GroupName & EventGroup)[]; total: EventGroup[] }> {
  const { events, naive } = await groupedEvents(tx, query);
  const rowsOf = (key?: string) => {
    const members = Object.entries({ ...query, key }).filter((entry): entry is [string, string] => Boolean(entry[1]));
    return `/api/v1/performance/results/events?${new URLSearchParams(members)}`;
  };
  const groups = new Map<string, { name: GroupName; events: MeasuredEvent[] }>();
  const all = new Map<string, MeasuredEvent[]>();
  for (const { event, group } of events) {
    const { currency } = event.spend;
    const known = groups.get(`${currency} ${group.key}`) ?? { name: group, events: [] };
    known.events.push(event);
    groups.set(`${currency} ${group.key}`, known);
    all.set(currency, [...(all.get(currency) ?? []), event]);
  }
  const items = [...groups.values()].map((group) => ({
    ...group.name,
    ...rollUpEvents(group.events, naive, rowsOf(group.name.key)),
  }));
  const spendOf = ({ figures }: EventGroup) => Number((figures.spend.value as { amount: string }).amount);
  return {
    items: items.sort((a, b) => spendOf(b) - spendOf(a) || (a.key < b.key ? -1 : 1)),
    total: [...all.values()].map((list) => rollUpEvents(list, naive, rowsOf())),
  };
}
