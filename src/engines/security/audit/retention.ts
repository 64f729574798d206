/** How long an entry is kept online, by what it tells of. */
export type RetentionClass = 'operational' | 'card_data' | 'financial';

/** What is known of a class: the days that its entries are kept unless a tenant says otherwise, and the fewest it may say. */
export interface RetentionRule {
  keepDays: number;
  leastDays: number;
  what: string;
}

/** 90 days for operational security, 12 months for card data (PCI DSS 10.5.1), 7 years for what books rest on (SOX 802). */
export const retentionRules: Readonly<Record<RetentionClass, RetentionRule>> = {
  operational: { keepDays: 90, leastDays: 90, what: 'Signing in and out and other security operations' },
  card_data: { keepDays: 366, leastDays: 366, what: 'Card data found and refused' },
  financial: { keepDays: 7 * 366, leastDays: 366, what: 'Every change of the business, of rights and of settings' },
};

/** Every class. */
export const retentionClasses = Object.keys(retentionRules) as RetentionClass[];

/** Actions that are kept for less than the longest, by how they begin. */
const byStart: readonly [start: string, RetentionClass][] = [
  ['session.', 'operational'],
  ['proof.', 'operational'],
  ['card_data.', 'card_data'],
];

/** The class of an action: what is not named is kept longest. */
export function retentionClassOf(action: string): RetentionClass {
  return byStart.find(([start]) => action.startsWith(start))?.[1] ?? 'financial';
}
