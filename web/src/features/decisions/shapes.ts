/** A version of a decision that administrators keep. */
export interface DecisionVersion {
  id: string;
  code: string;
  version: number;
  title: string;
  state: 'draft' | 'published' | 'retired';
  madeAt: string;
  publishedAt: string | null;
  /** When and who asks that it goes out of force, or a retired one into it again. */
  askedAt: string | null;
  askedBy: string | null;
}

/** A name with a type, as FEEL calls it. */
export interface Variable {
  name: string;
  type?: string;
}

export interface InputColumn {
  id?: string;
  label?: string;
  /** FEEL; what the cells of the column test. */
  expression: string;
  type?: string;
  values?: string;
}

export interface OutputColumn {
  id?: string;
  label?: string;
  name?: string;
  type?: string;
  values?: string;
  default?: string;
}

export interface TableRow {
  id: string;
  conditions: string[];
  results: string[];
  notes: string[];
}

/** A decision table, as the server takes and answers it. */
export interface DecisionTable {
  kind: 'table';
  hitPolicy: string;
  inputs: InputColumn[];
  outputs: OutputColumn[];
  annotations: string[];
  rules: TableRow[];
}

/** What a draft is made of. */
export interface TableDraft {
  title: string;
  inputs: Variable[];
  table: DecisionTable;
}

/** A decision that comes with the product. */
export interface ShippedDecision extends TableDraft {
  code: string;
}

/** Something that the author of a decision should see. */
export interface DecisionFinding {
  kind: string;
  /** From 1. */
  rows: number[];
  message: string;
  blocks: boolean;
}

/** A version with its model and what was found in it. */
export interface DecisionDetail extends DecisionVersion {
  decision: string;
  model: {
    inputs: { variable: Variable }[];
    decisions: { name: string; logic: ({ kind: string } & Partial<DecisionTable>) | null }[];
    knowledge: unknown[];
  };
  findings: DecisionFinding[];
}

/** An answer with the rows that gave it, and why something in it is null. */
export interface DecisionAnswer {
  value: unknown;
  tables: { table: string; matched: { id: string; row: number }[] }[];
  notes: string[];
}

/** What the server says of a draft that is not kept. */
export interface Checked {
  findings: DecisionFinding[];
  answer: DecisionAnswer | null;
}

interface Tally {
  approvals: number;
  moreSteps: number;
  fewerSteps: number;
  breaches: number;
}

/** What a replay came to. */
export interface ReplaySummary {
  approvals: number;
  same: number;
  stepsThen: number;
  stepsNow: number;
  differences: Partial<Record<string, number>>;
  breaches: Record<string, number>;
  steps: {
    step: string;
    before: number;
    after: number;
    added: number;
    dropped: number;
    alone: number;
    nobody: number;
  }[];
  rows: ({ row: number } & Tally)[];
  people: { personId: string; took: number; still: number; could: number }[];
  groups: ({ group: string } & Tally)[];
  stopped: { why: string; approvals: number }[];
}

/** A version that was played over all past approvals. */
export interface Replay {
  id: string;
  version: number;
  state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
  requestedAt: string;
  endedAt: string | null;
  approvals: number;
  replayed: number;
  failure: string | null;
  summary: ReplaySummary | null;
}

/** A past approval that comes out otherwise. */
export interface ReplayedApproval {
  /** Of the instance. */
  id: string;
  title: string;
  subjectType: string;
  subjectId: string;
  endedAt: string;
  group: string | null;
  stepsThen: number;
  stepsNow: number;
  outcomeThen: string | null;
  outcomeNow: string | null;
  rows: number[];
  differences: string[];
  breaches: { kind: string; step: string | null; people: string[] }[];
  steps: {
    step: string;
    is: 'kept' | 'added' | 'dropped';
    by: string | null;
    barred: string | null;
    may: number;
    people: string[];
  }[];
  stopped: string | null;
}
