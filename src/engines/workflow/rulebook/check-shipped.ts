import { shippedDecision, tableOf } from './find-decision.ts';
import type { DecisionFinding, KeptDecision } from './kept-decision.ts';

/**
 * What keeps a tenant's own decision from taking the place of one that a module ships under its code: it asks for nothing that the
 * module does not give, and is a table that collects rows with the outputs that the module reads. Nothing for other codes.
 */
export function checkShipped(code: string, kept: KeptDecision): DecisionFinding[] {
  const shipped = shippedDecision(code);
  if (!shipped) return [];
  const wrong = (message: string): DecisionFinding => ({ kind: 'mistake', rows: [], message, blocks: true });
  const given = new Set(shipped.inputs.map(({ name }) => name));
  const unknown = kept.model.inputs.filter(({ name }) => !given.has(name));
  const findings = unknown.map(({ name }) => wrong(`It asks for "${name}", which nobody gives it.`));
  const table = tableOf(kept);
  if (!table || table.hitPolicy !== shipped.table.hitPolicy) {
    return [...findings, wrong(`It is no table with the hit policy ${shipped.table.hitPolicy}.`)];
  }
  const outputs = new Set(table.outputs.map(({ name }) => name));
  const missing = shipped.table.outputs.filter(({ name }) => !outputs.has(name));
  return [...findings, ...missing.map(({ name }) => wrong(`It lacks the output "${name}".`))];
}
