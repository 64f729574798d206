import { accountsBelow } from './customers.ts';
import type { DemoCustomer, DemoPrice, DemoProduct, DemoSeries, ResponseTruth } from './maker.ts';
import type { RandomStream } from './random.ts';

/** What the schedule needs to know. */
export interface ScheduleInput {
  seed: number;
  customers: readonly DemoCustomer[];
  products: readonly DemoProduct[];
  prices: readonly DemoPrice[];
  response: ResponseTruth;
  /** Which SKUs each account lists, and when. */
  series: readonly DemoSeries[];
  /** First day of the sell-out weeks; planned events run on after the last one. */
  weekStart: readonly string[];
  /** Fiscal week number of each week index, also after the last sell-out week. */
  fiscalWeek: (week: number) => number;
}

/** An event has this many weeks of sell-out before it, at least. */
export const CLEAN_WEEKS_BEFORE = 8;
const EVENT_WEEKS = [1, 2, 2, 2, 3, 3, 3, 4, 4] as const;
/** An event is about at least this many SKUs. */
const FEWEST_SKUS = 2;
/** Accounts of this banner have no planned events yet: the demo's user plans there. */
const UNPLANNED_BANNER = 'HGM';

/** Where, what and when an event will be. */
export interface Slot {
  customerCode: string;
  accounts: string[];
  familyCodes: string[];
  /** SKUs of the families that at least one of the accounts lists throughout. */
  skus: DemoProduct[];
  scopeName: string;
  firstWeek: number;
  lastWeek: number;
}

/** Keeps events apart: the weeks taken per account and family. */
export function createOccupancy(): { free(slot: Slot, gapWeeks: number): boolean; take(slot: Slot): void } {
  const taken = new Map<string, [number, number][]>();
  const keys = (slot: Slot): string[] => slot.accounts.flatMap((a) => slot.familyCodes.map((f) => `${a}|${f}`));
  return {
    free: (slot, gapWeeks) =>
      keys(slot).every((key) =>
        (taken.get(key) ?? []).every(([a, b]) => slot.firstWeek > b + gapWeeks || slot.lastWeek < a - gapWeeks),
      ),
    take(slot) {
      for (const key of keys(slot)) taken.set(key, [...(taken.get(key) ?? []), [slot.firstWeek, slot.lastWeek]]);
    },
  };
}

function drawSlot(random: RandomStream, input: ScheduleInput, own: boolean, firstWeek: number): Slot {
  const nodes = input.customers.filter((c) => c.type === (random.chance(0.5) ? 'division' : 'account'));
  const customer = random.pick(nodes);
  const brand = random.pick(input.products.filter((p) => p.level === 'brand' && p.own === own));
  const families = input.products.filter((p) => p.level === 'family' && p.parentCode === brand.code);
  const chosen = random.chance(0.55) ? families : [random.pick(families)];
  const lastWeek = firstWeek + random.pick(EVENT_WEEKS) - 1;
  const accounts = accountsBelow(input.customers, customer.code);
  const familyCodes = chosen.map((f) => f.code);
  return {
    customerCode: customer.code,
    accounts,
    familyCodes,
    skus: listedSkus(input, accounts, familyCodes, firstWeek, lastWeek),
    scopeName: chosen.length > 1 ? brand.name : chosen[0]!.name,
    firstWeek,
    lastWeek,
  };
}

function listedSkus(
  input: ScheduleInput,
  accounts: string[],
  families: string[],
  from: number,
  to: number,
): DemoProduct[] {
  const last = Math.min(to, input.weekStart.length - 1);
  const listed = new Set(
    input.series
      .filter(
        (s) => accounts.includes(s.customerCode) && s.firstWeek <= from - CLEAN_WEEKS_BEFORE && last <= s.lastWeek,
      )
      .map((s) => s.productCode),
  );
  return input.products.filter((p) => p.level === 'sku' && families.includes(p.familyCode!) && listed.has(p.code));
}

/** Draws slots until `count` of them fit; events lean towards the weeks in which the category sells anyway. */
export function drawSlots(
  random: RandomStream,
  input: ScheduleInput,
  own: boolean,
  count: number,
  weeks: [number, number],
  occupancy = createOccupancy(),
): Slot[] {
  const slots: Slot[] = [];
  for (let tries = 0; slots.length < count && tries < count * 200; tries++) {
    const slot = drawSlot(random, input, own, random.whole(weeks[0], weeks[1]));
    const season = input.response.seasonality.get(slot.familyCodes[0]!.slice(0, 3))!;
    if (!random.chance(0.5 * season[input.fiscalWeek(slot.firstWeek) - 1]! ** 2)) continue;
    const planned = slot.lastWeek >= input.weekStart.length;
    if (slot.lastWeek > weeks[1] || (planned && slot.customerCode.startsWith(UNPLANNED_BANNER))) continue;
    if (slot.skus.length < FEWEST_SKUS) continue;
    if (!occupancy.free(slot, random.chance(0.12) ? 2 : 5)) continue;
    occupancy.take(slot);
    slots.push(slot);
  }
  return slots.sort((a, b) => a.firstWeek - b.firstWeek || (a.customerCode < b.customerCode ? -1 : 1));
}
