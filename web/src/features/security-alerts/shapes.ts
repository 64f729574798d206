export type Severity = 'low' | 'medium' | 'high' | 'critical';
export type IncidentState = 'open' | 'acknowledged' | 'closed';
export type Verdict = 'attack' | 'expected' | 'false_alarm';
export type RemedyKind = 'end_sessions' | 'step_up' | 'lock' | 'quarantine_key';

/** Something that detection found. */
export interface Incident {
  id: string;
  rule: string;
  title: string;
  rules: string[];
  severity: Severity;
  score: string;
  reasons: { because: string; points: number }[];
  about: string[];
  people: { id: string; name: string }[];
  state: IncidentState;
  verdict: Verdict | null;
  note: string | null;
  firstAt: string;
  lastAt: string;
  raisedAt: string;
  handledBy: string | null;
  handledAt: string | null;
  version: number;
}

/** An event that shows an incident. */
export interface Evidence {
  id: string;
  at: string;
  what: string;
  outcome: 'succeeded' | 'refused';
  person: { id: string; name: string } | null;
  subject: string | null;
  network: string | null;
  device: string | null;
  detail: Record<string, unknown>;
}

/** What was done, or would have been. */
export interface Remedy {
  id: string;
  kind: RemedyKind;
  target: string;
  targetName: string | null;
  state: 'taken' | 'undone' | 'dry_run' | 'refused';
  takenBy: string | null;
  at: string;
  undoneBy: string | null;
  undoneAt: string | null;
  refusal: string | null;
}

/** A key of a program that an incident is about. */
export interface NamedKey {
  id: string;
  name: string;
  hint: string;
  serviceAccountId: string;
  program: string;
  /** Whether it opens something now. */
  works: boolean;
}

/** One incident with all that belongs to it. */
export interface IncidentDetail extends Incident {
  evidence: Evidence[];
  remedies: Remedy[];
  keys: NamedKey[];
}

/** A detection rule as the tenant has set it. */
export interface DetectionRule {
  id: string;
  title: string;
  what: string;
  why: string;
  severity: Severity;
  windowS: number;
  threshold: number;
  remedy: RemedyKind | null;
  enabled: boolean;
  mode: 'act' | 'dry_run';
  hits: { incidents: number; attacks: number; falseAlarms: number; open: number };
}

/** What a remedy is called. */
export const remedyWords: Record<RemedyKind, string> = {
  end_sessions: 'End sessions',
  step_up: 'Ask for proof',
  lock: 'Lock out',
  quarantine_key: 'Set the key aside',
};

/** What a verdict is called. */
export const verdictWords: Record<Verdict, string> = {
  attack: 'An attack',
  expected: 'Expected',
  false_alarm: 'False alarm',
};
