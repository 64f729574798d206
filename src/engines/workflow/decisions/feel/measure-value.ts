import { type FeelValue, isContext, isList } from './feel-value.ts';

/** How large a value is when everything inside of it is counted as often as it occurs. */
export interface ValueSize {
  readonly entries: number;
  /** Lists and contexts inside each other. */
  readonly depth: number;
}

const plain: ValueSize = { entries: 1, depth: 0 };
const measured = new WeakMap<object, ValueSize>();

/** The size of a value, found once: a list that holds another twice is twice as large, however little it takes to make. */
export function sizeOf(value: FeelValue): ValueSize {
  if (typeof value !== 'object' || value === null || !(isList(value) || isContext(value))) return plain;
  const known = measured.get(value);
  if (known) return known;
  let entries = 1;
  let depth = 0;
  for (const inner of value.values()) {
    const size = sizeOf(inner);
    entries += size.entries;
    depth = Math.max(depth, size.depth);
  }
  const size = { entries, depth: depth + 1 };
  measured.set(value, size);
  return size;
}
