/** What an act is to those who watch: who made a record, who decided, who moved money or changed its way. */
export type ActKind = 'act.made' | 'act.approved' | 'act.settled' | 'act.rerouted';

/** What a watched event says. */
export interface WatchedFacts {
  /** The record: the same text where it is made, approved and settled. */
  recordId: string;
  /** With whom it is done. */
  counterpartId?: string | undefined;
  /** Decimal text with its currency. */
  amount?: { amount: string; currency: string } | undefined;
}

/** An event of a module that detection watches. */
export interface WatchedAct {
  /** The event's type. */
  event: string;
  act: ActKind;
  /** What it says; null where this one does not count. */
  read(data: Readonly<Record<string, unknown>>, subjectId: string): WatchedFacts | null;
}
