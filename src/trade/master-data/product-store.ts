import { todayIn } from '#clock';
import type { Context } from '#context';
import { keysetPage, type ListRequest, type Page, type RawBuilder, sql, type TenantTx } from '#db';
import { type MoneyJson, money, toJson } from '#money';
import { scopeFilter } from '#scope';
import { atTop, containsPattern } from './customer-store.ts';
import { productScope } from './master-data-scope.ts';
import { caseInForce, priceInForce, tenantToday } from './price-store.ts';
import { keepPlace, placeAsOf } from './tree-place-store.ts';

/** A product: one node of the tenant's product tree. */
export interface Product {
  id: string;
  /** Unique in the tenant. */
  code: string;
  name: string;
  parentId: string | null;
  /** What kind of node it is, in the tenant's own words: category, brand, family, sku … */
  level: string;
  /** False for a competitor's product. */
  own: boolean;
  /** Consumer units in a case today, as a decimal string; null where no conversion is known. */
  unitsPerCase: string | null;
  /** List price of a case today. */
  listPrice: MoneyJson | null;
  /** Cost of a case today. */
  cost: MoneyJson | null;
  version: number;
}

/** What a list of products can be narrowed by. */
export interface ProductFilter {
  /** Children of this product; `null`: roots. */
  parentId?: string | null | undefined;
  level?: string | undefined;
  own?: boolean | undefined;
  /** Part of the code or the name, whatever the case. */
  search?: string | undefined;
  /** As it stood at this instant (ISO 8601): parents and prices known then, and none that came later. Now where absent. */
  asOf?: string | undefined;
}

interface ProductRow extends Omit<Product, 'listPrice' | 'cost'> {
  listPrice: string | null;
  cost: string | null;
  currency: string | null;
}

const columnsUnder = (
  parentId: RawBuilder<unknown>,
) => sql`product.id, product.code, product.name, ${parentId} as "parentId", product.level, product.own,
  trim_scale(case_size.units)::text as "unitsPerCase", price.list_price as "listPrice", price.cost, price.currency,
  product.version`;
const columns = columnsUnder(sql`product.parent_id`);

const from = (today: string, knownAt?: Date) => sql`master_data.product product
  left join lateral ${priceInForce(sql`product.id`, today, knownAt)} price on true
  left join lateral ${caseInForce(sql`product.id`, today, knownAt)} case_size on true`;

function fromAsOf(tx: TenantTx<Context>, asOf: string): RawBuilder<unknown> {
  const knownAt = new Date(asOf);
  return sql`${from(todayIn({ now: () => knownAt }, tx.context.tenant.timeZone), knownAt)}
    join lateral ${placeAsOf('product', sql`product.id`, asOf)} place on true`;
}

/** The database keeps three decimals whatever the currency: brings an amount to the currency's own digits. */
function exact(amount: string, currency: string): MoneyJson {
  return toJson(money(amount, currency));
}

function toProduct({ currency, listPrice, cost, ...row }: ProductRow): Product {
  const priced = currency !== null && listPrice !== null && cost !== null;
  return {
    ...row,
    listPrice: priced ? exact(listPrice, currency) : null,
    cost: priced ? exact(cost, currency) : null,
  };
}

/** A page of products, by code unless `sort` says `name`. */
export async function listProducts(
  tx: TenantTx<Context>,
  filter: ProductFilter,
  request: ListRequest,
): Promise<Page<Product>> {
  const where = [];
  const parent = filter.asOf ? sql`place.parent_id` : sql`product.parent_id`;
  where.push(scopeFilter(tx.context, productScope));
  if (filter.parentId === null) where.push(atTop(tx.context.actor.scope?.product, parent));
  else if (filter.parentId) where.push(sql`${parent} = ${filter.parentId}`);
  if (filter.level) where.push(sql`product.level = ${filter.level}`);
  if (filter.own !== undefined) where.push(sql`product.own = ${filter.own}`);
  if (filter.search) {
    const pattern = containsPattern(filter.search);
    where.push(sql`(product.name ilike ${pattern} or product.code ilike ${pattern})`);
  }
  const list = {
    columns: columnsUnder(parent),
    from: filter.asOf ? fromAsOf(tx, filter.asOf) : from(tenantToday(tx)),
    where,
    sortable: { code: sql`product.code`, name: sql`product.name collate "C"` },
    id: sql`product.id`,
    defaultSort: 'code',
  };
  const page = await keysetPage<ProductRow>(tx, list, request);
  return { ...page, items: page.items.map(toProduct) };
}

/** The products with these ids or codes, or all of them, in no order; unknown ones are left out. */
export async function findProducts(
  tx: TenantTx<Context>,
  by: { ids: readonly string[] } | { codes: readonly string[] } | 'all',
): Promise<Product[]> {
  const match =
    by === 'all'
      ? sql`true`
      : 'ids' in by
        ? sql`product.id = any(${by.ids}::uuid[])`
        : sql`product.code = any(${by.codes}::text[])`;
  const rows = await tx.many<ProductRow>(sql`select ${columns} from ${from(tenantToday(tx))} where ${match}`);
  return rows.map(toProduct);
}

/** One product, locked for change. */
export async function lockProduct(tx: TenantTx<Context>, id: string): Promise<Product | undefined> {
  await tx.run(sql`select 1 from master_data.product where id = ${id} for update`);
  return (await findProducts(tx, { ids: [id] }))[0];
}

/** The part of a product that its own row holds. */
export type ProductNode = Omit<Product, 'unitsPerCase' | 'listPrice' | 'cost'>;

/** Stores a new product as version 1; answers whether the code was free. */
export async function insertProduct(tx: TenantTx<Context>, product: ProductNode): Promise<boolean> {
  const { tenant, clock } = tx.context;
  const now = clock.now();
  const rows = await tx.run(sql`
    insert into master_data.product (tenant_id, id, code, name, parent_id, level, own, version, created_at, updated_at)
    values (${tenant.id}, ${product.id}, ${product.code}, ${product.name}, ${product.parentId}, ${product.level},
      ${product.own}, ${product.version}, ${now}, ${now})
    on conflict (tenant_id, code) do nothing`);
  if (rows === 1) await keepPlace(tx, 'product', product);
  return rows === 1;
}

/** Overwrites a product that the caller has locked. */
export async function updateProduct(tx: TenantTx<Context>, product: ProductNode): Promise<void> {
  await tx.run(sql`update master_data.product set name = ${product.name}, parent_id = ${product.parentId},
    level = ${product.level}, own = ${product.own}, version = ${product.version},
    updated_at = ${tx.context.clock.now()} where id = ${product.id}`);
  await keepPlace(tx, 'product', product);
}
