import type { ReactNode } from 'react';

/** A sort as it stands in the address: a field, with a minus for falling. */
export type Sort = string | undefined;

/** The head of a column that sorts when pressed. */
export function SortHead({
  field,
  sort,
  change,
  right,
  children,
}: {
  field: string;
  sort: Sort;
  change(sort: string): void;
  right?: boolean;
  children: ReactNode;
}) {
  const rising = sort === field;
  const falling = sort === `-${field}`;
  return (
    <th className={right ? 'right' : undefined} aria-sort={rising ? 'ascending' : falling ? 'descending' : 'none'}>
      <button type="button" onClick={() => change(rising ? `-${field}` : field)}>
        {children}
        {rising ? ' ↑' : falling ? ' ↓' : ''}
      </button>
    </th>
  );
}

/** Compares two values of a column: numbers as numbers; empty ones last, whichever way it is sorted. */
export function compareValues(
  a: string | number | null | undefined,
  b: string | number | null | undefined,
  falling = false,
): number {
  if (a === b) return 0;
  if (a === null || a === undefined) return 1;
  if (b === null || b === undefined) return -1;
  const rising = typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b));
  return falling ? -rising : rising;
}
