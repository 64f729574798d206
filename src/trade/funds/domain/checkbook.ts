import type { Money } from '#money';

/** The columns of a fund's checkbook, all in the fund's currency. */
export interface Checkbook {
  /** Deposits ± transfers ± adjustments. */
  budgeted: Money;
  /** What drafts would like to spend; holds nothing. */
  planned: Money;
  reserved: Money;
  committed: Money;
  earned: Money;
  paid: Money;
  /** Budgeted − Σ per tactic max(reserved + committed, earned); earnings beyond the commitment draw on it too. */
  available: Money;
}
