import { Button } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { customersQuery, productsQuery } from '../../api/queries.ts';
import { queryString, request } from '../../api/request.ts';
import type { Money, Page } from '../../api/shapes.ts';
import { volumeText } from '../../ui/format.ts';
import { Panel, Refusal, RowsLoading } from '../../ui/screen.tsx';
import { CellValue } from '../../ui/values.tsx';

interface WaterfallRow {
  customerId: string;
  productId: string;
  fiscalYear: number;
  period: number;
  cases: string;
  listPrice: Money;
  terms: { code: string; agreementId: string; kind: string; perCase: string | null }[];
}

/** What was shipped, at which price and under which terms: the rows that a waterfall sums. */
export function WaterfallRows({
  scope,
}: {
  scope: { customerId: string; productId?: string | undefined; from: string; to: string };
}) {
  const customers = useQuery(customersQuery);
  const products = useQuery(productsQuery);
  const rows = useInfiniteQuery({
    queryKey: ['terms', 'waterfall', 'rows', scope],
    queryFn: ({ signal, pageParam }) =>
      request<Page<WaterfallRow>>(`/terms/waterfall/rows${queryString({ ...scope, limit: 100, cursor: pageParam })}`, {
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: (page) => page.nextCursor,
  });
  const nameOf = (of: readonly { id: string; name: string }[] | undefined, id: string) =>
    of?.find((one) => one.id === id)?.name ?? '…';
  if (rows.error) return <Refusal error={rows.error} retry={() => void rows.refetch()} />;
  if (!rows.data) return <RowsLoading rows={6} />;
  return (
    <Panel title="What was shipped, at its price and under its terms" className="scrolls">
      <table className="grid tight">
        <thead>
          <tr>
            <th>Period</th>
            <th>Customer</th>
            <th>Product</th>
            <th className="right">Cases</th>
            <th className="right">List price</th>
            <th>Terms, off a case</th>
          </tr>
        </thead>
        <tbody>
          {rows.data.pages
            .flatMap(({ items }) => items)
            .map((row, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows have no id and keep their order
              <tr key={i}>
                <td className="num">
                  FY{row.fiscalYear} P{row.period}
                </td>
                <td>{nameOf(customers.data, row.customerId)}</td>
                <td>{nameOf(products.data, row.productId)}</td>
                <td className="right">
                  <CellValue of="terms.waterfall.row.cases" row={row} value={row.cases} label="Cases">
                    {volumeText(row.cases, 3)}
                  </CellValue>
                </td>
                <td className="right">
                  <CellValue of="terms.waterfall.row.listPrice" row={row} value={row.listPrice} label="List price" />
                </td>
                <td className="num t-dim">
                  {row.terms
                    .map(({ code, perCase }) => `${code} ${perCase === null ? 'by the year' : volumeText(perCase, 4)}`)
                    .join(' · ')}
                </td>
              </tr>
            ))}
        </tbody>
      </table>
      {rows.hasNextPage && (
        <div className="panel-body">
          <Button variant="default" loading={rows.isFetchingNextPage} onClick={() => void rows.fetchNextPage()}>
            More rows
          </Button>
        </div>
      )}
    </Panel>
  );
}
