import type { Context } from '#context';
import { notFound, Problem } from '#problem';
import { nodesOf } from '../definitions/check-model.ts';
import type { ProcessModel } from '../definitions/process-model.ts';
import { putInForce, takeOutOfForce } from '../versions/change-version.ts';
import { findVersion, othersInForce, type Version } from '../versions/version-store.ts';
import { checkShipped } from './check-shipped.ts';
import { shippedDecision } from './find-decision.ts';
import { checkDecision, type KeptDecision } from './kept-decision.ts';

/** Puts a decision in force. Throws `decision.refused` with every mistake, `state.conflict` for what is in force. */
export async function publishDecision(context: Context, id: string): Promise<Version> {
  const read = await context.db.read(context, (tx) => findVersion<KeptDecision>(tx, 'decision', id));
  const { model, unsupported, ...version } = read ?? notFound('decision', id);
  const findings = [...checkDecision(model, unsupported), ...checkShipped(version.code, model)];
  const wrong = findings.filter(({ blocks }) => blocks);
  if (wrong[0]) {
    const errors = wrong.map(({ rows, message }) => ({ path: rows.join(','), message }));
    throw new Problem('decision.refused', { detail: wrong[0].message, errors });
  }
  return context.db.transact(context, (tx) => putInForce(tx, 'decision', version, async () => undefined));
}

/**
 * Takes a decision out of force; one that ships under its code is in force again. Throws `state.conflict` for what is not in force or
 * what a published process asks and nothing else answers.
 */
export function retireDecision(context: Context, id: string): Promise<Version> {
  return context.db.transact(context, (tx) =>
    takeOutOfForce(tx, 'decision', id, async ({ code }) => {
      if (shippedDecision(code)) return;
      const asking = (await othersInForce<ProcessModel>(tx, 'process', '')).find(({ body }) =>
        nodesOf(body).some((node) => node.kind === 'business-rule' && node.decision === code),
      );
      if (asking) throw new Problem('state.conflict', { detail: `The process ${asking.code} asks it.` });
    }),
  );
}
