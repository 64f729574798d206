import { Problem } from '#problem';
import type { TableTrace } from './decision-table.ts';
import type { CompiledModel } from './dmn/compile-model.ts';
import { type FeelLimits, FeelRun } from './feel/feel-run.ts';
import { coerce } from './feel/feel-types.ts';
import { type FeelContext, type FeelValue, feelName } from './feel/feel-value.ts';
import { feelOf, type Json, jsonOf } from './feel-json.ts';

/** A table that was asked on the way: with which values, and which of its rows matched. */
export interface Explanation {
  table: string;
  inputs: { label: string; value: Json }[];
  /** Rows by id and by number from 1. */
  matched: { id: string; row: number }[];
  result: Json;
}

/** An answer with its reasons. */
export interface DecisionAnswer {
  value: Json;
  tables: Explanation[];
  /** Why something came to null, at most 50 reasons. */
  notes: string[];
}

/** When and how far a decision is evaluated. */
export interface DecideOptions {
  /** What `now()` and `today()` tell. */
  now: Date;
  limits?: FeelLimits;
}

/**
 * Asks a model for a decision. Inputs are JSON by the names of the model's input data; dates and durations are strings where the
 * data's type says so. Throws `not_found` for an unknown decision, `request.malformed` for inputs that the model does not know
 * or that are of another type than it says, `decision.exhausted` for one that does not end.
 */
export function decide(
  compiled: CompiledModel,
  decision: string,
  inputs: Readonly<Record<string, Json>>,
  { now, limits }: DecideOptions,
): DecisionAnswer {
  const run = new FeelRun(now, limits);
  const value = compiled.decide(decision, readInputs(compiled, inputs), run);
  return { value: jsonOf(value), tables: run.tables.map(explain), notes: run.notes };
}

/** Input data from JSON, typed as the model says. */
function readInputs(compiled: CompiledModel, inputs: Readonly<Record<string, Json>>): FeelContext {
  const types = new Map(compiled.inputs.map(({ name, type }) => [name, type] as const));
  const values = new Map<string, FeelValue>();
  for (const [key, json] of Object.entries(inputs)) {
    const name = feelName(key);
    const type = types.get(name);
    if (type === undefined && !types.has(name)) {
      throw new Problem('request.malformed', { detail: `The decision has no input "${key.slice(0, 100)}".` });
    }
    const value = feelOf(json, type, compiled.types);
    if (type && coerce(value, type, compiled.types) === undefined) {
      throw new Problem('request.malformed', { detail: `The input "${key.slice(0, 100)}" is of another type.` });
    }
    values.set(name, value);
  }
  return values;
}

function explain({ table, inputs, matched, result }: TableTrace): Explanation {
  return {
    table,
    inputs: inputs.map(({ label, value }) => ({ label, value: jsonOf(value) })),
    matched,
    result: jsonOf(result),
  };
}
