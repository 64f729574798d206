import { z } from 'zod';
import type { Context } from '#context';
import { type RawBuilder, sql } from '#db';
import {
  type AnyRoute,
  dateSchema,
  figureSchema,
  idParams,
  idSchema,
  listQueryShape,
  moneyAnswerSchema,
  pageOf,
  route,
} from '#http';
import { moneyFromNumeric, toJson } from '#money';
import { scopeFilter } from '#scope';
import { readFund } from './change-funds.ts';
import { checkbookKeys, fromScaled, readCheckbooks } from './checkbook-store.ts';
import { type Checkbook, type CheckbookColumn, checkbookColumns } from './domain/checkbook.ts';
import { checkbookFigures } from './domain/checkbook-figure.ts';
import { entryKinds } from './domain/fund.ts';
import { type EntryRow, listEntries } from './entry-store.ts';
import { entryScope, fundScope } from './fund-scope.ts';
import { type CheckbookQuestion, readCheckbooksBy, withBelow } from './read-checkbooks.ts';

const columnsOf = <Schema extends z.ZodType>(schema: Schema) => ({
  budgeted: schema,
  planned: schema,
  reserved: schema,
  committed: schema,
  earned: schema,
  paid: schema,
  available: schema,
});

const checkbookSchema = z.object({
  fundId: idSchema,
  currency: z.string(),
  asOf: z.iso.datetime(),
  ...columnsOf(moneyAnswerSchema),
  figures: z.object(columnsOf(figureSchema)),
});

const keyedSchema = z.object({
  /** Id of a fund, customer or product, or the first day of a fiscal period; null: everything in this currency. */
  key: z.string().nullable(),
  code: z.string(),
  name: z.string(),
  depth: z.int(),
  currency: z.string(),
  figures: z.object(columnsOf(figureSchema)),
});

const entrySchema = z.object({
  id: idSchema,
  kind: z.enum(entryKinds),
  fromFundId: idSchema,
  fromAccount: z.string(),
  toFundId: idSchema,
  toAccount: z.string(),
  amount: moneyAnswerSchema,
  moved: moneyAnswerSchema.optional().describe('What it moved in the column that was asked for, with its sign'),
  promotionId: idSchema.nullable(),
  tacticId: idSchema.nullable(),
  transferId: idSchema.nullable(),
  customerId: idSchema.nullable(),
  productId: idSchema.nullable(),
  onDate: dateSchema,
  note: z.string(),
  actorId: idSchema,
  occurredAt: z.iso.datetime(),
});

const asOfSchema = z.iso.datetime({ offset: true });

const scopeShape = {
  fundId: idSchema.optional(),
  customerId: idSchema.optional(),
  productId: idSchema.optional(),
  from: dateSchema.optional(),
  to: dateSchema.optional(),
  asOf: asOfSchema.optional(),
};

const entryShape = {
  ...listQueryShape,
  column: z.enum(checkbookColumns).optional(),
  kind: z.enum(entryKinds).optional(),
  promotionId: idSchema.optional(),
  asOf: asOfSchema.optional(),
};

const booksJson = (book: Checkbook) =>
  Object.fromEntries(checkbookColumns.map((column) => [column, toJson(book[column])]));

const pathOf = (path: string, members: Record<string, string | undefined>): string => {
  const query = new URLSearchParams(Object.entries(members).filter((entry): entry is [string, string] => !!entry[1]));
  return `/api/v1${path}?${query}`;
};

/** Which entries a list shows: wishes of drafts are no movements of money and appear where they are asked for. */
function entryConditions(query: {
  column?: CheckbookColumn | undefined;
  kind?: string | undefined;
  promotionId?: string | undefined;
  asOf?: string | undefined;
}): RawBuilder<unknown>[] {
  const { column, kind, promotionId, asOf } = query;
  return [
    ...(column
      ? [
          sql`exists (select from funds.movement where movement.tenant_id = entry.tenant_id
          and movement.entry_id = entry.id and movement.${sql.raw(column)} <> 0)`,
        ]
      : []),
    ...(kind ? [sql`entry.kind = ${kind}`] : column ? [] : [sql`entry.kind <> 'plan'`]),
    ...(promotionId ? [sql`entry.promotion_id = ${promotionId}`] : []),
    ...(asOf ? [sql`entry.occurred_at <= ${asOf}::timestamptz`] : []),
  ];
}

const ofVisibleFund = (context: Context) => sql`exists (select from funds.fund where fund.tenant_id = entry.tenant_id
  and fund.id in (entry.from_fund_id, entry.to_fund_id) and ${scopeFilter(context, fundScope)})`;

const entryJson = ({ amount, currency, moved, ...entry }: EntryRow) => ({
  ...entry,
  amount: toJson(moneyFromNumeric(amount, currency)),
  ...(moved === undefined ? {} : { moved: toJson(fromScaled(moved, currency)) }),
  occurredAt: entry.occurredAt.toISOString(),
});

/** The query that lists what a keyed checkbook was summed from. */
function rowsOf(question: CheckbookQuestion, key: string | null) {
  const { by, ...scope } = question;
  const own = key === null ? {} : by === 'period' ? { from: key, to: key } : { [`${by}Id`]: key };
  return (column: CheckbookColumn) => pathOf('/checkbooks/entries', { ...scope, ...own, column });
}

/** Routes that read checkbooks and the entries behind them. */
export const checkbookRoutes: AnyRoute[] = [
  route({
    method: 'GET',
    path: '/funds/:id/checkbook',
    summary: 'The checkbook of a fund, now or as of a past instant',
    access: 'funds:read',
    params: idParams,
    query: z.strictObject({ asOf: asOfSchema.optional() }),
    answers: { 200: checkbookSchema },
    handle: async (context, { params, query }) => {
      const { id, currency } = await readFund(context, params.id);
      const book = (await context.db.read(context, (tx) => readCheckbooks(tx, [id], query.asOf))).get(id);
      if (!book) throw new Error(`the fund ${id} has no checkbook`);
      const asOf = new Date(query.asOf ?? context.clock.now()).toISOString();
      const figures = checkbookFigures(book, (column) => pathOf(`/funds/${id}/entries`, { column, asOf }));
      return { body: { fundId: id, currency, asOf, ...booksJson(book), figures } };
    },
  }),
  route({
    method: 'GET',
    path: '/checkbooks',
    summary: 'Checkbooks by fund, account, brand or fiscal period, now or as of a past instant',
    access: 'funds:read',
    query: z.strictObject({ by: z.enum(checkbookKeys), ...scopeShape }),
    answers: { 200: z.object({ asOf: z.iso.datetime(), items: z.array(keyedSchema) }) },
    handle: async (context, { query }) => {
      const asOf = new Date(query.asOf ?? context.clock.now()).toISOString();
      const items = (await readCheckbooksBy(context, query)).map(({ key, code, name, depth, currency, book }) => ({
        ...{ key, code, name, depth, currency },
        figures: checkbookFigures(book, rowsOf({ ...query, asOf }, key)),
      }));
      return { body: { asOf, items } };
    },
  }),
  route({
    method: 'GET',
    path: '/checkbooks/entries',
    summary: 'The entries behind a checkbook by fund, account, brand or fiscal period',
    access: 'funds:read',
    query: z.strictObject({ ...scopeShape, ...entryShape }),
    answers: { 200: pageOf(entrySchema) },
    handle: async (context, { query }) => {
      const page = await context.db.read(context, async (tx) => {
        const { fundId, customerId, productId, from, to } = query;
        const among = (column: string, ids: readonly string[] | undefined) =>
          ids ? [sql`${sql.raw(`entry.${column}`)} = any(${ids as string[]}::uuid[])`] : [];
        return listEntries(
          tx,
          [
            ...(fundId ? [sql`(entry.from_fund_id = ${fundId} or entry.to_fund_id = ${fundId})`] : []),
            ...among('customer_id', await withBelow(tx, 'customer', customerId)),
            ...among('product_id', await withBelow(tx, 'product', productId)),
            ...(from ? [sql`entry.period_start >= ${from}::date`] : []),
            ...(to ? [sql`entry.period_start <= ${to}::date`] : []),
            ...entryConditions(query),
            scopeFilter(tx.context, entryScope),
            ofVisibleFund(tx.context),
          ],
          query,
          query.column && { column: query.column, fundId },
        );
      });
      return { body: { items: page.items.map(entryJson), nextCursor: page.nextCursor } };
    },
  }),
  route({
    method: 'GET',
    path: '/funds/:id/entries',
    summary: 'The ledger entries of a fund',
    access: 'funds:read',
    params: idParams,
    query: z.strictObject(entryShape),
    answers: { 200: pageOf(entrySchema) },
    handle: async (context, { params, query }) => {
      const { id } = await readFund(context, params.id);
      const own = sql`(entry.from_fund_id = ${id} or entry.to_fund_id = ${id})`;
      const page = await context.db.read(context, (tx) =>
        listEntries(
          tx,
          [own, ...entryConditions(query), scopeFilter(tx.context, entryScope)],
          query,
          query.column && { column: query.column, fundId: id },
        ),
      );
      return { body: { items: page.items.map(entryJson), nextCursor: page.nextCursor } };
    },
  }),
];
