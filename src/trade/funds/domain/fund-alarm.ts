import { addDays } from '#fiscal-calendar';
import { compare, Decimal, multiply, zero } from '#money';
import type { Checkbook } from './checkbook.ts';
import type { Fund } from './fund.ts';

/** What asks for attention in a fund: below zero, less than a tenth left, or money left shortly before its end or after. */
export const fundAlarms = ['overdrawn', 'nearly_spent', 'expiring'] as const;
export type FundAlarm = (typeof fundAlarms)[number];

const fewShare = new Decimal('0.1');
const soonDays = 30;

/** The alarms of a fund on a day. */
export function alarmsOf(
  fund: Fund,
  { budgeted, available }: Pick<Checkbook, 'budgeted' | 'available'>,
  today: string,
) {
  const nothing = zero(fund.currency);
  const alarms: FundAlarm[] = [];
  if (compare(available, nothing) < 0) alarms.push('overdrawn');
  else if (compare(budgeted, nothing) > 0 && compare(available, multiply(budgeted, fewShare)) < 0)
    alarms.push('nearly_spent');
  if (compare(available, nothing) > 0 && fund.validTo < addDays(today, soonDays)) alarms.push('expiring');
  return alarms;
}
