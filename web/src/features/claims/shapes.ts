import type { Figure, Money } from '../../api/shapes.ts';

/** A deduction is money taken off a payment, a claim is money asked for. */
export type ItemKind = 'deduction' | 'claim';

/** Why people should look twice at an item. */
export interface ItemFlag {
  flag: 'duplicate' | 'post_audit' | 'unknown_reason_code';
  reason: string;
  itemId?: string;
}

/** Tactics that may answer for an item together. */
export interface Suggestion {
  /** Probability as a decimal string. */
  confidence: string;
  reasons: string[];
  matches: { tacticId: string; promotionId: string; promotionCode: string; mechanic: string; amount: Money }[];
}

/** A deduction or claim. */
export interface Item {
  id: string;
  kind: ItemKind;
  customerId: string;
  reference: string;
  parentId: string | null;
  isSplit: boolean;
  amount: Money;
  tax: Money;
  openAmount: Money;
  takenOn: string;
  disputeByOn: string;
  reasonCode: string | null;
  category: string | null;
  note: string;
  state: string;
  validAmount: Money | null;
  settled: Money;
  recovered: Money;
  writtenOff: Money;
  flags: ItemFlag[];
  proofWaived: string | null;
  version: number;
}

/** An item in the queue. */
export interface QueuedItem extends Item {
  customerCode: string;
  customerName: string;
  priority: Figure;
  proposal: Suggestion | null;
}

/** A match beside what its tactic has earned and owes. */
export interface OwedMatch {
  tacticId: string;
  promotionId: string;
  promotionCode: string;
  mechanic: string;
  amount: Money;
  earned: Money | null;
  settled: Money | null;
  claimByOn: string | null;
  openLiability: Figure | null;
}

/** An item with what it is matched to. */
export interface FullItem extends Item {
  matches: OwedMatch[];
  parts: Item[];
}

/** What matching says of an item now. */
export interface Suggestions {
  items: Suggestion[];
  proposed: boolean;
  abstained: string | null;
  noneConfidence: string;
  modelVersion: number;
}

/** Open money by the days to the deadline. */
export interface AgeBucket {
  bucket: string;
  currency: string;
  count: number;
  open: Money;
}

/** A paper of an item. */
export interface Paper {
  id: string;
  purpose: string;
  fileName: string;
  mediaType: string;
  bytes: number;
  sha256: string;
  attachedAt: string;
}

/** What resolved (part of) an item. */
export interface Settlement {
  id: string;
  kind: string;
  amount: Money;
  journalId: string | null;
  note: string;
  settledAt: string;
}

/** What a retailer's reason code means in a range of days. */
export interface ReasonCode {
  id: string;
  customerId: string;
  code: string;
  category: string;
  validFrom: string;
  validTo: string | null;
}

/** What a person may write off at most; `isOwn` false: nobody set one, it is the default. */
export interface WriteOffLimit {
  personId: string;
  name: string;
  limit: Money;
  isOwn: boolean;
}

/** The model that ranks matches, with its weights beside those that are built in. */
export interface MatchModel {
  version: number;
  learnedFrom: number;
  confirmedSince: number;
  fittedAt: string | null;
  proposesFrom: number;
  weights: Record<string, number>;
  builtIn: Record<string, number>;
}
