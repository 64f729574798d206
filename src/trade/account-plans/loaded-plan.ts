import type { Context } from '#context';
import type { TenantTx } from '#db';
import { notFound } from '#problem';
import type { PlanBasis } from './domain/plan-basis.ts';
import type { PlanGrid } from './domain/plan-grid.ts';
import { actualSums, openGrid, type PlanPromotions } from './domain/plan-snapshot.ts';
import { findSnapshot, readSnapshotBody, type SnapshotHead } from './plan-store.ts';

/** A snapshot in memory, ready to be asked and edited. */
export interface LoadedPlan {
  head: SnapshotHead;
  basis: PlanBasis;
  promotions: PlanPromotions;
  /** Counted as the snapshot is; whoever edits it puts it back. */
  grid: PlanGrid;
  actual: BigInt64Array;
}

/** Snapshots in memory at once: a large one takes about 30 MB. */
const mostLoaded = 8;
const cache = new Map<string, LoadedPlan>();

const keyOf = (tenantId: string, { planId, number }: { planId: string; number: number }) =>
  `${tenantId}/${planId}/${number}`;

async function load(tx: TenantTx<Context>, head: SnapshotHead): Promise<LoadedPlan> {
  const key = keyOf(tx.context.tenant.id, head);
  const known = cache.get(key);
  cache.delete(key);
  let loaded = known;
  if (!loaded) {
    const { basis, promotions } = await readSnapshotBody(tx, head);
    loaded = {
      head,
      basis,
      promotions,
      grid: openGrid(basis, promotions, head),
      actual: actualSums(basis, promotions),
    };
  }
  // Set anew: a Map keeps the order of insertion, so the first key is the one used longest ago.
  cache.set(key, loaded);
  const oldest = cache.keys().next();
  if (cache.size > mostLoaded && !oldest.done) cache.delete(oldest.value);
  return loaded;
}

/** Drops a snapshot from memory: after an edit that failed half way it is no longer what was stored. */
export function forget(tenantId: string, head: SnapshotHead): void {
  cache.delete(keyOf(tenantId, head));
}

/** The latest snapshot of a plan; undefined until it was calculated. */
export async function readLatest(
  context: Context,
  planId: string,
  tx?: TenantTx<Context>,
): Promise<LoadedPlan | undefined> {
  const read = async (open: TenantTx<Context>) => {
    const head = await findSnapshot(open, planId, 'latest');
    return head && load(open, head);
  };
  return tx ? read(tx) : context.db.read(context, read);
}

/** A snapshot by number. Throws `not_found`. */
export async function readNumbered(context: Context, planId: string, number: number): Promise<LoadedPlan> {
  return context.db.read(context, async (tx) => {
    const head = (await findSnapshot(tx, planId, { number })) ?? notFound('snapshot', String(number));
    return load(tx, head);
  });
}
