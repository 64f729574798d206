import { createHash } from 'node:crypto';
import { Problem } from '#problem';
import { type ExpressionOptions, makeEvaluator } from '../decisions/evaluate-expression.ts';
import type { FeelLimits } from '../decisions/feel/feel-run.ts';
import { type FeelType, typeOfName } from '../decisions/feel/feel-types.ts';
import { fromSteps } from '../definitions/approval-steps.ts';
import { hashModel } from '../definitions/hash-model.ts';
import type { Feel, ProcessModel, VariableDeclaration } from '../definitions/process-model.ts';
import type { Definition } from '../domain/definition.ts';
import { type IndexedModel, indexModel } from './index-model.ts';
import { type InstanceState, isContext, type Value, type Values } from './instance-state.ts';
import type { Evaluate } from './step.ts';

/** What an instance runs on, as it is stored: a list of steps, or a drawn process. */
export type Runnable = Definition | ProcessModel;

/** Models kept ready in this process; beyond it the oldest is made anew when it is asked for. */
const keptModels = 500;
const models = new Map<string, IndexedModel>();

const hashesOfSteps = new Set<string>();

/** Whether a model that was made ready here is a module's list of steps, whose end that module settles. */
export const isOfSteps = (hash: string): boolean => hashesOfSteps.has(hash);

/** What is run as a process: steps are read as one. */
export const asModel = (body: Runnable): ProcessModel => ('steps' in body ? fromSteps(body) : body);

/** The model of a stored definition, made ready once for each content hash. */
export async function modelByHash(hash: string, read: () => Promise<Runnable>): Promise<IndexedModel> {
  const known = models.get(hash);
  if (known) return known;
  const body = await read();
  if ('steps' in body) hashesOfSteps.add(hash);
  const made = indexModel(asModel(body));
  if (models.size >= keptModels) models.delete(models.keys().next().value ?? '');
  models.set(hash, made);
  return made;
}

/** The content hash of what is run; where it is drawn and what it was read from are not of it. */
export function hashOf(body: Runnable): string {
  return 'steps' in body ? createHash('sha256').update(JSON.stringify(body)).digest('hex') : hashModel(body);
}

const feelTypes: Readonly<Record<string, string>> = {
  number: 'number',
  date: 'date',
  'date-time': 'date and time',
  duration: 'days and time duration',
};

const amountType = typeOfName('number');
const moneyType: FeelType = { kind: 'context', entries: new Map([['amount', amountType]]) };

/** Money is a decimal string, which is compared as a number, or `{amount, currency}`. */
const typeOfMoney = (value: Value): FeelType => (isContext(value) ? moneyType : amountType);

type Types = NonNullable<ExpressionOptions['types']>;

const typesOf = (variables: readonly VariableDeclaration[]): Types =>
  Object.fromEntries(
    variables.flatMap(({ name, type }): [string, Types[string]][] => {
      if (type === 'money') return [[name, typeOfMoney]];
      const feelType = feelTypes[type];
      return feelType ? [[name, typeOfName(feelType)]] : [];
    }),
  );

/** FEEL over the variables of a model's instances at a moment; throws an error with a message for people. */
export function evaluatorOf({ model }: IndexedModel, now: Date, limits?: FeelLimits): Evaluate {
  const evaluate = makeEvaluator({ now, types: typesOf(model.variables), ...(limits ? { limits } : {}) });
  return (expression: Feel, variables: Values, why?: string[]) => {
    try {
      const { value, notes, unset } = evaluate(expression, variables);
      why?.push(...(unset.length > 0 ? unset.map((name) => `"${name}" has no value.`) : notes));
      return value;
    } catch (error) {
      if (error instanceof Problem) throw new Error(`${expression}: ${error.detail}`, { cause: error });
      throw error;
    }
  };
}

/** The token of the one task of an instance that began before positions were kept. */
export const tokenOfOldTask = 2;

/** An instance that began before positions were kept, as a position at the step that it had come to. */
export function positionAtStep(step: string | null, variables: Values): InstanceState {
  const tokens = step === null ? [] : [{ id: tokenOfOldTask, node: step, run: 1, rests: 'outside' as const }];
  return { status: 'running', next: tokenOfOldTask + 1, tokens, runs: [{ id: 1, variables }] };
}
