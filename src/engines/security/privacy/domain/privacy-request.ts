/** What a data subject may ask for (GDPR, Articles 15, 16, 17, 18, 20 and 21). */
export const requestKinds = ['access', 'portability', 'rectification', 'erasure', 'restriction', 'objection'] as const;

/** One of {@link requestKinds}. */
export type RequestKind = (typeof requestKinds)[number];

/** How a request stands. */
export type RequestState = 'open' | 'done' | 'refused' | 'withdrawn';

/** The day so many months later; the last of the month where it has no such day. */
export function monthsLater(date: string, months: number): string {
  const [year = 0, month = 1, day = 1] = date.split('-').map(Number);
  const first = new Date(Date.UTC(year, month - 1 + months, 1));
  const days = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  first.setUTCDate(Math.min(day, days));
  return first.toISOString().slice(0, 10);
}

/** An answer is due within a month of the day on which the request arrived (Article 12 (3)). */
export const dueMonths = 1;
/** It may take two months more where it is complex, and the subject is told why within the first. */
export const extensionMonths = 2;
/** The authority is told of a breach within so many hours of becoming aware of it (Article 33 (1)). */
export const breachHours = 72;
/** Those who have to act are reminded when so many hours are left. */
export const reminderHoursLeft = [48, 24, 6, 0] as const;
