import type { Context } from '#context';
import type { ListRequest, Page, TenantTx } from '#db';
import { fiscalWeeks } from '#master-data';
import { type MoneyJson, roundToMoney, toJson } from '#money';
import { Problem } from '#problem';
import { caseTerms } from './domain/case-terms.ts';
import type { TermsPorts } from './ports.ts';
import { readShippedVolumes, type ShippedCell } from './read-volumes.ts';
import { type WaterfallQuery, waterfallScope } from './waterfall-query.ts';

/** What was shipped of a product to a customer at one price under the same terms: a source row of a waterfall. */
export interface WaterfallRow {
  customerId: string;
  productId: string;
  fiscalYear: number;
  period: number;
  cases: string;
  listPrice: MoneyJson;
  /** What each line takes off a case, exact decimals of major units; tiers and lump sums are not on the case. */
  terms: { code: string; agreementId: string; kind: string; perCase: string | null }[];
}

const keyOf = ({ customerId, productId, fiscalYear, period, listPrice, lines }: ShippedCell): string =>
  [fiscalYear, String(period).padStart(2, '0'), customerId, productId, listPrice, lines.length].join('|');

function toRow(
  { customerId, productId, fiscalYear, period, cases, listPrice, lines }: ShippedCell,
  currency: string,
): WaterfallRow {
  const perCase = new Map(
    caseTerms(lines, listPrice, currency).lines.map((term) => [term.line, term.perCase.toFixed()]),
  );
  return {
    ...{ customerId, productId, fiscalYear, period, cases: cases.toFixed() },
    listPrice: toJson(roundToMoney(listPrice, currency)),
    terms: lines.map((line) => ({
      ...{ code: line.code, agreementId: line.agreementId, kind: line.kind, perCase: perCase.get(line) ?? null },
    })),
  };
}

/** A page of the rows behind a waterfall, by period, customer and product. The cursor is a position in that order. */
export async function readWaterfallRows(
  tx: TenantTx<Context>,
  ports: TermsPorts,
  query: WaterfallQuery,
  { limit, cursor }: ListRequest,
): Promise<Page<WaterfallRow>> {
  if (cursor !== undefined && !/^\d{1,9}$/.test(cursor)) {
    throw new Problem('request.malformed', { errors: [{ path: 'cursor', message: 'is not a cursor of this list' }] });
  }
  const { customerIds, productIds, currency } = await waterfallScope(tx, query);
  const weeks = await fiscalWeeks(tx, query.from, query.to);
  const wanted = productIds && new Set(productIds);
  const { cells } = await readShippedVolumes(tx, ports, { customerIds, productIds: wanted, weeks, currency });
  const sorted = cells.map((cell) => ({ cell, key: keyOf(cell) })).sort((a, b) => (a.key < b.key ? -1 : 1));
  const start = Number(cursor ?? 0);
  const items = sorted.slice(start, start + limit).map(({ cell }) => toRow(cell, currency));
  return { items, nextCursor: start + limit < sorted.length ? String(start + limit) : null };
}
