import type { Cells } from '../imports/cells.ts';

/** Refuses a key that an earlier row of the file had. */
export function makeDuplicateCheck(what: string): (cells: Cells, key: string) => void {
  const seen = new Set<string>();
  return (cells, key) => {
    if (seen.has(key)) cells.refuse(`duplicate: an earlier row of this file has the same ${what}`);
    else if (cells.reasons.length === 0) seen.add(key);
  };
}
