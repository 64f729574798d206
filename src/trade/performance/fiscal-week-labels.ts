import type { Context } from '#context';
import type { TenantTx } from '#db';
import { fiscalWeeks } from '#master-data';
import { Problem } from '#problem';

/**
 * Labels like `FY2026 W12` of the fiscal weeks that days fall into. Days that the fiscal calendar does not reach have
 * none: what was sold or will be sold in a week does not hang on its name.
 */
export async function fiscalWeekLabels(tx: TenantTx<Context>, days: readonly string[]): Promise<Map<string, string>> {
  const sorted = [...new Set(days)].sort();
  const labels = new Map<string, string>();
  if (sorted.length === 0) return labels;
  try {
    const weeks = await fiscalWeeks(tx, sorted[0]!, sorted.at(-1)!);
    for (const day of sorted) {
      const week = weeks.find(({ startsOn, endsOn }) => startsOn <= day && day <= endsOn);
      if (week) labels.set(day, `FY${week.fiscalYear} W${String(week.week).padStart(2, '0')}`);
    }
  } catch (error) {
    if (!(error instanceof Problem && error.code === 'calendar.missing')) throw error;
  }
  return labels;
}
