import type { Context } from '#context';
import type { TenantTx } from '#db';
import type { Money } from '#money';
import type { DecisionTable, Variable } from '../decisions/dmn/dmn-model.ts';
import type { VariableType } from '../definitions/process-model.ts';
import type { Outcome } from '../domain/definition.ts';
import type { Value, Values } from './instance-state.ts';
import type { Runnable } from './running-model.ts';

/** The transaction that the engine works in. */
export type Tx = TenantTx<Context>;

/** What an instance is about that was started by itself, not for a record of a module. */
export const ownSubject = 'workflow_instance';

/** What a process does to its subject when it ends; runs inside the deciding transaction. */
export type Settle = (
  tx: Tx,
  ended: { subjectId: string; outcome: Outcome; comment: string; instanceId: string; variables: Values },
) => Promise<void>;

/**
 * A process that a module teaches the engine: its definition and its in-transaction effect. A tenant may put an own version in its
 * place that takes the same variables and ends as this one does.
 */
export interface Process {
  definition: Runnable;
  settle: Settle;
}

/** A decision that a module ships: a table over inputs, in force where a tenant has none of its own under the code. */
export interface ShippedDecision {
  code: string;
  title: string;
  inputs: Variable[];
  table: DecisionTable;
}

/** The instance that an effect works for. */
export interface EffectInstance {
  id: string;
  definition: string;
  subjectType: string;
  subjectId: string;
}

/** What an effect is given, by the name of a service task's input. */
export interface EffectInput {
  type: VariableType;
  /** In words, for whoever draws. */
  title: string;
  /** Publishing refuses a service task that does not give it. */
  required?: true;
}

/** What a service task may ask for. */
export interface Effect {
  /** In words, for whoever draws. */
  title: string;
  /** What it takes; publishing refuses anything else. */
  inputs: Readonly<Record<string, EffectInput>>;
  /** What its answer is; null: it answers nothing that a variable could keep. */
  answers: VariableType | null;
  /**
   * Does it, inside the transaction. A `Problem` is an error of the business that the process may take or a person is told;
   * anything else is tried again later.
   */
  perform(tx: Tx, input: Values, instance: EffectInstance): Promise<Value>;
}

/** What the engine asks of others. */
export interface WorkflowParts {
  processes: readonly Process[];
  decisions: readonly ShippedDecision[];
  /** By the name that service tasks call them by. */
  effects: Readonly<Record<string, Effect>>;
  /** Answers a decision by its code. */
  decide?: (tx: Tx, decision: string, input: Values, instance: EffectInstance) => Promise<Value>;
  /** The manager of a person, so many levels up; null where there is none. */
  managerOf?: (tx: Tx, personId: string, levels: number) => Promise<string | null>;
  /** Money in another currency by a kept rate of today, for limits in that; null where none is known. */
  inCurrency?: (tx: Tx, amount: Money, currency: string) => Promise<Money | null>;
}

let taught: WorkflowParts = { processes: [], decisions: [], effects: {} };

/** Teaches the engine of this process what others do for it; what is not named stays as it was. */
export function teachWorkflow(parts: Partial<WorkflowParts>): void {
  taught = { ...taught, ...parts };
}

/** What the engine was taught. */
export const workflowParts = (): WorkflowParts => taught;
