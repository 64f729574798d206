import type { Context } from '#context';
import { notFound, Problem } from '#problem';
import { type Customer, lockCustomer, updateCustomer } from './customer-store.ts';
import { masterDataEvents, recordChange } from './events.ts';
import { lockTree, requireParent } from './tree-store.ts';

/** What of a customer can be changed; absent members stay. */
export interface CustomerChange {
  name?: string | undefined;
  parentId?: string | null | undefined;
  type?: string | undefined;
  channel?: string | null | undefined;
  currency?: string | undefined;
}

/** Refuses a change of a record that is no longer the version the caller saw. */
export function requireVersion(record: { version: number }, ifMatch: number | undefined): void {
  if (ifMatch === undefined || ifMatch === record.version) return;
  throw new Problem('version.conflict', { detail: `The record is at version ${record.version}, not ${ifMatch}.` });
}

/** `record` with the members that `change` brings. */
export function merged<T extends object>(record: T, change: Partial<T>): T {
  return { ...record, ...Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) };
}

/** Changes a customer. Throws `not_found`, `version.conflict`, or `rule.violated` where the parent does not fit. */
export async function changeCustomer(
  context: Context,
  id: string,
  change: CustomerChange,
  ifMatch?: number,
): Promise<Customer> {
  return context.db.transact(context, async (tx) => {
    await lockTree(tx, 'customer');
    const before = (await lockCustomer(tx, id)) ?? notFound('customer', id);
    requireVersion(before, ifMatch);
    const after = { ...merged<Customer>(before, change as Partial<Customer>), version: before.version + 1 };
    if (after.parentId && after.parentId !== before.parentId) {
      await requireParent(tx, 'customer', id, after.parentId);
    }
    await updateCustomer(tx, after);
    await recordChange(tx, {
      type: masterDataEvents.customerChanged,
      entityType: 'customer',
      entityId: id,
      before,
      after,
    });
    return after;
  });
}
