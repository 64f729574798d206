import type { Context } from '#context';
import type { TenantTx } from '#db';
import {
  customerAncestorsOfEach,
  findCustomers,
  findProducts,
  fiscalWeeks,
  productAncestorsOfEach,
} from '#master-data';
import { add } from '#money';
import { notFound, Problem } from '#problem';
import {
  type CheckbookKey,
  type KeyedCheckbook,
  keysInUse,
  nobodyInParticular,
  sumCheckbooks,
} from './checkbook-store.ts';
import { type Checkbook, checkbookColumns } from './domain/checkbook.ts';
import { allFunds } from './fund-store.ts';

type Tx = TenantTx<Context>;

/** Which checkbooks are asked for. */
export interface CheckbookQuestion {
  by: CheckbookKey;
  fundId?: string | undefined;
  /** With everything below it. */
  customerId?: string | undefined;
  productId?: string | undefined;
  /** Business dates: the fiscal periods that begin from one to the other, both inclusive. */
  from?: string | undefined;
  to?: string | undefined;
  asOf?: string | undefined;
}

/** A checkbook with what it is of. */
export interface NamedCheckbook extends Omit<KeyedCheckbook, 'key'> {
  /** Id of a fund, customer or product, or the first day of a fiscal period; null: everything in this currency. */
  key: string | null;
  code: string;
  name: string;
  /** How many stand above it in its tree; 0 where there is no tree. */
  depth: number;
}

const trees = {
  customer: { find: findCustomers, linesOf: customerAncestorsOfEach },
  product: { find: findProducts, linesOf: productAncestorsOfEach },
} as const;

/** Those of the customers or products that have money which are `id` or stand below it. Throws `not_found`. */
export async function withBelow(
  tx: Tx,
  tree: 'customer' | 'product',
  id: string | undefined,
): Promise<string[] | undefined> {
  if (id === undefined) return undefined;
  if ((await trees[tree].find(tx, { ids: [id] })).length === 0) notFound(tree, id);
  const lines = await trees[tree].linesOf(tx, await keysInUse(tx, tree));
  return [id, ...[...lines].filter(([, line]) => line.includes(id)).map(([key]) => key)];
}

/** The keys that a question is about, and of those the ones in the part of the tree that the asker is kept to. */
async function keysOf(tx: Tx, tree: 'customer' | 'product', id: string | undefined): Promise<string[] | undefined> {
  const asked = await withBelow(tx, tree, id);
  const side = tx.context.actor.scope?.[tree];
  if (!side) return asked;
  return asked ? asked.filter((key) => side.within.has(key)) : [...side.within];
}

/** Periods are named by fiscal year and number; where no calendar covers all of them, by their first days alone. */
async function periodNames(tx: Tx, starts: readonly string[]): Promise<Map<string, string>> {
  const names = new Map(starts.map((start) => [start, `From ${start}`]));
  const [first, last] = [[...starts].sort()[0], [...starts].sort().at(-1)];
  if (!first || !last) return names;
  try {
    for (const week of await fiscalWeeks(tx, first, last)) {
      const name = `FY ${week.fiscalYear} P${String(week.period).padStart(2, '0')}`;
      if (names.has(week.startsOn)) names.set(week.startsOn, name);
    }
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'calendar.missing') throw error;
  }
  return names;
}

const added = (a: Checkbook, b: Checkbook) =>
  Object.fromEntries(checkbookColumns.map((column) => [column, add(a[column], b[column])])) as Checkbook;

/**
 * What each customer or product has with everything below it, in the order of the tree, and before them everything there
 * is: money for nothing in particular stands in that alone. `top`: only what is there and below.
 */
async function rollUp(
  tx: Tx,
  tree: 'customer' | 'product',
  books: readonly KeyedCheckbook[],
  top: string | undefined,
): Promise<NamedCheckbook[]> {
  const keys = [...new Set(books.map(({ key }) => key))].filter((key) => key !== nobodyInParticular);
  const lines = await trees[tree].linesOf(tx, keys);
  const found = await trees[tree].find(tx, { ids: [...new Set([...lines.values()].flat())] });
  const nodes = new Map(found.map(({ id, code, name }) => [id, { code, name }]));
  const rolled = new Map<string, NamedCheckbook & { path: string }>();
  for (const { key, currency, book } of books) {
    const line = lines.get(key) ?? [];
    const within = top === undefined ? line : line.slice(0, line.indexOf(top) + 1);
    for (const id of top === undefined ? [...within, null] : within) {
      const before = rolled.get(`${id}/${currency}`);
      const above = id === null ? [] : line.slice(line.indexOf(id));
      const path = above
        .map((one) => nodes.get(one)?.code ?? one)
        .reverse()
        .join('\u0000');
      const { code, name } = (id !== null && nodes.get(id)) || {
        code: '',
        name: tree === 'customer' ? 'All customers' : 'All products',
      };
      const depth = Math.max(0, above.length - 1);
      rolled.set(`${id}/${currency}`, {
        key: id,
        currency,
        code,
        name,
        depth,
        path,
        book: before ? added(before.book, book) : book,
      });
    }
  }
  return [...rolled.values()]
    .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : a.currency < b.currency ? -1 : 1))
    .map(({ path: _path, ...book }) => book);
}

async function named(tx: Tx, by: 'fund' | 'period', books: readonly KeyedCheckbook[]): Promise<NamedCheckbook[]> {
  const funds = new Map((by === 'fund' ? await allFunds(tx) : []).map((fund) => [fund.id, fund]));
  const periods =
    by === 'period'
      ? await periodNames(
          tx,
          books.map(({ key }) => key),
        )
      : new Map<string, string>();
  return books
    .map((book) => {
      const { code, name } = funds.get(book.key) ?? { code: book.key, name: periods.get(book.key) ?? book.key };
      return { ...book, code, name, depth: 0 };
    })
    .sort((a, b) => (a.code < b.code ? -1 : a.code > b.code ? 1 : 0));
}

/** Checkbooks by fund, account, brand or fiscal period, now or as of a past instant. Throws `not_found`. */
export async function readCheckbooksBy(context: Context, question: CheckbookQuestion): Promise<NamedCheckbook[]> {
  return context.db.read(context, async (tx) => {
    const { by } = question;
    const books = await sumCheckbooks(tx, by, {
      fundIds: question.fundId ? [question.fundId] : undefined,
      customerIds: await keysOf(tx, 'customer', question.customerId),
      productIds: await keysOf(tx, 'product', question.productId),
      periodsFrom: question.from,
      periodsTo: question.to,
      asOf: question.asOf,
    });
    if (by === 'fund' || by === 'period') return named(tx, by, books);
    return rollUp(tx, by, books, by === 'customer' ? question.customerId : question.productId);
  });
}
