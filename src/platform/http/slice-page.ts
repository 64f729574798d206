import { Problem } from '#problem';

/**
 * One page of rows that are counted anew with every request and lie in an order that stays; the cursor is a position in
 * it. Throws `request.malformed` for a cursor that is none.
 */
export function slicePage<Row>(
  rows: readonly Row[],
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): { items: Row[]; nextCursor: string | null } {
  if (cursor !== undefined && !/^\d{1,9}$/.test(cursor)) {
    throw new Problem('request.malformed', { errors: [{ path: 'cursor', message: 'is not a cursor of this list' }] });
  }
  const start = Number(cursor ?? 0);
  const end = start + limit;
  return { items: rows.slice(start, end), nextCursor: end < rows.length ? String(end) : null };
}
