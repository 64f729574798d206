import type { Context } from '#context';
import { Problem } from '#problem';
import { type Customer, insertCustomer } from './customer-store.ts';
import { masterDataEvents, recordChange } from './events.ts';
import { lockTree, requireParent } from './tree-store.ts';

/** A customer to be; the currency defaults to the tenant's. */
export interface NewCustomer {
  code: string;
  name: string;
  parentId?: string | null | undefined;
  type: string;
  channel?: string | null | undefined;
  currency?: string | undefined;
}

/** Creates a customer. Throws `code.taken`, or `rule.violated` where the parent does not fit. */
export async function createCustomer(context: Context, input: NewCustomer): Promise<Customer> {
  const customer: Customer = {
    id: context.newId(),
    code: input.code,
    name: input.name,
    parentId: input.parentId ?? null,
    type: input.type,
    channel: input.channel ?? null,
    currency: input.currency ?? context.tenant.currency,
    version: 1,
  };
  return context.db.transact(context, async (tx) => {
    await lockTree(tx, 'customer');
    if (customer.parentId) await requireParent(tx, 'customer', null, customer.parentId);
    if (!(await insertCustomer(tx, customer))) {
      throw new Problem('code.taken', { detail: `There is already a customer ${customer.code}.` });
    }
    await recordChange(tx, {
      type: masterDataEvents.customerCreated,
      entityType: 'customer',
      entityId: customer.id,
      after: customer,
    });
    return customer;
  });
}
