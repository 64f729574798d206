import type { CheckedRow } from '../imports/import-kind.ts';

/** What the order of a tree needs of a row. */
interface TreeRow {
  code: string;
  parentCode: string | null;
}

/**
 * Parents before their children, otherwise in the order of the file. Rows in a cycle keep their place at the end, where
 * the parent is not found.
 */
export function parentsFirst<Row extends TreeRow>(rows: readonly CheckedRow<Row>[]): CheckedRow<Row>[] {
  const firstByCode = new Map<string, CheckedRow<Row>>();
  for (const row of rows) if (!firstByCode.has(row.value.code)) firstByCode.set(row.value.code, row);
  const ordered = new Set<CheckedRow<Row>>();
  for (const row of rows) {
    // Climb to the topmost ancestor that is not placed yet, then place the line from the top down.
    const line: CheckedRow<Row>[] = [];
    const onLine = new Set<CheckedRow<Row>>();
    let at: CheckedRow<Row> | undefined = row;
    while (at && !ordered.has(at) && !onLine.has(at)) {
      line.push(at);
      onLine.add(at);
      at = at.value.parentCode === null ? undefined : firstByCode.get(at.value.parentCode);
    }
    for (const member of line.reverse()) ordered.add(member);
  }
  return [...ordered];
}
