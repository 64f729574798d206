import type { Context, ScopeSide } from '#context';
import { keysetPage, type ListRequest, type Page, type RawBuilder, sql, type TenantTx } from '#db';
import { scopeFilter } from '#scope';
import { customerScope } from './master-data-scope.ts';
import { keepPlace, placeAsOf } from './tree-place-store.ts';

/** A customer: one node of the tenant's customer tree. */
export interface Customer {
  id: string;
  /** Unique in the tenant. */
  code: string;
  name: string;
  parentId: string | null;
  /** What kind of node it is, in the tenant's own words: banner, division, account, store … */
  type: string;
  channel: string | null;
  /** ISO 4217 code in which the customer trades. */
  currency: string;
  version: number;
}

/** What a list of customers can be narrowed by. */
export interface CustomerFilter {
  /** Children of this customer; `null`: roots. */
  parentId?: string | null | undefined;
  type?: string | undefined;
  /** Part of the code or the name, whatever the case. */
  search?: string | undefined;
  /** As the tree stood at this instant (ISO 8601): parents of then, and none that came later. Now where absent. */
  asOf?: string | undefined;
}

const columnsUnder = (parentId: RawBuilder<unknown>) => sql`customer.id, customer.code, customer.name,
  ${parentId} as "parentId", customer.type, customer.channel, customer.currency, customer.version`;
const columns = columnsUnder(sql`customer.parent_id`);

/** `text` as a pattern that matches it anywhere, taken literally. */
export function containsPattern(text: string): string {
  return `%${text.replace(/[\\%_]/g, '\\$&')}%`;
}

/** Roots are what nothing stands above: for somebody who is kept to a part of the tree, nothing of that part. */
export function atTop(side: ScopeSide | null | undefined, parent: RawBuilder<unknown>): RawBuilder<unknown> {
  return side ? sql`(${parent} is null or ${parent} <> all(${[...side.within]}::uuid[]))` : sql`${parent} is null`;
}

/** A page of customers, by code unless `sort` says `name`. */
export function listCustomers(
  tx: TenantTx<Context>,
  filter: CustomerFilter,
  request: ListRequest,
): Promise<Page<Customer>> {
  const where = [];
  const parent = filter.asOf ? sql`place.parent_id` : sql`customer.parent_id`;
  where.push(scopeFilter(tx.context, customerScope));
  if (filter.parentId === null) where.push(atTop(tx.context.actor.scope?.customer, parent));
  else if (filter.parentId) where.push(sql`${parent} = ${filter.parentId}`);
  if (filter.type) where.push(sql`customer.type = ${filter.type}`);
  if (filter.search) {
    const pattern = containsPattern(filter.search);
    where.push(sql`(customer.name ilike ${pattern} or customer.code ilike ${pattern})`);
  }
  const list = {
    columns: columnsUnder(parent),
    from: filter.asOf
      ? sql`master_data.customer customer
          join lateral ${placeAsOf('customer', sql`customer.id`, filter.asOf)} place on true`
      : sql`master_data.customer customer`,
    where,
    sortable: { code: sql`customer.code`, name: sql`customer.name collate "C"` },
    id: sql`customer.id`,
    defaultSort: 'code',
  };
  return keysetPage<Customer>(tx, list, request);
}

/** The customers with these ids or codes, or all of them, in no order; unknown ones are left out. */
export async function findCustomers(
  tx: TenantTx,
  by: { ids: readonly string[] } | { codes: readonly string[] } | 'all',
): Promise<Customer[]> {
  const match =
    by === 'all'
      ? sql`true`
      : 'ids' in by
        ? sql`customer.id = any(${by.ids}::uuid[])`
        : sql`customer.code = any(${by.codes}::text[])`;
  return tx.many<Customer>(sql`select ${columns} from master_data.customer customer where ${match}`);
}

/** One customer, locked for change. */
export function lockCustomer(tx: TenantTx, id: string): Promise<Customer | undefined> {
  return tx.maybe<Customer>(sql`select ${columns} from master_data.customer customer where id = ${id} for update`);
}

/** Stores a new customer as version 1; answers whether the code was free. */
export async function insertCustomer(tx: TenantTx<Context>, customer: Customer): Promise<boolean> {
  const { tenant, clock } = tx.context;
  const now = clock.now();
  const rows = await tx.run(sql`
    insert into master_data.customer (tenant_id, id, code, name, parent_id, type, channel, currency, version, created_at, updated_at)
    values (${tenant.id}, ${customer.id}, ${customer.code}, ${customer.name}, ${customer.parentId}, ${customer.type},
      ${customer.channel}, ${customer.currency}, ${customer.version}, ${now}, ${now})
    on conflict (tenant_id, code) do nothing`);
  if (rows === 1) await keepPlace(tx, 'customer', customer);
  return rows === 1;
}

/** Overwrites a customer that the caller has locked. */
export async function updateCustomer(tx: TenantTx<Context>, customer: Customer): Promise<void> {
  await tx.run(sql`update master_data.customer set name = ${customer.name}, parent_id = ${customer.parentId},
    type = ${customer.type}, channel = ${customer.channel}, currency = ${customer.currency},
    version = ${customer.version}, updated_at = ${tx.context.clock.now()} where id = ${customer.id}`);
  await keepPlace(tx, 'customer', customer);
}
