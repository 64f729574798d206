import type { Plan, PromotionInput } from '../../api/promotion-shapes.ts';
import type { Money } from '../../api/shapes.ts';

/** One field that differs between two versions of a promotion's terms. */
export interface TermChange {
  field: string;
  tactic: { id: string; mechanic: string } | null;
  before: unknown;
  after: unknown;
}

/** The figures that an approver compares. */
export interface AmendmentFigures {
  startsOn: string;
  endsOn: string;
  spend: Money | null;
  netProfit: Money | null;
  netRoi: string | null;
}

/** What an amendment changes; `beyond` says why it needs approval. */
export interface Difference {
  changes: TermChange[];
  beyond: string[];
  before: AmendmentFigures;
  after: AmendmentFigures;
}

/** How far an amendment may go without approval; 0: not at all. */
export interface Tolerance {
  version: number;
  /** Of the planned spend. */
  spendRatio: string;
  dateDays: number;
  productCount: number;
}

export interface AmendmentPreview extends Difference {
  plan: Plan;
  tolerance: Tolerance;
}

export interface Amendment extends Difference {
  id: string;
  promotionId: string;
  number: number;
  state: string;
  reason: string;
  appliedVersion: number | null;
  terms: PromotionInput & { claimByOn?: string };
  proposedBy: string;
  proposedByName: string;
  proposedAt: string;
  endedAt: string | null;
  comment: string;
}
