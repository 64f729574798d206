import type { Figure, Money } from '../../api/shapes.ts';

/** A fiscal period and the state of its books. */
export interface Period {
  id: string;
  fiscalYear: number;
  period: number;
  startsOn: string;
  endsOn: string;
  state: 'open' | 'soft_closed' | 'closed';
  reopenAskedBy: string | null;
  version: number;
}

/** What a tactic earned, settled, released and still owes. */
export interface Liability {
  tacticId: string;
  promotionId: string;
  promotionCode: string;
  customerId: string;
  mechanic: string;
  claimByOn: string;
  earned: Money;
  settled: Money;
  released: Money;
  openLiability: Money;
}

/** What preparing would book on one account for one customer. */
export interface ProposedGroup {
  kind: 'accrual' | 'release';
  glAccount: string;
  costCentre: string | null;
  mechanic: string;
  customerId: string;
  tactics: number;
  due: Figure;
  forecast: Money;
  lastRun: Money;
  variance: Figure;
  earnedToDate: Money;
  plan: Money | null;
}

/** What preparing would book for one tactic. */
export interface ProposedTactic {
  kind: 'accrual' | 'release';
  tacticId: string;
  promotionId: string;
  promotionCode: string;
  customerId: string;
  mechanic: string;
  glAccount: string;
  due: Figure;
  forecast: Money;
  lastRun: Money;
  earnedToDate: Money;
  accruedBefore: Money;
  plan: Money | null;
  againstPlan: Figure | null;
}

/** What preparing a period would book. */
export interface Proposal {
  periodId: string;
  glMapping: number;
  lastRun: { id: string; periodId: string; startedAt: string } | null;
  totals: { currency: string; due: Figure; forecast: Money; lastRun: Money }[];
  groups: ProposedGroup[];
  tactics: ProposedTactic[];
  tacticCount: number;
}

/** One preparation of a period's accruals. */
export interface AccrualRun {
  id: string;
  periodId: string;
  state: 'running' | 'finished' | 'interrupted' | 'cancelled';
  startedBy: string;
  startedAt: string;
  batches: number;
  tactics: number;
  movements: number;
}

/** A journal of a period. */
export interface Journal {
  id: string;
  kind: 'accrual' | 'release' | 'settlement' | 'write_off' | 'opening';
  total: Money;
  state: 'preparing' | 'prepared' | 'approved' | 'posted' | 'exported';
  glMapping: number | null;
  preparedBy: string;
  preparedAt: string;
  approvedBy: string | null;
  version: number;
}

/** A line of a journal. */
export interface JournalLine {
  position: number;
  account: string;
  side: 'debit' | 'credit';
  amount: Money;
  customerId: string;
  customerCode: string;
  promotionId: string | null;
  glAccount: string | null;
  costCentre: string | null;
}

/** What closing asks and what was found. */
export interface Checklist {
  period: Period;
  checks: { key: string; title: string; passed: boolean; hard: boolean; found: string; items: string[] }[];
  waived: { check: string; found: string; reason: string; waivedBy: string; waivedAt: string }[];
}

/** Opening + earned − settled − released = closing, and what the journals say. */
export interface LiabilityRoll {
  opening: Money;
  earned: Money;
  settled: Money;
  released: Money;
  closing: Money;
  journals: Money;
}

/** The close report. */
export interface CloseReport {
  period: Period;
  currencies: {
    currency: string;
    total: LiabilityRoll;
    liabilities: (LiabilityRoll & { customerId: string; customerCode: string; mechanic: string })[];
    accounts: {
      account: string;
      glAccount: string | null;
      costCentre: string | null;
      opening: Money;
      debits: Money;
      credits: Money;
      closing: Money;
    }[];
    ties: boolean;
  }[];
}

/** Where a movement goes in the general ledger; null: of any mechanic, or for any customer. */
export interface GlMappingLine {
  movement: string;
  mechanic: string | null;
  customerId: string | null;
  debitAccount: string;
  creditAccount: string;
  costCentre: string | null;
}

/** The mapping as recorded last; version 0 comes with the house. */
export interface GlMapping {
  version: number;
  validFrom: string;
  lines: GlMappingLine[];
}
