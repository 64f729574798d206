import type { Context } from '#context';
import type { Page } from '#db';
import { slicePage } from '#http';
import { Problem } from '#problem';
import { gridInputsOf } from './domain/plan-basis.ts';
import { openPlanGrid } from './domain/plan-grid.ts';
import { lineJson, type PlanColumn, type PlanLine, valuesOf } from './domain/plan-lines.ts';
import { type LoadedPlan, readNumbered } from './loaded-plan.ts';
import type { SnapshotHead } from './plan-store.ts';
import { byPromotion, segmentsIn, sumOf } from './read-breakdown.ts';

/** Lines that are told apart by account × product. */
const rowLines = [
  ...(['volume', 'baseline', 'incremental', 'grossSales', 'onInvoiceTerms'] as const),
  ...(['invoiceSales', 'offInvoiceTerms', 'netSales', 'cost'] as const),
];
type RowLine = (typeof rowLines)[number];

const isRowLine = (line: PlanLine): line is RowLine => (rowLines as readonly PlanLine[]).includes(line);

/** Whether a figure has source rows of its own; others are made of lines that have. */
export function hasRows(line: PlanLine, column: PlanColumn): boolean {
  return column !== 'target' && (isRowLine(line) || line === 'tacticSpend');
}

/** One source row of a figure: names, then the line's value. */
export type SourceRow = Record<string, unknown>;

function byCell(loaded: LoadedPlan, line: RowLine, column: PlanColumn, period: number | undefined): SourceRow[] {
  const { basis, grid } = loaded;
  const keyOf = (account: number, product: number) => account * basis.products.length + product;
  const { closed, all } = segmentsIn(loaded, period);
  const open = all.filter((segment) => !closed.includes(segment));
  const planned = grid.totalsBy(keyOf);
  const shipped = openPlanGrid({ ...gridInputsOf(basis), baselineMilli: basis.columns.actualMilli }).totalsBy(keyOf);
  const nothing = new BigInt64Array();
  const value = (totals: BigInt64Array | undefined, segments: readonly number[], predicted: boolean) =>
    valuesOf(sumOf(totals ?? nothing, segments), { predicted })[line] ?? 0n;
  const rows = basis.accounts.flatMap((account, a) =>
    basis.products.map((product, p) => {
      const key = keyOf(a, p);
      const [from, to] = column === 'plan' ? [[], all] : [closed, column === 'actual' ? [] : open];
      const total = value(shipped.get(key), from, false) + value(planned.get(key), to, column === 'plan');
      return { id: `${account.id}|${product.id}`, account: account.name, product: product.name, total };
    }),
  );
  const size = (total: bigint) => (total < 0n ? -total : total);
  return rows
    .filter(({ total }) => total !== 0n)
    .sort((a, b) => (size(a.total) === size(b.total) ? (a.id < b.id ? -1 : 1) : size(a.total) > size(b.total) ? -1 : 1))
    .map(({ total, ...row }) => ({ ...row, [line]: lineJson(line, total, basis.currency) }));
}

function ofPromotions(loaded: LoadedPlan, column: PlanColumn, period: number | undefined): SourceRow[] {
  return byPromotion(loaded, period).flatMap(({ id, code, name, plan, actual }) => {
    const both = column === 'latestEstimate' || column === 'gap';
    return {
      ...{ id, promotion: code, name },
      ...(column === 'plan' || both ? { planned: plan.tacticSpend } : {}),
      ...(column === 'actual' || both ? { actual: actual?.tacticSpend ?? null } : {}),
    };
  });
}

/**
 * A page of the rows that a figure was made from, the largest first: account × product, or promotions for their spend. The
 * cursor is a position in that order. Throws `rule.violated` for a figure that is made of other lines.
 */
export async function readRows(
  context: Context,
  { planId, number }: SnapshotHead,
  which: {
    line: PlanLine;
    column: PlanColumn;
    period?: number | undefined;
    limit: number;
    cursor?: string | undefined;
  },
): Promise<Page<SourceRow>> {
  const { line, column, period } = which;
  if (!hasRows(line, column)) {
    throw new Problem('rule.violated', { detail: 'This figure is made of other lines: ask for the rows of those.' });
  }
  const loaded = await readNumbered(context, planId, number);
  const rows = isRowLine(line) ? byCell(loaded, line, column, period) : ofPromotions(loaded, column, period);
  return slicePage(rows, which);
}
