import { type DecideOptions, decide, type Explanation } from '../decisions/decide.ts';
import type { CompiledModel } from '../decisions/dmn/compile-model.ts';
import type { DecisionTable } from '../decisions/dmn/dmn-model.ts';
import type { Json } from '../decisions/feel-json.ts';
import { judge, type Severity, type Verdict } from '../decisions/severity-rules.ts';
import { isContext, type Value, type Values } from '../instances/instance-state.ts';

/** A decision that is asked, made ready. */
export interface AskedDecision {
  code: string;
  /** Of the tenant's own; 0: the one that ships. */
  version: number;
  decision: string;
  compiled: CompiledModel;
  /** Null where it is not made by a table. */
  table: DecisionTable | null;
  /** A module ships one under this code, which may give more than a tenant's own asks for. */
  isShipped: boolean;
}

/** A row of a decision that applies: what it says, and where it stands. */
export interface AppliedRow {
  /** The code of the decision, and its version; 0: the one that ships. */
  decision: string;
  version: number;
  /** From 1. */
  row: number;
  rowId: string;
}

/** A business rule that applies. */
export type RuleFinding = AppliedRow & { severity: Severity; message: string } & Record<string, Json>;

/** What the business rules of a table say of something. */
export interface Judgement {
  outcome: Verdict['outcome'];
  findings: RuleFinding[];
  tables: Explanation[];
}

/** What a decision answers, by which rows; of business rules what they found. */
export interface AnsweredDecision {
  value: Value;
  tables: Explanation[];
  notes: string[];
  findings: RuleFinding[];
}

/** Whether a table is one of business rules: it collects rows with a severity and a message. */
const isOfRules = ({ outputs }: DecisionTable): boolean =>
  ['severity', 'message'].every((needed) => outputs.some(({ name }) => name === needed));

/** What of some inputs a decision asks for: a tenant's own in the place of one that ships may ask for less. */
function askedOf({ isShipped, compiled }: AskedDecision, inputs: Values): Values {
  if (!isShipped) return inputs;
  const known = new Set(compiled.inputs.map(({ name }) => name));
  return Object.fromEntries(Object.entries(inputs).filter(([name]) => known.has(name)));
}

/** Asks business rules, without anything coming of it. Throws as `judge` does. */
export function judgeBy(rules: AskedDecision, inputs: Values, options: DecideOptions): Judgement {
  const { code, version, decision, compiled } = rules;
  const { outcome, findings, tables } = judge(compiled, decision, askedOf(rules, inputs), options);
  const told = findings.map(({ severity, message, row, details }) => ({
    ...details,
    ...{ decision: code, version, row: row.row, rowId: row.id, severity, message },
  }));
  return { outcome, findings: told, tables };
}

/** A table routes where it collects rows that name a `step`: each of them then says where it stands, and none is an empty list. */
function routed({ code, version, table }: AskedDecision, value: Value, asked: Explanation | undefined): Value {
  const names = table?.outputs.map(({ name }) => name) ?? [];
  if (!asked || !names.includes('step') || (table?.hitPolicy !== 'C' && table?.hitPolicy !== 'R')) return value;
  if (asked.matched.length === 0) return [];
  if (!Array.isArray(value)) return value;
  return (value as readonly Value[]).map((one, at) => {
    const { row, id } = asked.matched[at] ?? { row: null, id: null };
    return isContext(one) ? { ...one, decision: code, version, row, rowId: id } : one;
  });
}

/** Asks a decision, as a business-rule task does. Business rules answer `{ outcome, findings }`. Pure; throws as `decide` does. */
export function answerDecision(found: AskedDecision, input: Values, options: DecideOptions): AnsweredDecision {
  if (found.table && isOfRules(found.table)) {
    const { outcome, findings, tables } = judgeBy(found, input, options);
    return { value: { outcome, findings }, tables, notes: [], findings };
  }
  const { value, tables, notes } = decide(found.compiled, found.decision, askedOf(found, input), options);
  return { value: routed(found, value, tables.at(-1)), tables, notes, findings: [] };
}
