import type { Context } from '#context';
import { notFound, Problem } from '#problem';
import { checkCalls, nodesOf } from '../definitions/check-model.ts';
import type { ProcessModel } from '../definitions/process-model.ts';
import { asModel } from '../instances/running-model.ts';
import { workflowParts } from '../instances/workflow-parts.ts';
import { shippedDecision } from '../rulebook/find-decision.ts';
import { putInForce, takeOutOfForce } from '../versions/change-version.ts';
import { findInForce, findVersion, othersInForce, setReplacing, type Version } from '../versions/version-store.ts';
import { checkProcess, mistake, requireNone } from './check-process.ts';
import { shippedProcess } from './shipped-process.ts';
import { armStarts } from './start-events.ts';

/** Calls that lead nowhere or round once these processes are in force together with those of the product. */
const callMistakes = (models: readonly ProcessModel[]) =>
  checkCalls([...workflowParts().processes.map(({ definition }) => asModel(definition)), ...models]);

/**
 * Puts a version of a process in force. Instances stay on the version that they began with. Throws `process.refused` for mistakes,
 * `process.unsound` with the way that shows it, `state.conflict` for what is in force.
 */
export async function publishProcess(context: Context, id: string): Promise<Version> {
  const read = await context.db.read(context, (tx) => findVersion<ProcessModel>(tx, 'process', id));
  const { model, unsupported, ...version } = read ?? notFound('process', id);
  requireNone(checkProcess({ ...model, unsupported }));
  return context.db.transact(context, async (tx) => {
    const published = await putInForce(tx, 'process', version, async () => {
      const calls = callMistakes([...(await othersInForce<ProcessModel>(tx, 'process', version.code)), model]);
      const wrong = calls.map((one) => mistake(one.id, one.message));
      for (const node of nodesOf(model.body)) {
        if (node.kind !== 'business-rule' || shippedDecision(node.decision)) continue;
        if (await findInForce(tx, 'decision', node.decision)) continue;
        wrong.push(mistake(node.id, `The decision "${node.decision}" is not published.`));
      }
      requireNone(wrong);
    });
    if (published.state !== 'published') return published;
    await setReplacing(tx, published.id, shippedProcess(published.code) !== undefined);
    await armStarts(tx, published, model);
    return published;
  });
}

/**
 * Takes a process out of force: nothing new begins on it, and what runs goes on. Throws `state.conflict` for what is not in force
 * or is called by another.
 */
export function retireProcess(context: Context, id: string): Promise<Version> {
  return context.db.transact(context, (tx) =>
    takeOutOfForce(tx, 'process', id, async ({ code }) => {
      const [called] = callMistakes(await othersInForce<ProcessModel>(tx, 'process', code));
      if (called) throw new Problem('state.conflict', { detail: `Another process calls it: ${called.message}` });
    }),
  );
}
