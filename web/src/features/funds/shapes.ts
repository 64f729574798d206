import type { Figure, Money } from '../../api/shapes.ts';

/** The columns of a checkbook, in the order in which people read them. */
export const columns = ['budgeted', 'planned', 'reserved', 'committed', 'earned', 'paid', 'available'] as const;
export type Column = (typeof columns)[number];

/** A fund's checkbook with every column as a figure. */
export interface FundCheckbook {
  fundId: string;
  currency: string;
  asOf: string;
  figures: Record<Column, Figure>;
}

/** What checkbooks can be listed by. */
export const keys = ['customer', 'product', 'period'] as const;
export type Key = (typeof keys)[number];

/** The checkbook of an account or a brand with everything below it, or of a fiscal period; `key` null: of everything. */
export interface KeyedCheckbook {
  key: string | null;
  code: string;
  name: string;
  /** How many stand above it in its tree. */
  depth: number;
  currency: string;
  figures: Record<Column, Figure>;
}

/** An entry with the business date that it belongs to. */
export interface DatedEntry extends FundEntry {
  onDate: string;
  transferId: string | null;
}

/** Money that somebody asks a fund to be given. */
export interface BudgetRequest {
  id: string;
  amount: Money;
  note: string;
  state: 'requested' | 'approved' | 'rejected' | 'returned';
  requestedAt: string;
  decidedAt: string | null;
  comment: string;
}

export interface Transfer {
  id: string;
  fromFundId: string;
  toFundId: string;
  amount: Money;
  note: string;
  state: 'proposed' | 'approved' | 'rejected' | 'returned';
  proposedAt: string;
  decidedAt: string | null;
  comment: string;
}

export interface Rate {
  id: string;
  per: 'case' | 'percent';
  amount: string;
  validFrom: string;
  recordedAt: string;
}

/** What a week's shipments have put into a fund. */
export interface AccruedWeek {
  weekStart: string;
  cases: string;
  per: 'case' | 'percent';
  rate: string;
  amount: Money;
  accruedAt: string;
}

/** A movement of a fund's money between two accounts. */
interface FundEntry {
  id: string;
  kind: string;
  fromFundId: string;
  fromAccount: string;
  toFundId: string;
  toAccount: string;
  amount: Money;
  promotionId: string | null;
  tacticId: string | null;
  occurredAt: string;
  note: string;
  actorId: string;
}
