import type { Context } from '#context';
import { type RawBuilder, sql, type TenantTx } from '#db';
import { currencyDigits, fromMinor, type Money } from '#money';
import { type Checkbook, checkbookColumns } from './domain/checkbook.ts';
import type { Fund } from './domain/fund.ts';

type Tx = TenantTx<Context>;

/** Money that is for no customer or product in particular. */
export const nobodyInParticular = '00000000-0000-0000-0000-000000000000';

/** Balances count in ten-thousandths of a major unit: no currency has more than four digits. */
const scaleDigits = 4;

/** An amount from ten-thousandths of a major unit. */
export function fromScaled(scaled: string, currency: string): Money {
  return fromMinor(BigInt(scaled) / 10n ** BigInt(scaleDigits - currencyDigits(currency)), currency);
}

const sums = sql.raw(checkbookColumns.map((column) => `coalesce(sum(${column}), 0)::bigint as ${column}`).join(', '));

/** What a checkbook can be asked for. */
export const checkbookKeys = ['fund', 'customer', 'product', 'period'] as const;
export type CheckbookKey = (typeof checkbookKeys)[number];

/** Which money is asked for; absent: all of it. */
export interface CheckbookScope {
  fundIds?: readonly string[] | undefined;
  customerIds?: readonly string[] | undefined;
  productIds?: readonly string[] | undefined;
  /** First days of fiscal periods, both inclusive. */
  periodsFrom?: string | undefined;
  periodsTo?: string | undefined;
  /** An instant; absent: now. */
  asOf?: string | undefined;
}

/** A checkbook with what it is of: the id of a fund, customer or product, or the first day of a fiscal period. */
export interface KeyedCheckbook {
  key: string;
  currency: string;
  book: Checkbook;
}

const keyColumns: Record<CheckbookKey, RawBuilder<unknown>> = {
  fund: sql.raw('fund_id::text'),
  customer: sql.raw('customer_id::text'),
  product: sql.raw('product_id::text'),
  period: sql.raw(`to_char(period_start, 'YYYY-MM-DD')`),
};

function conditionsOf({ fundIds, customerIds, productIds, periodsFrom, periodsTo }: CheckbookScope) {
  const among = (column: string, ids: readonly string[] | undefined) =>
    ids ? [sql`and ${sql.raw(column)} = any(${ids as string[]}::uuid[])`] : [];
  return sql.join(
    [
      ...among('fund_id', fundIds),
      ...among('customer_id', customerIds),
      ...among('product_id', productIds),
      ...(periodsFrom ? [sql`and period_start >= ${periodsFrom}::date`] : []),
      ...(periodsTo ? [sql`and period_start <= ${periodsTo}::date`] : []),
      sql``,
    ],
    sql` `,
  );
}

const columns = sql.raw(checkbookColumns.join(', '));

/** The first instant of the week or month of recording around an instant. */
const startOf = (span: 'week' | 'month', instant: string) =>
  sql`(date_trunc(${span}, ${instant}::timestamptz at time zone 'UTC') at time zone 'UTC')`;

/** The one dimension that a question is about; undefined where it is about two of account, brand and period. */
function dimensionOf(by: CheckbookKey, scope: CheckbookScope): CheckbookKey | undefined {
  const asked = new Set<CheckbookKey>([
    ...(scope.customerIds ? (['customer'] as const) : []),
    ...(scope.productIds ? (['product'] as const) : []),
    ...(scope.periodsFrom || scope.periodsTo ? (['period'] as const) : []),
    ...(by === 'fund' ? [] : [by]),
  ]);
  return asked.size > 1 ? undefined : ([...asked][0] ?? 'fund');
}

/** What stood at the end of the last week before an instant's, or stands now. */
function standing(tx: Tx, by: CheckbookKey, dimension: CheckbookKey, scope: CheckbookScope): RawBuilder<unknown> {
  const { fundIds, periodsFrom, periodsTo, asOf } = scope;
  const keys = scope.customerIds ?? scope.productIds;
  const tenantId = tx.context.tenant.id;
  const conditions = [
    ...(keys ? [sql`and standing.key = any(${keys as string[]}::text[])`] : []),
    ...(periodsFrom ? [sql`and standing.key >= ${periodsFrom}`] : []),
    ...(periodsTo ? [sql`and standing.key <= ${periodsTo}`] : []),
    sql``,
  ];
  return sql`select ${by === 'fund' ? sql`fund.id::text` : sql`standing.key`} as key, standing.fund_id, ${columns} from funds.fund
    cross join lateral (select week from funds.standing last where last.tenant_id = ${tenantId} and last.fund_id = fund.id
      ${asOf ? sql`and last.week < (${startOf('week', asOf)} at time zone 'UTC')::date` : sql``}
      order by last.week desc limit 1) last
    join funds.standing on standing.tenant_id = ${tenantId} and standing.fund_id = fund.id and standing.week = last.week
      and standing.dimension = ${dimension} ${sql.join(conditions, sql` `)}
    where fund.tenant_id = ${tenantId} ${fundIds ? sql`and fund.id = any(${fundIds as string[]}::uuid[])` : sql``}`;
}

/** The same for questions about two of account, brand and period: sums over what is kept of all three together. */
function combined(tx: Tx, by: CheckbookKey, scope: CheckbookScope): RawBuilder<unknown> {
  const { asOf, periodsFrom, periodsTo } = scope;
  const byPeriod = asOf || by === 'period' || periodsFrom || periodsTo;
  return sql`select ${keyColumns[by]} as key, fund_id, ${columns}
    from ${sql.raw(byPeriod ? 'funds.monthly_balance' : 'funds.balance')}
    where tenant_id = ${tx.context.tenant.id} ${conditionsOf(scope)}
    ${asOf ? sql`and month < (${startOf('month', asOf)} at time zone 'UTC')::date` : sql``}`;
}

/** Where the sums come from; a past instant has the entries of its own week or month beside what stood before it. */
function sourceOf(tx: Tx, by: CheckbookKey, scope: CheckbookScope): RawBuilder<unknown> {
  const { asOf } = scope;
  const dimension = dimensionOf(by, scope);
  const before = dimension ? standing(tx, by, dimension, scope) : combined(tx, by, scope);
  if (!asOf) return before;
  return sql`${before} union all select ${keyColumns[by]} as key, fund_id, ${columns} from funds.movement
    where tenant_id = ${tx.context.tenant.id} ${conditionsOf(scope)}
      and occurred_at >= ${startOf(dimension ? 'week' : 'month', asOf)} and occurred_at <= ${asOf}::timestamptz`;
}

/** Checkbooks of a scope, one per key and currency; a key without any movement is absent. */
export async function sumCheckbooks(tx: Tx, by: CheckbookKey, scope: CheckbookScope): Promise<KeyedCheckbook[]> {
  const rows = await tx.many<{ key: string; currency: string } & Record<keyof Checkbook, string>>(sql`
    select key, fund.currency, ${sums} from (${sourceOf(tx, by, scope)}) kept
    join funds.fund on fund.tenant_id = ${tx.context.tenant.id} and fund.id = kept.fund_id
    group by key, fund.currency order by key, fund.currency`);
  return rows.map(({ key, currency, ...row }) => {
    const money = (column: keyof Checkbook) => fromScaled(row[column], currency);
    return {
      key,
      currency,
      book: {
        budgeted: money('budgeted'),
        planned: money('planned'),
        reserved: money('reserved'),
        committed: money('committed'),
        earned: money('earned'),
        paid: money('paid'),
        available: money('available'),
      },
    };
  });
}

const nothing = (currency: string): Checkbook => {
  const zero = fromMinor(0n, currency);
  return { budgeted: zero, planned: zero, reserved: zero, committed: zero, earned: zero, paid: zero, available: zero };
};

/** Checkbooks of funds by fund id: as they stood at `asOf`, or now. Unknown funds are absent. */
export async function readCheckbooks(
  tx: Tx,
  fundIds: readonly string[],
  asOf?: string,
): Promise<Map<string, Checkbook>> {
  const funds = await tx.many<{ id: string; currency: string }>(
    sql`select id, currency from funds.fund where id = any(${fundIds as string[]}::uuid[])`,
  );
  const books = new Map(funds.map(({ id, currency }) => [id, nothing(currency)]));
  for (const { key, book } of await sumCheckbooks(tx, 'fund', { fundIds, asOf })) books.set(key, book);
  return books;
}

/** What funds have available now, by fund id. */
export async function readAvailable(
  tx: Tx,
  funds: readonly Pick<Fund, 'id' | 'currency'>[],
): Promise<Map<string, Money>> {
  const fundIds = funds.map(({ id }) => id);
  const rows = await tx.many<{ id: string; available: string }>(sql`
    select key as id, available from (${standing(tx, 'fund', 'fund', { fundIds })}) now`);
  const scaled = new Map(rows.map(({ id, available }) => [id, available]));
  return new Map(funds.map(({ id, currency }) => [id, fromScaled(scaled.get(id) ?? '0', currency)]));
}

/** Customers or products that any money is for. */
export async function keysInUse(tx: Tx, dimension: 'customer' | 'product'): Promise<string[]> {
  const rows = await tx.many<{ key: string }>(sql`
    select distinct key from (${standing(tx, dimension, dimension, {})}) now where key <> ${nobodyInParticular}`);
  return rows.map((row) => row.key);
}
