import type { Context } from '#context';
import type { TenantTx } from '#db';
import type { Figure } from '#figure';
import { addDays } from '#fiscal-calendar';
import { add, Decimal, multiply, subtract, toJson, zero } from '#money';
import type { EventSpend, TacticSpend } from './domain/event-spend.ts';
import type { EventTactic } from './domain/event-tactic.ts';
import {
  FORWARD_BUYING_VERSION,
  type ForwardBuying,
  measureForwardBuying,
  type StockSeries,
} from './domain/forward-buying.ts';
import { lumpSumOf } from './domain/tactic-money.ts';
import { readStockFacts, type StockFacts } from './stock-store.ts';

/** What customers bought ahead of an event's deal, or why that cannot be told. Cases and money open as figures. */
export interface ForwardBuyingOutcome {
  /** Null: not estimated, for `reason`. */
  volume: Figure | null;
  /** What tactics on shipments paid for the cases that were bought ahead. */
  spend: Figure | null;
  reason: string | null;
}

/** An event whose stock is looked at. */
export interface StockedEvent {
  currency: string;
  customerIds: readonly string[];
  productIds: readonly string[];
  startsOn: string;
  endsOn: string;
  shipStartsOn?: string | undefined;
  shipEndsOn?: string | undefined;
  tactics: readonly EventTactic[];
}

/** A year before the event says how stock usually moves; two months after it, how it unwinds. */
const daysBefore = 364;
const daysAfter = 63;

const untold = (reason: string): ForwardBuyingOutcome => ({ volume: null, spend: null, reason });
const dayOf = (date: string): number => Date.parse(date) / 86_400_000;

/** `day,value,…;…` as rows of numbers. */
const rowsOf = (text: string | null): number[][] =>
  text ? text.split(';').map((row) => row.split(',').map(Number)) : [];

/** Facts laid out week by week from `firstDay`; a week without shipments of a customer that gets some is a zero. */
function layOut(facts: readonly StockFacts[], firstDay: number, unitsPerCase: ReadonlyMap<string, number>) {
  const weekOf = (day: number) => Math.floor((day - firstDay) / 7);
  const shippedTo = new Map<string, { first: number; last: number }>();
  let lastShipped = -1;
  let weeks = 0;
  for (const { customerId, sold, shipped } of facts) {
    for (const [day] of rowsOf(sold)) weeks = Math.max(weeks, weekOf(day!) + 1);
    for (const [day] of rowsOf(shipped)) {
      const known = shippedTo.get(customerId);
      const week = weekOf(day!);
      shippedTo.set(customerId, { first: Math.min(week, known?.first ?? week), last: week });
      lastShipped = Math.max(lastShipped, week);
    }
  }
  return facts.map(({ customerId, productId, sold, shipped }): StockSeries => {
    const known = shippedTo.get(customerId);
    const soldUnits = new Array<number | null>(weeks).fill(null);
    const promoted = new Array<boolean>(weeks).fill(false);
    const shippedCases = soldUnits.map((_, week): number | null =>
      known && week >= known.first && week <= lastShipped ? 0 : null,
    );
    for (const [day, units, flagged] of rowsOf(sold)) {
      const week = weekOf(day!);
      soldUnits[week] = (soldUnits[week] ?? 0) + units!;
      promoted[week] ||= flagged === 1;
    }
    for (const [day, cases] of rowsOf(shipped)) {
      const week = weekOf(day!);
      if (week < weeks) shippedCases[week] = (shippedCases[week] ?? 0) + cases!;
    }
    return { unitsPerCase: unitsPerCase.get(productId)!, soldUnits, shippedCases, promoted };
  });
}

const caseText = (cases: number): string => new Decimal(cases).toFixed(3).replace(/\.?0+$/, '');

function volumeFigure(bought: ForwardBuying, volumes: string): Figure {
  const cases = (name: string, value: number | null, source: string) => ({
    ...{ name, source },
    value: value === null ? null : caseText(value),
  });
  const { unwound, series, seriesLeftOut } = bought;
  const over = unwound ? `the ${unwound.weeks} weeks after, beyond what is usual` : 'another event followed at once';
  return {
    ...{ value: caseText(bought.cases), low: caseText(bought.low), high: caseText(bought.high) },
    ...{ unit: 'units', formulaVersion: FORWARD_BUYING_VERSION },
    formula:
      'shipped − sold, from the first day of the buy window to the last day of the event − usual change of stock',
    inputs: [
      cases('shipped', bought.shippedCases, 'shipments'),
      cases('sold', bought.soldCases, volumes),
      cases('usual change of stock', bought.usualCases, 'weeks without promotions in the year before'),
      cases('sold out of stock afterwards', unwound?.cases ?? null, over),
      { name: 'customer × product', value: String(series), source: `${seriesLeftOut} left out: weeks missing` },
    ],
  };
}

/** The money of tactics on shipments that went into cases bought ahead. */
function spendFigure({ currency, tactics }: StockedEvent, paid: readonly TacticSpend[], bought: ForwardBuying): Figure {
  const byKey = new Map(tactics.map((tactic) => [tactic.key, tactic]));
  const at = (cases: number) =>
    paid.reduce((total, { key, spend, volume }) => {
      const tactic = byKey.get(key);
      if (!tactic || !volume?.gt(0)) return total;
      const share = Decimal.min(1, Decimal.max(0, new Decimal(cases).div(volume)));
      return add(total, multiply(subtract(spend, lumpSumOf(tactic, currency)), share));
    }, zero(currency));
  return {
    ...{ value: toJson(at(bought.cases)), low: toJson(at(bought.low)), high: toJson(at(bought.high)) },
    ...{ unit: 'money', formulaVersion: FORWARD_BUYING_VERSION },
    formula:
      'Σ over tactics on shipments (spend by rate × cases bought ahead / cases shipped), between none and all of it',
    inputs: [
      { name: 'bought ahead', value: caseText(bought.cases), source: 'shipments against sales' },
      ...paid.map(({ mechanic, spend, volume }) => ({
        ...{ name: mechanic, value: toJson(spend).amount },
        source: `${volume?.toDecimalPlaces(3) ?? '–'} cases shipped`,
      })),
    ],
  };
}

/**
 * Forward buying of a measured event: shipments against consumption around it. Only deals on shipments make anybody buy
 * ahead; without them, or where shipments are missing, it is not estimated.
 */
export async function readForwardBuying(
  tx: TenantTx<Context>,
  event: StockedEvent,
  spend: EventSpend,
  unitsPerCase: ReadonlyMap<string, number>,
): Promise<ForwardBuyingOutcome> {
  const paid = spend.tactics.filter(({ volumeBasis }) => volumeBasis === 'shipped_cases');
  if (paid.length === 0) return untold('No tactic pays on shipments: there was nothing to buy ahead for.');
  const from = event.shipStartsOn && event.shipStartsOn < event.startsOn ? event.shipStartsOn : event.startsOn;
  const to = event.shipEndsOn && event.shipEndsOn > event.endsOn ? event.shipEndsOn : event.endsOn;
  const facts = await readStockFacts(tx, {
    ...{ customerIds: event.customerIds, productIds: event.productIds },
    ...{ from: addDays(from, -daysBefore), to: addDays(to, daysAfter) },
  });
  // Weeks are counted from the first day of the first week there is, so that they begin as the sales' weeks do.
  const firstDay = Math.min(...facts.flatMap(({ sold }) => rowsOf(sold).map(([day]) => day!)));
  if (!Number.isFinite(firstDay)) return untold('There are no sales around the event.');
  const weekOf = (date: string) => Math.floor((dayOf(date) - firstDay) / 7);
  const bought = measureForwardBuying(layOut(facts, firstDay, unitsPerCase), { first: weekOf(from), last: weekOf(to) });
  if (bought.refused !== undefined) return untold(`Not estimated: ${bought.refused}.`);
  return { volume: volumeFigure(bought, 'sales'), spend: spendFigure(event, paid, bought), reason: null };
}
