import { makeCustomers } from './customers.ts';
import { eventTruths } from './event-truth.ts';
import { calendarAround, type FiscalWeek } from './fiscal-weeks.ts';
import { makeFunds } from './funds.ts';
import type { DemoMaker, NoiseSettings } from './maker.ts';
import { makePeople } from './people.ts';
import { makePrices, makeProducts } from './products.ts';
import { drawResponse } from './response.ts';
import { simulateShipments } from './sell-in.ts';
import { drawUnits, expectSellOut, listSeries } from './sell-out.ts';
import { competitorEvents, promotionsOnShelf, schedulePromotions } from './shelf-events.ts';
import { makeEverydayTerms, makeYearlyTerms } from './terms.ts';

/** 24 months of sell-out. */
const HISTORY_WEEKS = 104;
/** Weeks of planned events that the schedule may need fiscal weeks for. */
const AHEAD_WEEKS = 26;

/** The demo's noise: 18 % around the mean per account × SKU × week, 3.5 % shared by an account's products, 1 % of weeks missing. */
export const DEMO_NOISE: NoiseSettings = {
  seriesCv: 0.18,
  accountCv: 0.035,
  counting: true,
  missingShare: 0.01,
  restatedCells: 60,
};

/** No noise, no drift, no gaps: units are the expected ones, rounded. */
export const NO_NOISE: NoiseSettings = {
  seriesCv: 0,
  accountCv: 0,
  counting: false,
  missingShare: 0,
  restatedCells: 0,
};

function historyWeeks(calendar: readonly FiscalWeek[], today: string): { first: number; weekStart: string[] } {
  const end = calendar.findIndex((week) => week.endsOn >= today);
  const first = end - HISTORY_WEEKS;
  if (first < 0) throw new RangeError(`the calendar does not reach ${HISTORY_WEEKS} weeks back from ${today}`);
  return { first, weekStart: calendar.slice(first, end).map((week) => week.startsOn) };
}

/** Settings of {@link simulateMaker}; `today` is an ISO date. */
export interface SimulationSettings {
  seed: number;
  today: string;
  noise?: NoiseSettings;
}

/**
 * Simulates a consumer-goods company with 104 fiscal weeks of history that end before `today`, and its known truth.
 * Pure: the same settings give the same maker on every machine.
 */
export function simulateMaker({ seed, today, noise = DEMO_NOISE }: SimulationSettings): DemoMaker {
  const calendar = calendarAround(today);
  const { first, weekStart } = historyWeeks(calendar, today);
  const fiscalWeek = (week: number): number => calendar[first + Math.min(week, HISTORY_WEEKS + AHEAD_WEEKS)]!.week;
  const priceIncreaseOn = weekStart[56]!;
  const customers = makeCustomers();
  const products = makeProducts(seed);
  const prices = makePrices(seed, products, calendar[0]!.startsOn, priceIncreaseOn);
  const response = drawResponse(seed, customers, products);
  const series = listSeries({ seed, customers, products, weekStart });
  const schedule = { seed, customers, products, prices, response, series, weekStart, fiscalWeek };
  const promotions = schedulePromotions(schedule);
  const events = [...promotionsOnShelf(schedule, promotions), ...competitorEvents(schedule)];
  const shelf = { seed, customers, products, response, weekStart, fiscalWeek, priceIncreaseOn, events, series };
  const { sellOut, expectation } = expectSellOut(shelf, noise);
  drawUnits(seed, sellOut, expectation.expected, noise);
  const { baseline, expected } = expectation;
  const shipments = simulateShipments({ sellOut, expected, baseline, products, prices, promotions, events });
  const { contributions, ...parts } = expectation;
  const terms = makeEverydayTerms(calendar, today);
  const truthInput = { customers, products, prices, terms, promotions, events, sellOut, expectation, shipments };
  return {
    seed,
    today,
    name: 'Harrow & Fen Foods',
    currency: 'USD',
    calendarCode: 'FISCAL-445',
    calendar,
    customers,
    products,
    prices,
    terms: { ...terms, agreements: [...terms.agreements, ...makeYearlyTerms(calendar, today, shipments)] },
    funds: makeFunds(customers, products, calendar, today),
    people: makePeople(),
    promotions,
    sellOut,
    shipments,
    truth: { ...parts, events: eventTruths(truthInput), response },
  };
}
