import { addDays } from '#fiscal-calendar';
import { Decimal } from '#money';
import { common, type Dates, daysOf } from './event-part.ts';
import { type ShelfPrice, shelfPriceOf } from './event-spend.ts';
import { type EventProduct, type EventTactic, volumeBasisOf } from './event-tactic.ts';

/** Days of an event on which the same tactics are on the shelf. */
export interface ShelfSegment<Tactic> extends Dates {
  tactics: Tactic[];
}

/** When a tactic is on the shelf: what is paid on shipments has its own dates for buying, not for selling. */
function shelfDates(tactic: EventTactic, event: Dates): Dates | null {
  if (volumeBasisOf(tactic) === 'shipped_cases') return event;
  return common({ startsOn: tactic.startsOn ?? event.startsOn, endsOn: tactic.endsOn ?? event.endsOn }, event);
}

/** The event cut where a tactic begins or ends; one segment where all run throughout. */
export function shelfSegments<Tactic extends EventTactic>(
  tactics: readonly Tactic[],
  event: Dates,
): ShelfSegment<Tactic>[] {
  const dated = tactics.map((tactic) => ({ tactic, dates: shelfDates(tactic, event) }));
  const starts = dated.flatMap(({ dates }) => (dates ? [dates.startsOn, addDays(dates.endsOn, 1)] : []));
  const cuts = [...new Set([event.startsOn, ...starts])].filter((day) => day <= event.endsOn).sort();
  return cuts.map((startsOn, i) => {
    const next = cuts[i + 1];
    const days = { startsOn, endsOn: next ? addDays(next, -1) : event.endsOn };
    return { ...days, tactics: dated.flatMap(({ tactic, dates }) => (dates && common(dates, days) ? [tactic] : [])) };
  });
}

/** The shelf price of a product over an event: the mean of its days. Throws like {@link shelfPriceOf}. */
export function meanShelfPrice(
  tactics: readonly EventTactic[],
  product: Pick<EventProduct, 'productId' | 'unitsPerCase' | 'listPrice' | 'onInvoiceTerms'>,
  basePrice: Decimal,
  event: Dates,
): ShelfPrice {
  const parts = shelfSegments(tactics, event).map((segment) => ({
    days: daysOf(segment),
    shelf: shelfPriceOf(segment.tactics, product, basePrice),
  }));
  const mean = (of: (shelf: ShelfPrice) => Decimal) =>
    Decimal.sum(0, ...parts.map(({ days, shelf }) => of(shelf).times(days))).div(daysOf(event));
  return {
    basePrice,
    shelfPrice: mean(({ shelfPrice }) => shelfPrice),
    depth: mean(({ depth }) => depth),
    fundedPerUnit: mean(({ fundedPerUnit }) => fundedPerUnit),
  };
}
