import { SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Panel, Refusal, RowsLoading } from '../../ui/screen.tsx';
import { lineNames } from './lines.ts';
import { PlanFigure } from './plan-figure.tsx';
import { breakdownQuery } from './queries.ts';
import type { BreakdownItem, PlanLine, Pnl } from './shapes.ts';

export type BreakdownBy = 'account' | 'product' | 'promotion';

const ways = [
  { value: 'account', label: 'Account' },
  { value: 'product', label: 'Product' },
  { value: 'promotion', label: 'Promotion' },
];
const shownOf: Readonly<Record<BreakdownBy, readonly PlanLine[]>> = {
  account: ['volume', 'incremental', 'grossSales', 'tacticSpend', 'pocketSales', 'contribution', 'tradeRate'],
  product: ['volume', 'incremental', 'grossSales', 'tacticSpend', 'pocketSales', 'contribution', 'tradeRate'],
  promotion: ['incremental', 'tacticSpend'],
};

/** The rows behind the plan's figures: by account, product or promotion, for a period or the year. */
export function Breakdown({
  pnl,
  period,
  by,
  pick,
}: {
  pnl: Pnl;
  period: number | undefined;
  by: BreakdownBy;
  pick(by: BreakdownBy): void;
}) {
  const rows = useQuery(breakdownQuery(pnl.planId, { by, period, snapshot: pnl.snapshot }));
  const lines = shownOf[by];
  const actualLine = by === 'promotion' ? 'tacticSpend' : 'grossSales';
  const place = ({ id, name }: BreakdownItem) => {
    return { planId: pnl.planId, snapshot: pnl.snapshot, period, row: { by, id, name } };
  };
  return (
    <Panel
      title={`Plan by ${by}, ${period === undefined ? 'year' : `period ${period}`}`}
      className="scrolls"
      aside={
        <SegmentedControl
          aria-label="Rows by"
          data={ways}
          value={by}
          onChange={(value) => pick(value as BreakdownBy)}
        />
      }
    >
      {rows.error && <Refusal error={rows.error} retry={() => void rows.refetch()} />}
      {!rows.data && !rows.error && <RowsLoading rows={6} />}
      {rows.data && (
        <table className={rows.isPlaceholderData ? 'grid tight stale' : 'grid tight'}>
          <thead>
            <tr>
              <th>Code</th>
              <th>Name</th>
              {lines.map((line) => (
                <th key={line} className="right">
                  {lineNames[line]}
                </th>
              ))}
              <th className="right">Actual {lineNames[actualLine].toLowerCase()}</th>
            </tr>
          </thead>
          <tbody>
            {rows.data.items.map((item) => (
              <tr key={item.id}>
                <td className="num">
                  {by === 'promotion' ? (
                    <Link to="/promotions/$id" params={{ id: item.id }}>
                      {item.code}
                    </Link>
                  ) : (
                    item.code
                  )}
                </td>
                <td className="cut" style={{ maxWidth: 260 }} title={item.name}>
                  {item.name}
                </td>
                {lines.map((line) => (
                  <td key={line} className="right num">
                    <PlanFigure place={{ ...place(item), line, column: 'plan' }} value={item.plan[line] ?? null} />
                  </td>
                ))}
                <td className="right num">
                  <PlanFigure
                    place={{ ...place(item), line: actualLine, column: 'actual' }}
                    value={item.actual?.[actualLine] ?? null}
                  />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}
