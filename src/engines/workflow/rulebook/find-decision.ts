import { createHash } from 'node:crypto';
import { notFound } from '#problem';
import type { BoxedExpression, DecisionTable } from '../decisions/dmn/dmn-model.ts';
import { modelOfTable } from '../decisions/dmn/model-of-table.ts';
import { type ShippedDecision, type Tx, workflowParts } from '../instances/workflow-parts.ts';
import { findInForce } from '../versions/version-store.ts';
import type { AskedDecision } from './answer-decision.ts';
import { compiledByHash, type KeptDecision } from './kept-decision.ts';

const asTable = (logic: BoxedExpression | null | undefined): DecisionTable | null =>
  logic?.kind === 'table' ? logic : null;

/** The table that a kept decision is made by; null where something else makes it. */
export const tableOf = ({ decision, model }: KeptDecision): DecisionTable | null =>
  asTable(model.decisions.find(({ name }) => name === decision)?.logic);

/** The decision that a module ships under a code. */
export const shippedDecision = (code: string): ShippedDecision | undefined =>
  workflowParts().decisions.find((one) => one.code === code);

const made = new WeakMap<ShippedDecision, { hash: string; kept: KeptDecision }>();

/** A decision that ships as those are kept that administrators write, with its content hash. */
export function keptOf(shipped: ShippedDecision): { hash: string; kept: KeptDecision } {
  const known = made.get(shipped);
  if (known) return known;
  const { title, inputs, table } = shipped;
  const kept = { title, decision: title, model: modelOfTable(title, inputs, table) };
  const one = { hash: createHash('sha256').update(JSON.stringify(kept)).digest('hex'), kept };
  made.set(shipped, one);
  return one;
}

/** The tenant's own decision of a code, or else the one that ships; `shipped`: which that is. Throws `not_found`. */
export async function findDecision(tx: Tx, code: string, shipped = shippedDecision(code)): Promise<AskedDecision> {
  const own = await findInForce<KeptDecision>(tx, 'decision', code);
  const { version, hash, kept } = own
    ? { version: own.version, hash: own.hash, kept: own.model }
    : { version: 0, ...(shipped ? keptOf(shipped) : notFound('published decision', code)) };
  const { decision, model } = kept;
  const compiled = compiledByHash(hash, model);
  return { code, version, decision, compiled, table: tableOf(kept), isShipped: shipped !== undefined };
}
