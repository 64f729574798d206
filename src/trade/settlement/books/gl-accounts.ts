import type { Context } from '#context';
import type { TenantTx } from '#db';
import { customerAncestorsOfEach } from '#master-data';
import { type GlAccount, type GlMapping, glResolver } from './domain/gl-mapping.ts';
import type { JournalLine } from './domain/journal.ts';
import { glMappingOn } from './gl-mapping-store.ts';

type Tx = TenantTx<Context>;

/** Answers where lines go by a mapping; customers' trees are read only where the mapping tells them apart. */
export async function glAccountsBy(
  tx: Tx,
  mapping: GlMapping,
  customerIds: readonly string[],
): Promise<(line: JournalLine) => GlAccount> {
  const byCustomer = mapping.lines.some(({ customerId }) => customerId !== null);
  const paths = byCustomer ? await customerAncestorsOfEach(tx, [...new Set(customerIds)]) : new Map<string, string[]>();
  const resolve = glResolver(mapping);
  return (line) => resolve(line, paths.get(line.customerId) ?? []);
}

/** Lines with their accounts by the mapping in force on the posting date, and that mapping's number. */
export async function toGlAccounts(
  tx: Tx,
  postingOn: string,
  lines: readonly JournalLine[],
): Promise<{ mapping: number; resolved: (JournalLine & GlAccount)[] }> {
  const mapping = await glMappingOn(tx, postingOn);
  const accountOf = await glAccountsBy(
    tx,
    mapping,
    lines.map(({ customerId }) => customerId),
  );
  return { mapping: mapping.number, resolved: lines.map((line) => ({ ...line, ...accountOf(line) })) };
}
