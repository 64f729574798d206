/** Something that one person does with a record. */
export interface Duty {
  code: string;
  name: string;
  permissions: string[];
}

/** Two duties that one person is not to do, and who could. */
export interface DutyConflict {
  code: string;
  first: Duty;
  second: Duty;
  risk: string;
  recordType: string | null;
  onRecord: 'refused' | 'reported';
  inRoles: 'refused' | 'shown';
  roles: string[];
  people: { id: string; name: string; first: string[]; second: string[]; exceptionId: string | null }[];
}

/** One person who did both with one record. */
export interface DutyBreach {
  conflict: string;
  personId: string;
  personName: string;
  recordType: string;
  recordId: string;
  firstAt: string;
  firstAction: string;
  secondAt: string;
  secondAction: string;
  /** Programs of theirs that did it; null: they themselves. */
  firstThrough: string | null;
  secondThrough: string | null;
  exceptionId: string | null;
}

/** Who did both, of the conflicts that were looked for. */
export interface DutyReport {
  checked: string[];
  incomplete: string[];
  items: DutyBreach[];
}

/** Why somebody may hold both sides for a while. */
export interface DutyException {
  id: string;
  personId: string;
  personName: string;
  conflict: string;
  reason: string;
  state: 'asked' | 'granted' | 'refused' | 'ended';
  expiresOn: string;
  askedBy: string;
  askedAt: string;
  decidedBy: string | null;
  decidedAt: string | null;
  version: number;
}
