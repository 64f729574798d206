import { Decimal } from '#money';

/** A comparison of a variable with a constant; a variable that is null satisfies only `isNull`. */
export type Condition =
  | { variable: string; is: 'above' | 'below' | 'atLeast'; value: string }
  | { variable: string; is: 'null' }
  | { any: Condition[] };

/** Who may take a step: holders of a permission, narrowed by role and by personal limit. */
export interface Candidates {
  permission: string;
  roles?: string[];
  /** The variable whose amount the person's limit must reach. */
  limitCovers?: string;
}

/** One human decision of a process. */
export interface Step {
  name: string;
  title: string;
  /** Absent: always taken. */
  when?: Condition;
  candidates: Candidates;
  /** Hours until the task is overdue. */
  dueHours: number;
}

/** A process as data: its steps in order. */
export interface Definition {
  code: string;
  title: string;
  steps: Step[];
}

/** Decimal strings and names of an instance; null where a value is not known. */
export type Variables = Record<string, string | null>;

/** What a person may decide. */
export const outcomes = ['approved', 'rejected', 'returned'] as const;
export type Outcome = (typeof outcomes)[number];

/** Whether a condition holds; a step without one always does. */
export function holds(condition: Condition | undefined, variables: Variables): boolean {
  if (!condition) return true;
  if ('any' in condition) return condition.any.some((one) => holds(one, variables));
  const value = variables[condition.variable] ?? null;
  if (condition.is === 'null') return value === null;
  if (value === null) return false;
  const compared = new Decimal(value).comparedTo(condition.value);
  return condition.is === 'above' ? compared > 0 : condition.is === 'below' ? compared < 0 : compared >= 0;
}

/** The steps after `current` (null: from the start) whose condition holds, in their order. */
export function stepsAfter(definition: Definition, current: string | null, variables: Variables): Step[] {
  const from = current === null ? 0 : definition.steps.findIndex((step) => step.name === current) + 1;
  return definition.steps.slice(from).filter((step) => holds(step.when, variables));
}

/** The first step after `current` (null: from the start) whose condition holds, or null where the process ends. */
export function nextStep(definition: Definition, current: string | null, variables: Variables): Step | null {
  return stepsAfter(definition, current, variables)[0] ?? null;
}

/** Where an instance goes after a decision: on to a step, or to its end. Pure. */
export function decide(
  definition: Definition,
  current: string,
  outcome: Outcome,
  variables: Variables,
): { step: Step } | { end: Outcome } {
  if (outcome !== 'approved') return { end: outcome };
  const step = nextStep(definition, current, variables);
  return step ? { step } : { end: 'approved' };
}
