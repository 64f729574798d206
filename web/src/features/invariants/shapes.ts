/** How an invariant stood when it was last looked at. */
export interface Invariant {
  name: string;
  statement: string;
  state: 'holds' | 'broken' | 'unchecked';
  since: string | null;
  checkedAt: string | null;
  tookMs: number | null;
  failure: string | null;
  breaches: { subject: string; detail: string; openedAt: string }[];
}

/** A line of the history of breaches. */
export interface BreachChange {
  id: string;
  name: string;
  subject: string;
  change: 'opened' | 'closed';
  detail: string;
  at: string;
}
