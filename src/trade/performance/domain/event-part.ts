import { addDays, daysBetween } from '#fiscal-calendar';
import { Decimal } from '#money';

/** A range of dates, both inclusive. */
export interface Dates {
  startsOn: string;
  endsOn: string;
}

/** Planned units of a product on the days of an event that lie in one week. */
export interface EventPart extends Dates {
  /** First day of the week. */
  weekStart: string;
  productId: string;
  units: Decimal;
}

/** Facts are weekly: a week belongs to its first day. */
export const weekDays = 7;

/** The earlier of two dates. */
export const earlier = (a: string, b: string): string => [a, b].sort()[0] ?? a;
/** The later of two dates. */
export const later = (a: string, b: string): string => [a, b].sort()[1] ?? a;

/** The days that two ranges have in common; null where there are none. */
export function common(a: Dates, b: Dates): Dates | null {
  const startsOn = later(a.startsOn, b.startsOn);
  const endsOn = earlier(a.endsOn, b.endsOn);
  return startsOn <= endsOn ? { startsOn, endsOn } : null;
}

/** How many days a range has. */
export const daysOf = ({ startsOn, endsOn }: Dates): number => daysBetween(startsOn, endsOn) + 1;

/** The week that begins on a day. */
export const weekFrom = (weekStart: string): Dates => ({
  startsOn: weekStart,
  endsOn: addDays(weekStart, weekDays - 1),
});

/**
 * A planned week brought down to the event's days: a week that the event covers in part has its baseline by its days,
 * while its incremental units are those of the event alone. Null where the week lies outside.
 */
export function eventPart(
  week: { weekStart: string; productId: string; baselineUnits: string | number; incrementalUnits: string | number },
  event: Dates,
): EventPart | null {
  const days = common(weekFrom(week.weekStart), event);
  if (!days) return null;
  const base = new Decimal(week.baselineUnits).times(daysOf(days)).div(weekDays);
  return { ...days, weekStart: week.weekStart, productId: week.productId, units: base.plus(week.incrementalUnits) };
}

/** Units of a part that fall on the days of a window; null where none of its days do. */
export function unitsWithin(part: EventPart, window: Dates): (Dates & { units: Decimal }) | null {
  const days = common(part, window);
  return days && { ...days, units: part.units.times(daysOf(days)).div(daysOf(part)) };
}
