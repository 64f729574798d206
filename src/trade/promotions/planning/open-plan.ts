import { type Dates, eventPart, openEventFigures } from '#performance';
import type { Plan } from './build-plan.ts';

/** Which of a promotion's plans is meant: the one of now, or one that was kept. */
export interface WhichPlan {
  as?: 'submitted' | 'kept' | undefined;
  asOf?: string | undefined;
}

function pathOf(id: string, part: '' | '/weeks' | '/tactics', { as, asOf }: WhichPlan): string {
  const members = Object.entries({ as, asOf }).filter((member): member is [string, string] => Boolean(member[1]));
  const query = members.length > 0 ? `?${new URLSearchParams(members)}` : '';
  return `/api/v1/promotions/${id}/plan${part}${query}`;
}

/** A promotion's plan as it is answered: its figures lead to their rows and to each other. */
export function openPlan(plan: Plan, id: string, which: WhichPlan): Plan {
  const answer = pathOf(id, '', which);
  const place = { answer, weeks: pathOf(id, '/weeks', which) };
  const figures = openEventFigures(plan.figures, {
    ...place,
    tactics: {
      rows: pathOf(id, '/tactics', which),
      figure: (at) => (plan.spendByTactic[at]?.figure ? `${answer}#/spendByTactic/${at}/figure` : undefined),
    },
  });
  const { retailer } = plan;
  return {
    ...{ ...plan, promotionId: id, figures },
    retailer: retailer && {
      ...retailer,
      ...(retailer.figures ? { figures: openEventFigures(retailer.figures, place) as typeof retailer.figures } : {}),
    },
  };
}

/** A product in a week of a plan; units count for the event with the part of the week's days that are its own. */
export interface PlanWeekRow {
  weekStart: string;
  product: string;
  fiscalWeek: string | null;
  productId: string;
  promoted: boolean;
  baselineUnits: string;
  incrementalUnits: string;
  predictedUnits: string;
  /** What the event's totals count of the week. */
  eventBaselineUnits: string;
  eventIncrementalUnits: string;
  eventUnits: string;
}

/** The weeks behind a plan's volumes, of one product or of all. */
export function planWeekRows(
  plan: Plan,
  event: Dates,
  nameOf: (productId: string) => string,
  productId?: string,
): PlanWeekRow[] {
  return plan.weeks
    .filter((week) => productId === undefined || week.productId === productId)
    .map((week) => {
      const counted = week.promoted ? eventPart(week, event) : null;
      const baseline = counted?.units.minus(week.incrementalUnits);
      return {
        ...{ weekStart: week.weekStart, product: nameOf(week.productId), fiscalWeek: week.fiscalWeek },
        ...{ productId: week.productId, promoted: week.promoted, baselineUnits: week.baselineUnits },
        ...{ incrementalUnits: week.incrementalUnits, predictedUnits: week.predictedUnits },
        eventBaselineUnits: baseline?.toDecimalPlaces(6).toFixed() ?? '0',
        eventIncrementalUnits: counted ? week.incrementalUnits : '0',
        eventUnits: counted?.units.toDecimalPlaces(6).toFixed() ?? '0',
      };
    });
}
