import type { Context } from '#context';
import type { TenantTx } from '#db';
import { customerAncestorsOfEach } from '#master-data';

/** A customer's place in the tree, and which of some others stand above or below it. */
export interface CustomerBranch {
  /** The customer, then its ancestors up to the root. */
  line: readonly string[];
  /** Those of the others that are the customer, its ancestors or its descendants. */
  related: ReadonlySet<string>;
}

/** The branch of a customer, as far as the other customers named go; one query. */
export async function branchOf(
  tx: TenantTx<Context>,
  customerId: string,
  others: readonly string[],
): Promise<CustomerBranch> {
  const lines = await customerAncestorsOfEach(tx, [...new Set([customerId, ...others])]);
  const line = lines.get(customerId) ?? [customerId];
  const related = others.filter((id) => line.includes(id) || lines.get(id)?.includes(customerId));
  return { line, related: new Set(related) };
}
