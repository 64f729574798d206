import type { Context } from '#context';
import { findCustomers } from '#master-data';
import { observedEvents } from './domain/observed-event.ts';
import { customersWithSales, findFlaggedWeeks, replaceObservedEvents } from './observed-event-store.ts';

/**
 * Derives promotion history from the flags of all sales and stores it; answers how many events there are. A store's group
 * is its parent (its division); a customer without a parent is a group of its own.
 */
export async function deriveObservedEvents(context: Context): Promise<number> {
  const weeks = await context.db.read(context, async (tx) => {
    const ids = await customersWithSales(tx);
    const customers = await findCustomers(tx, { ids });
    return findFlaggedWeeks(tx, new Map(customers.map(({ id, parentId }) => [id, parentId ?? id])));
  });
  const events = observedEvents(weeks);
  await context.db.transact(context, (tx) => replaceObservedEvents(tx, events));
  return events.length;
}
