import type { Figure, Money } from '../../api/shapes.ts';

/** The lines of the customer P&L, in the order in which it is read. */
export const planLines = [
  'volume',
  'baseline',
  'incremental',
  'grossSales',
  'onInvoiceTerms',
  'invoiceSales',
  'offInvoiceTerms',
  'netSales',
  'tacticSpend',
  'pocketSales',
  'cost',
  'contribution',
  'tradeSpend',
  'tradeRate',
] as const;
export type PlanLine = (typeof planLines)[number];

/** What the P&L compares. */
export const planColumns = ['target', 'plan', 'latestEstimate', 'actual', 'gap'] as const;
export type PlanColumn = (typeof planColumns)[number];

export type TargetLine = 'volume' | 'grossSales' | 'tradeSpend' | 'contribution';

/** Money, cases or a ratio as text; null where nothing is known. */
export type PlanValue = Money | string | null;
export type PlanColumns = Record<PlanColumn, PlanValue>;

export type PeriodTarget = { period: number } & Partial<Record<TargetLine, string>>;

export interface BaselineChange {
  accountId: string | null;
  productId: string | null;
  percent: string;
}

export interface AccountPlan {
  id: string;
  name: string;
  customerId: string;
  fiscalYear: number;
  currency: string;
  targets: PeriodTarget[];
  baselineChanges: BaselineChange[];
  version: number;
  snapshot: number | null;
  refusal: string | null;
  updatedAt: string;
}

export interface PlanItem extends AccountPlan {
  contribution: PlanColumns | null;
}

export interface PlanPeriod {
  period: number;
  startsOn: string;
  endsOn: string;
  state: 'closed' | 'running' | 'open';
}

export interface PnlLine {
  line: PlanLine;
  unit: 'money' | 'ratio' | 'units';
  periods: PlanColumns[];
  year: PlanColumns;
}

export interface Pnl {
  planId: string;
  snapshot: number;
  recordedAt: string;
  planVersion: number;
  currency: string;
  closedThrough: string | null;
  baselineVersion: string | null;
  termVersions: string[];
  notes: string[];
  periods: PlanPeriod[];
  lines: PnlLine[];
}

export interface GapClosers {
  snapshot: number;
  missing: Money | null;
  items: {
    promotionId: string;
    code: string;
    name: string;
    startsOn: string;
    endsOn: string;
    volume: string;
    tradeSpend: Money;
    contribution: Money;
    remaining: Money | null;
    figures: Record<'volume' | 'tradeSpend' | 'contribution' | 'remaining', Figure>;
  }[];
  /** Drafts that would add nothing or take contribution away. */
  leftOut: number;
  refused: { promotionId: string; code: string; name: string; reason: string }[];
}

export interface SnapshotItem {
  snapshot: number;
  planVersion: number;
  recordedBy: string;
  recordedAt: string;
  contribution: PlanColumns | null;
}

export interface BreakdownItem {
  id: string;
  code: string;
  name: string;
  plan: Partial<Record<PlanLine, PlanValue>>;
  actual: Partial<Record<PlanLine, PlanValue>> | null;
}

/** One change of a plan that a scenario tries. */
export type ScenarioEdit =
  | { kind: 'add'; promotion: { name: string; startsOn: string } & Record<string, unknown> }
  | { kind: 'include'; promotionId: string }
  | { kind: 'drop'; promotionId: string }
  | { kind: 'move'; promotionId: string; startsOn: string }
  | { kind: 'change'; promotionId: string; tacticId: string; rate?: string; lumpSum?: string; passThrough?: string }
  | { kind: 'target'; period: number; line: TargetLine; amount: string | null }
  | ({ kind: 'baseline' } & BaselineChange);

export interface ScenarioHead {
  id: string;
  planId: string;
  snapshot: number;
  name: string;
  state: 'open' | 'adopted' | 'not_adopted';
  version: number;
  edits: ScenarioEdit[];
  createdAt: string;
  updatedAt: string;
}

export interface Scenario extends ScenarioHead {
  currency: string;
  lines: PnlLine[];
  predictions: { key: string; name: string; modelVersion: string | null; refusal: string | null }[];
  adoption: { position: number; state: 'waiting' | 'done' | 'refused'; promotionId: string | null; detail: string }[];
}

export interface ComparedColumn {
  /** Null: the plan itself. */
  id: string | null;
  name: string;
  state: ScenarioHead['state'] | null;
  edits: number;
  snapshot: number;
  /** Why gap and differences have no value; null where they have. */
  notComparable: string | null;
  figures: Record<'plan' | 'latestEstimate' | 'gap' | 'difference', Record<PlanLine, Figure>>;
}
