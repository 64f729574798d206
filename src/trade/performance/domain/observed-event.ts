import { addDays } from '#fiscal-calendar';

/** One week in which at least half of a customer's stores carried the same flags for a product. */
export interface FlaggedWeek {
  customerId: string;
  productId: string;
  /** First day of the week. */
  weekStart: string;
  feature: boolean;
  display: boolean;
  priceReduction: boolean;
  /** Stores that carried the flags, of how many reported the product in this week. */
  stores: number;
  storesReporting: number;
  units: number;
  /** (base price − price) / base price; null where prices are missing. */
  depth: number | null;
}

/** A promotion of the past as the flags tell it: a run of weeks with the same flags. */
export interface ObservedEvent extends Omit<FlaggedWeek, 'weekStart'> {
  startsOn: string;
  /** Last day of the last week. */
  endsOn: string;
  weeks: number;
}

function continues(run: ObservedEvent, week: FlaggedWeek): boolean {
  return (
    run.customerId === week.customerId &&
    run.productId === week.productId &&
    addDays(run.endsOn, 1) === week.weekStart &&
    run.feature === week.feature &&
    run.display === week.display &&
    run.priceReduction === week.priceReduction
  );
}

/** Adds a week to a run; its depth is the mean by units. */
function extend(run: ObservedEvent, week: FlaggedWeek): ObservedEvent {
  const units = run.units + week.units;
  const depths = [run, week].filter(({ depth }) => depth !== null);
  const weight = depths.reduce((sum, part) => sum + part.units, 0);
  const depth = weight > 0 ? depths.reduce((sum, part) => sum + part.depth! * part.units, 0) / weight : run.depth;
  return {
    ...run,
    endsOn: addDays(week.weekStart, 6),
    weeks: run.weeks + 1,
    stores: Math.max(run.stores, week.stores),
    storesReporting: Math.max(run.storesReporting, week.storesReporting),
    units,
    depth,
  };
}

/**
 * Joins weeks that follow one another (seven days apart) with the same flags into events. `weeks` come sorted by
 * customer, product and week, one row each; a week that is missing or carries other flags ends a run.
 */
export function observedEvents(weeks: Iterable<FlaggedWeek>): ObservedEvent[] {
  const events: ObservedEvent[] = [];
  for (const week of weeks) {
    const run = events.at(-1);
    if (run && continues(run, week)) {
      events[events.length - 1] = extend(run, week);
      continue;
    }
    const { weekStart, ...rest } = week;
    events.push({ ...rest, startsOn: weekStart, endsOn: addDays(weekStart, 6), weeks: 1 });
  }
  return events;
}
