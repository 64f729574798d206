import type { FiscalWeek } from '../../api/shapes.ts';
import { today } from '../../ui/format.ts';

/** A fiscal period with its days, both inclusive. */
export interface FiscalPeriod {
  fiscalYear: number;
  period: number;
  startsOn: string;
  endsOn: string;
}

/** The periods of a fiscal year, in order. */
export function periodsOf(weeks: readonly FiscalWeek[], fiscalYear: number): FiscalPeriod[] {
  const periods = new Map<number, FiscalPeriod>();
  for (const week of weeks) {
    if (week.fiscalYear !== fiscalYear) continue;
    const known = periods.get(week.period);
    if (known) known.endsOn = week.endsOn;
    else periods.set(week.period, { fiscalYear, period: week.period, startsOn: week.startsOn, endsOn: week.endsOn });
  }
  return [...periods.values()];
}

/** The fiscal year of today; that of the last week known where the calendar has ended. */
export function currentYear(weeks: readonly FiscalWeek[]): number | undefined {
  const now = today();
  return (weeks.find((week) => week.startsOn <= now && now <= week.endsOn) ?? weeks.at(-1))?.fiscalYear;
}
