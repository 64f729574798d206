import { type RawBuilder, sql } from 'kysely';
import { Problem } from '#problem';
import type { Tx } from './database.ts';

/** One page of a list, as the API answers it. */
export interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}

/** What a list asks for. `sort` is a field name, descending with a leading minus. */
export interface ListRequest {
  limit: number;
  cursor?: string | undefined;
  sort?: string | undefined;
}

interface KeysetList {
  /** What stands between `select` and `from`; must yield a column `id`. */
  columns: RawBuilder<unknown>;
  /** What stands after `from`. */
  from: RawBuilder<unknown>;
  where: RawBuilder<unknown>[];
  /** Field name → a text-, date- or number-valued SQL expression that is never null. */
  sortable: Record<string, RawBuilder<unknown>>;
  /** The SQL expression of the id, which breaks ties. */
  id: RawBuilder<unknown>;
  defaultSort: string;
}

function decodeCursor(cursor: string): { key: string; id: string } {
  try {
    const parsed = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as unknown;
    if (Array.isArray(parsed) && parsed.length === 2 && parsed.every((part) => typeof part === 'string')) {
      const [key, id] = parsed as [string, string];
      if (/^[0-9a-f-]{36}$/.test(id) && !key.includes('\0')) return { key, id };
    }
  } catch {
    // Fall through: whatever it was, it is not a cursor of ours.
  }
  throw new Problem('request.malformed', { errors: [{ path: 'cursor', message: 'is not a cursor of this list' }] });
}

/**
 * One page by keyset (no offset: pages stay stable while rows arrive). The sort key is compared as text in collation C
 * unless the expression is a number or date.
 */
export async function keysetPage<Row extends { id: string }>(
  tx: Tx,
  list: KeysetList,
  request: ListRequest,
): Promise<Page<Row>> {
  const wanted = request.sort ?? list.defaultSort;
  const descending = wanted.startsWith('-');
  const field = descending ? wanted.slice(1) : wanted;
  const key = Object.hasOwn(list.sortable, field) ? list.sortable[field] : undefined;
  if (!key) throw unsortable(list.sortable);
  const conditions = [...list.where];
  if (request.cursor !== undefined) {
    const after = decodeCursor(request.cursor);
    const beyond = descending ? sql`<` : sql`>`;
    conditions.push(sql`(${key}, ${list.id}) ${beyond} (${after.key}, ${after.id}::uuid)`);
  }
  const where = conditions.length ? sql`where ${sql.join(conditions, sql` and `)}` : sql``;
  const direction = descending ? sql`desc` : sql`asc`;
  // The key travels as text beside the row, so that the cursor holds exactly what the database compares.
  const rows = await tx.many<Row & { sort_key: string }>(
    sql`select ${list.columns}, (${key})::text as sort_key from ${list.from} ${where}
        order by ${key} ${direction}, ${list.id} ${direction} limit ${request.limit + 1}`,
  );
  return toPage(rows, request.limit);
}

/** What a list that is sorted here, not in the database, needs to be paged. */
interface ListInHand<Item> {
  /** Field name → what the items are sorted by, as text. */
  sortable: Record<string, (item: Item) => string>;
  defaultSort: string;
}

const inOrder = new Intl.Collator('en', { numeric: true }).compare;

/** One page, like {@link keysetPage}, of items that are all at hand: what is sealed cannot be sorted by the database. */
export function pageOfAll<Item extends { id: string }>(
  all: readonly Item[],
  list: ListInHand<Item>,
  request: ListRequest,
): Page<Item> {
  const wanted = request.sort ?? list.defaultSort;
  const sign = wanted.startsWith('-') ? -1 : 1;
  const field = sign < 0 ? wanted.slice(1) : wanted;
  const key = Object.hasOwn(list.sortable, field) ? list.sortable[field] : undefined;
  if (!key) throw unsortable(list.sortable);
  const compare = (a: { sort_key: string; id: string }, b: { sort_key: string; id: string }) =>
    sign * (inOrder(a.sort_key, b.sort_key) || (a.id < b.id ? -1 : Number(a.id > b.id)));
  const rows = all.map((item) => ({ item, id: item.id, sort_key: key(item) })).sort(compare);
  const from = request.cursor === undefined ? undefined : decodeCursor(request.cursor);
  const rest = from ? rows.filter((row) => compare(row, { sort_key: from.key, id: from.id }) > 0) : rows;
  const { items, nextCursor } = toPage(rest.slice(0, request.limit + 1), request.limit);
  return { items: items.map(({ item }) => item), nextCursor };
}

function unsortable(sortable: object): Problem {
  const known = Object.keys(sortable).join(', ');
  return new Problem('request.malformed', { errors: [{ path: 'sort', message: `must be one of ${known}` }] });
}

function toPage<Row extends { id: string }>(rows: (Row & { sort_key: string })[], limit: number): Page<Row> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const more = rows.length > limit && last;
  return {
    items,
    nextCursor: more ? Buffer.from(JSON.stringify([last.sort_key, last.id])).toString('base64url') : null,
  };
}
