import { accountsBelow } from './customers.ts';
import { CLEAN_WEEKS_BEFORE, createOccupancy, drawSlots, type ScheduleInput, type Slot } from './event-slots.ts';
import { drawTactics, shelfCutMinor } from './event-tactics.ts';
import { addDays, dayNumber } from './fiscal-weeks.ts';
import type { DemoCustomer, DemoPromotion, DemoTactic } from './maker.ts';
import { priceOn } from './products.ts';
import { createRandom, type RandomStream } from './random.ts';

/** What happens on the shelf: an event of ours, or one of a competitor's that we only see in the sell-out. */
export interface ShelfEvent {
  /** Index into the promotions, or −1 for a competitor's. */
  promotion: number;
  accounts: string[];
  productCodes: string[];
  firstWeek: number;
  lastWeek: number;
  /** Cents off the regular shelf price, by product code. */
  cutMinor: Map<string, number>;
  feature: boolean;
  display: boolean;
}

/** Past events (of ours and of competitors) and events planned for the next three months. */
const PAST_EVENTS = 165;
const PLANNED_EVENTS = 15;
const COMPETITOR_EVENTS = 110;
const PLANNING_WEEKS = 12;

function eventName(slot: Slot, tactics: readonly DemoTactic[], customers: readonly DemoCustomer[]): string {
  const words: Record<DemoTactic['mechanic'], string> = {
    scan_back: 'scan-back',
    bill_back: 'bill-back',
    off_invoice: 'off-invoice',
    temporary_price_reduction: 'price cut',
    feature: 'feature',
    display: 'display',
  };
  const what = tactics.map((t) => words[t.mechanic]).join(' + ');
  return `${slot.scopeName} ${what}, ${customers.find((c) => c.code === slot.customerCode)!.name}`;
}

/** The fund of an event: its banner's where it has one, else the category's. */
function fundOf(slot: Slot, bannersWithFund: readonly string[]): string {
  const banner = slot.customerCode.slice(0, 3);
  return bannersWithFund.includes(banner) ? `FUND-${banner}` : `FUND-ALL-${slot.familyCodes[0]!.slice(0, 3)}`;
}

function stateOf(slot: Slot, weeks: number, random: RandomStream): DemoPromotion['state'] {
  if (slot.lastWeek < weeks) return 'ended';
  if (slot.firstWeek <= weeks) return 'active';
  return random.pick(['approved', 'approved', 'draft']);
}

function makePromotion(random: RandomStream, input: ScheduleInput, slot: Slot, code: string): DemoPromotion {
  const { skus } = slot;
  const startsOn = addDays(input.weekStart[0]!, 7 * slot.firstWeek);
  const endsOn = addDays(input.weekStart[0]!, 7 * slot.lastWeek + 6);
  const price = priceOn(input.prices, skus[0]!.code, startsOn);
  const unitsPerCase = skus[0]!.unitsPerCase!;
  const tactics = drawTactics(random, slot, skus.length, {
    shelfMinor: skus[0]!.shelfPriceMinor!,
    listMinor: price.listPriceMinor,
    marginMinor: (price.listPriceMinor - price.costMinor) / unitsPerCase,
    unitsPerCase,
  });
  const shipsEarly = tactics.some((t) => t.mechanic === 'bill_back' || t.mechanic === 'off_invoice');
  return {
    code,
    name: eventName(slot, tactics, input.customers),
    customerCode: slot.customerCode,
    startsOn,
    endsOn,
    shipStartsOn: shipsEarly ? addDays(startsOn, -14) : startsOn,
    shipEndsOn: endsOn,
    productCodes: skus.map((s) => s.code),
    tactics,
    fundCode: fundOf(slot, BANNERS_WITH_FUND),
    state: stateOf(slot, input.weekStart.length, random),
  };
}

/** Banners that have a fund of their own; the others draw on the funds of all customers. */
export const BANNERS_WITH_FUND = ['HGM', 'BVL', 'OMN', 'IRW'] as const;

/** Draws the maker's promotions, past and planned. */
export function schedulePromotions(input: ScheduleInput): DemoPromotion[] {
  const random = createRandom(input.seed, 'promotions');
  const weeks = input.weekStart.length;
  const occupancy = createOccupancy();
  const past = drawSlots(random, input, true, PAST_EVENTS, [CLEAN_WEEKS_BEFORE, weeks - 1], occupancy);
  const next = drawSlots(random, input, true, PLANNED_EVENTS, [weeks, weeks + PLANNING_WEEKS], occupancy);
  return [...past, ...next].map((slot, i) =>
    makePromotion(random, input, slot, `EVT-${String(i + 1).padStart(4, '0')}`),
  );
}

/** What our promotions do on the shelf. */
export function promotionsOnShelf(input: ScheduleInput, promotions: readonly DemoPromotion[]): ShelfEvent[] {
  const byCode = new Map(input.products.map((p) => [p.code, p]));
  const firstDay = dayNumber(input.weekStart[0]!);
  return promotions.map((promotion, index) => ({
    promotion: index,
    accounts: accountsBelow(input.customers, promotion.customerCode),
    productCodes: promotion.productCodes,
    firstWeek: (dayNumber(promotion.startsOn) - firstDay) / 7,
    lastWeek: (dayNumber(promotion.endsOn) + 1 - firstDay) / 7 - 1,
    cutMinor: new Map(
      promotion.productCodes.map((code) => {
        const price = priceOn(input.prices, code, promotion.startsOn);
        return [code, shelfCutMinor(promotion.tactics, byCode.get(code)!, price)];
      }),
    ),
    feature: promotion.tactics.some((t) => t.feature),
    display: promotion.tactics.some((t) => t.display),
  }));
}

/** Competitors' events: they are seen in the sell-out only. */
export function competitorEvents(input: ScheduleInput): ShelfEvent[] {
  const random = createRandom(input.seed, 'competitor events');
  const slots = drawSlots(random, input, false, COMPETITOR_EVENTS, [CLEAN_WEEKS_BEFORE, input.weekStart.length - 1]);
  return slots.map((slot) => {
    const { skus } = slot;
    const depth = random.pick([0.1, 0.15, 0.2, 0.25]);
    return {
      promotion: -1,
      accounts: slot.accounts,
      productCodes: skus.map((s) => s.code),
      firstWeek: slot.firstWeek,
      lastWeek: Math.min(slot.lastWeek, input.weekStart.length - 1),
      cutMinor: new Map(skus.map((s) => [s.code, Math.round(s.shelfPriceMinor! * depth)])),
      feature: random.chance(0.3),
      display: random.chance(0.25),
    };
  });
}
