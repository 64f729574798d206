import type { Money } from '#money';

/** The columns of a checkbook, in the order in which people read them. */
export const checkbookColumns = [
  'budgeted',
  'planned',
  'reserved',
  'committed',
  'earned',
  'paid',
  'available',
] as const;
export type CheckbookColumn = (typeof checkbookColumns)[number];

/**
 * A checkbook, all in one currency. `budgeted` is deposits ± transfers ± adjustments; `planned` is what drafts would like
 * to spend and holds nothing; `earned` and `paid` are cumulative. `available` = Budgeted − Σ per tactic max(Reserved +
 * Committed, Earned): earnings beyond the commitment draw on it too.
 */
export type Checkbook = Record<CheckbookColumn, Money>;
