/** What a data subject may ask for. */
export type RequestKind = 'access' | 'portability' | 'rectification' | 'erasure' | 'restriction' | 'objection';

/** One thing that was done about a request or a breach. */
export interface Step {
  what: string;
  note: string | null;
  actorName: string;
  at: string;
}

/** A request of a data subject. */
export interface PrivacyRequest {
  id: string;
  kind: RequestKind;
  personId: string | null;
  personName: string | null;
  contact: string | null;
  asked: string | null;
  receivedOn: string;
  dueOn: string;
  extensionReason: string | null;
  state: 'open' | 'done' | 'refused' | 'withdrawn';
  identityProof: string | null;
  identityCheckedAt: string | null;
  decision: string | null;
  decidedAt: string | null;
  evidence: { lines?: ErasureLine[]; everywhere?: boolean; fields?: string[] } | null;
  overdue: boolean;
  version: number;
}

/** A request with its steps. */
export interface PrivacyRequestDetail extends PrivacyRequest {
  steps: Step[];
}

/** What an erasure does to one table. */
export interface ErasureLine {
  table: string;
  rows: number;
  rule: string;
  because: string | null;
}

/** What an erasure would do. */
export interface ErasurePlan {
  everywhere: boolean;
  lines: ErasureLine[];
  obstacles: string[];
}

/** A consent or a withdrawal. */
export interface Consent {
  id: string;
  personId: string;
  personName: string;
  purpose: string;
  given: boolean;
  wording: string;
  source: string;
  recordedAt: string;
  holds: boolean;
}

/** A breach of personal data. */
export interface Breach {
  id: string;
  title: string;
  whatHappened: string;
  awareAt: string;
  dueAt: string;
  risk: 'unknown' | 'unlikely' | 'risk' | 'high';
  peopleAffected: number | null;
  measures: string | null;
  authorityToldAt: string | null;
  lateReason: string | null;
  peopleToldAt: string | null;
  closedAt: string | null;
  version: number;
}

/** A breach with its steps. */
export interface BreachDetail extends Breach {
  steps: Step[];
}

/** One line of the record of processing. */
export interface Processing {
  purpose: string;
  basis: string;
  data: { table: string; column: string; what: string }[];
  tables: { table: string; kept: string; erasure: string; because: string | null }[];
}
