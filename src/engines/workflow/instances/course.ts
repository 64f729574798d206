import type { Context } from '#context';
import { isUnavailable, type TenantTx } from '#db';
import { Problem } from '#problem';
import type { Feel } from '../definitions/process-model.ts';
import type { CandidateSearch } from '../find-candidates.ts';
import type { NewTask } from '../workflow-store.ts';
import type { IndexedModel } from './index-model.ts';
import type { Happening, InstanceState, Value, Values } from './instance-state.ts';
import type { InstanceRow, Wait } from './instance-store.ts';
import type { Evaluate } from './step.ts';
import type { WorkflowParts } from './workflow-parts.ts';

/** A timer that is armed together with what it is for. */
export interface NewTimer {
  kind: string;
  subjectId: string;
  dueAt: Date;
  data: Record<string, unknown>;
}

/** Something that is still to be told to an instance; a refusal that nothing in the process takes is told to the person. */
export interface Told {
  happening: Happening;
  problem?: Problem;
  /** The instance that was called and tells it; the token of it that waits to be let go on. */
  from?: { instanceId: string; token?: number };
}

/** An instance on its way within one transaction: what was done is gathered here and stored once, when all rests. */
export interface Course {
  tx: TenantTx<Context>;
  parts: WorkflowParts;
  row: InstanceRow;
  model: IndexedModel;
  evaluate: Evaluate;
  search: CandidateSearch;
  state: InstanceState;
  isNew: boolean;
  queue: Told[];
  tasks: NewTask[];
  waits: Wait[];
  timers: NewTimer[];
  incidents: { id: string; token: number; node: string; message: string }[];
  withdrawn: Set<number>;
  /** Waits of which one event is over: a token and the event. */
  withdrawnEvents: { token: number; event: string }[];
  /** What is told to whoever called: codes, and the token that waits until that one has heard it. */
  escalated: { code: string; token?: number }[];
  /** Instances that were called on this way and are not over, by the token that called. */
  called: Map<number, string>;
  ended?: { status: 'completed' | 'failed'; outcome?: string; error?: string };
  /** What the person who decides said. */
  comment: string;
  /** A person has decided a task of it in this transaction. */
  isDecided: boolean;
}

/** The database's own way to say that the whole transaction has to begin again, or cannot go on. */
export function isOfTransaction(error: unknown): boolean {
  return isUnavailable(error) || /^40/.test((error as { code?: string } | null)?.code ?? '');
}

/**
 * An activity's failure: an error of the business carries the code that edges take it by. What says nothing of the activity, that a
 * connection was lost (also one aside, where keys are read), is thrown on.
 */
export function failureOf(token: number, error: unknown): Told {
  if (isOfTransaction(error)) throw error;
  const problem = error instanceof Problem ? error : undefined;
  const message = problem?.detail ?? (error as Error).message;
  const happening: Happening = { type: 'failed', token, code: problem?.code ?? 'technical', message };
  return problem ? { happening, problem } : { happening };
}

/** Tells {@link failureOf} an activity. */
export function tellFailure(course: Course, token: number, error: unknown): void {
  course.queue.push(failureOf(token, error));
}

/** Evaluates each of some expressions. */
export function evaluateEach(
  course: Pick<Course, 'evaluate'>,
  expressions: Readonly<Record<string, Feel>> = {},
  variables: Values,
): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(expressions).map(([name, feel]) => [name, course.evaluate(feel, variables)] as const),
  );
}

/** Text that tells one of many waits from the others; null where nothing tells them apart. */
export function correlationOf(course: Course, correlate: Feel | undefined, variables: Values): string | null {
  if (correlate === undefined) return null;
  const value = course.evaluate(correlate, variables);
  return typeof value === 'string' ? value : JSON.stringify(value);
}
