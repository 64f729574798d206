import { Problem } from '#problem';
import type { ProcessModel } from '../definitions/process-model.ts';
import type { Runnable } from '../instances/running-model.ts';
import type { Tx } from '../instances/workflow-parts.ts';
import { findInForce, isReplacing, type Version } from '../versions/version-store.ts';
import { checkContract, withGiven } from './shipped-process.ts';

/** A tenant's own version under the code of a process that ships. */
type Own = Pick<Version, 'id' | 'version' | 'code'> & { model: ProcessModel };

/**
 * What keeps a tenant's own version from the records of a module, in words; null: nothing. A release may ship a process under a code
 * that the tenant had drawn something else under, or have its module give something else than before.
 */
export function misfitOf({ model }: Pick<Own, 'model'>): string | null {
  return checkContract(withGiven(model))[0]?.message ?? null;
}

/**
 * What a record begins on: the tenant's own version where it keeps what the module gives and takes, else the one that ships. Throws
 * `rule.violated` where an own version was put in its place and a release has gone on since: falling back could ask for less.
 */
export async function processOfRecord(tx: Tx, shipped: Runnable): Promise<Runnable> {
  const own = await findInForce<ProcessModel>(tx, 'process', shipped.code);
  if (!own) return shipped;
  const misfit = misfitOf(own);
  if (misfit === null) return withGiven(own.model);
  if (!(await isReplacing(tx, own.id))) return shipped;
  throw new Problem('rule.violated', {
    detail: `Version ${own.version} of your own process "${own.code}" no longer fits the product: ${misfit} Whoever designs processes publishes one that does, or retires it.`,
  });
}
