import { checkDecisionTable } from '../decisions/check-decision-table.ts';
import { type CompiledModel, compileModel } from '../decisions/dmn/compile-model.ts';
import type { DecisionModel } from '../decisions/dmn/dmn-model.ts';
import type { Unsupported } from '../definitions/process-model.ts';

/** A decision as it is kept: a model, and which of its decisions is asked. */
export interface KeptDecision {
  title: string;
  decision: string;
  model: DecisionModel;
}

/** What its author should see of a decision; `blocks`: it is not published like that. */
export interface DecisionFinding {
  kind: string;
  /** Rows of its table, from 1. */
  rows: number[];
  message: string;
  blocks: boolean;
}

/** Findings of a table that its author may have meant so. */
const harmless = new Set(['gap', 'unreachable', 'unchecked']);

/** Everything of a decision that its author should see. Takes up to a second for 2,000 rows: not inside a transaction. */
export function checkDecision(
  { decision, model }: KeptDecision,
  unsupported: readonly Unsupported[],
): DecisionFinding[] {
  const own = model.decisions.find(({ name }) => name === decision);
  const findings: DecisionFinding[] = unsupported.map(({ element, why, blocks }) => ({
    ...{ kind: 'unsupported', rows: [], message: `${element} ${why}`, blocks },
  }));
  if (!own)
    return [...findings, { kind: 'mistake', rows: [], message: `There is no decision "${decision}".`, blocks: true }];
  for (const { where, detail } of compileModel(model).mistakes) {
    findings.push({ kind: 'mistake', rows: [], message: `${where}: ${detail}`, blocks: true });
  }
  if (findings.some(({ blocks }) => blocks) || own.logic?.kind !== 'table') return findings;
  const names = [...model.inputs, ...model.decisions, ...model.knowledge].map(({ name }) => name);
  const seen = checkDecisionTable(own.logic, { names });
  return [
    ...findings,
    ...seen.map(({ kind, rows, detail }) => ({ kind, rows, message: detail, blocks: !harmless.has(kind) })),
  ];
}

/** Models kept ready in this process; beyond it the oldest is made anew when it is asked for. */
const keptReady = 200;
const ready = new Map<string, CompiledModel>();

/** A model made ready once for each content hash. */
export function compiledByHash(hash: string, model: DecisionModel): CompiledModel {
  const known = ready.get(hash);
  if (known) return known;
  const made = compileModel(model);
  if (ready.size >= keptReady) ready.delete(ready.keys().next().value ?? '');
  ready.set(hash, made);
  return made;
}
