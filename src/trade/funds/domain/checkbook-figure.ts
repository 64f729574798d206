import type { Figure } from '#figure';
import { subtract, toJson } from '#money';
import { type Checkbook, type CheckbookColumn, checkbookColumns } from './checkbook.ts';

/** Changes with the meaning of any column. */
const formulaVersion = 'checkbook/1';

const formulas: Record<CheckbookColumn, string> = {
  budgeted: 'Σ deposits ± transfers ± adjustments',
  planned: 'Σ what drafts wish; takes nothing',
  reserved: 'Σ reserved − committed − given back, of submissions and proposed transfers not decided yet',
  committed: 'Σ committed − given back, of what is approved',
  earned: 'Σ earned by shipments, scans and performance, less what is restated',
  paid: 'Σ settled',
  available: 'Budgeted − Σ per tactic max(Reserved + Committed, Earned)',
};

/** Each column of a checkbook as a figure; `rowsOf` says where its entries are listed. */
export function checkbookFigures(
  book: Checkbook,
  rowsOf: (column: CheckbookColumn) => string,
): Record<CheckbookColumn, Figure> {
  const figureOf = (column: CheckbookColumn): Figure => ({
    value: toJson(book[column]),
    unit: 'money',
    formula: formulas[column],
    formulaVersion,
    inputs:
      column === 'available'
        ? [
            { name: 'Budgeted', value: toJson(book.budgeted).amount, source: 'fund entries' },
            {
              name: 'Σ per tactic max(Reserved + Committed, Earned), and held for transfers',
              value: toJson(subtract(book.budgeted, book.available)).amount,
              source: 'fund entries',
            },
          ]
        : [{ name: 'Σ entries', value: toJson(book[column]).amount, source: 'fund entries' }],
    rows: rowsOf(column),
    sumOf: 'moved',
  });
  return Object.fromEntries(checkbookColumns.map((column) => [column, figureOf(column)])) as Record<
    CheckbookColumn,
    Figure
  >;
}
