import type { Context } from '#context';
import { notFound, Problem } from '#problem';
import { fromSteps } from '../definitions/approval-steps.ts';
import { checkCalls } from '../definitions/check-model.ts';
import type { ProcessModel } from '../definitions/process-model.ts';
import { type Tx, workflowParts } from '../instances/workflow-parts.ts';
import { checkProcess, mistake, requireNone } from './check-process.ts';
import { recordProcess } from './draft-process.ts';
import {
  findProcess,
  lockVersions,
  otherPublished,
  type ProcessRow,
  setPublished,
  setRetired,
} from './process-store.ts';

/** Calls that lead nowhere or round once these processes are published together with those of the product. */
const callMistakes = (models: readonly ProcessModel[]) =>
  checkCalls([...workflowParts().processes.map(({ definition }) => fromSteps(definition)), ...models]);

/** Locks a version with what is published of its code. */
async function lockOne(tx: Tx, row: ProcessRow): Promise<{ own: ProcessRow; published: ProcessRow | undefined }> {
  const rows = await lockVersions(tx, row);
  const own = rows.find(({ id }) => id === row.id) ?? notFound('process', row.id);
  return { own, published: rows.find(({ state }) => state === 'published') };
}

/**
 * Puts a version in force, a retired one anew; what was published of its code is retired. Instances stay on the version that they
 * began with. Throws `process.refused` for mistakes, `process.unsound` with the way that shows it, `state.conflict` for what is
 * published.
 */
export async function publishProcess(context: Context, id: string): Promise<ProcessRow> {
  const read = await context.db.read(context, (tx) => findProcess(tx, id));
  const { whole, ...row } = read ?? notFound('process', id);
  requireNone(checkProcess(whole));
  return context.db.transact(context, async (tx) => {
    const { own, published } = await lockOne(tx, row);
    if (own.state === 'published')
      throw new Problem('state.conflict', { detail: 'This version is published already.' });
    const calls = callMistakes([...(await otherPublished(tx, own.code)), whole]);
    requireNone(calls.map((wrong) => mistake(wrong.id, wrong.message)));
    if (published) {
      await setRetired(tx, published.id);
      await recordProcess(tx, 'retired', published, { state: published.state });
    }
    await setPublished(tx, id);
    await recordProcess(tx, 'published', own, { state: own.state, published: published?.version ?? null });
    return (await findProcess(tx, id)) ?? notFound('process', id);
  });
}

/**
 * Takes the published version of a process out of force: nothing new begins on it, and what runs goes on. Throws `state.conflict`
 * for what is not published or is called by another.
 */
export async function retireProcess(context: Context, id: string): Promise<ProcessRow> {
  return context.db.transact(context, async (tx) => {
    const row = (await findProcess(tx, id)) ?? notFound('process', id);
    const { own } = await lockOne(tx, row);
    if (own.state !== 'published') throw new Problem('state.conflict', { detail: 'This version is not published.' });
    const [called] = callMistakes(await otherPublished(tx, own.code));
    if (called) throw new Problem('state.conflict', { detail: `Another process calls it: ${called.message}` });
    await setRetired(tx, id);
    await recordProcess(tx, 'retired', own, { state: own.state });
    return (await findProcess(tx, id)) ?? notFound('process', id);
  });
}
