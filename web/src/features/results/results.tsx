import { SegmentedControl, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { ExportButton } from '../../ui/export-button.tsx';
import { wordsOf } from '../../ui/format.ts';
import { useKeys } from '../../ui/keys.ts';
import { Empty, Refusal, RowsLoading, Screen } from '../../ui/screen.tsx';
import { compareValues, SortHead } from '../../ui/sort.tsx';
import { CellValue, FigureValueButton, Interval } from '../../ui/values.tsx';
import { GroupDetail } from './group-detail.tsx';
import { resultsQuery } from './queries.ts';
import { type Cut, cuts, type ResultGroup, type ResultRow } from './shapes.ts';
import { VerdictMark } from './verdict-mark.tsx';

const numberOf = (row: ResultGroup, name: string): number | null => {
  const value = row.figures[name]?.value;
  if (value === null || value === undefined) return null;
  return Number(typeof value === 'string' ? value : value.amount);
};

const columnValue: Record<string, (row: ResultRow) => string | number | null> = {
  label: (row) => row.label,
  events: (row) => row.events,
  spend: (row) => numberOf(row, 'spend'),
  netProfit: (row) => numberOf(row, 'netProfit'),
  netRoi: (row) => numberOf(row, 'netRoi'),
  lift: (row) => numberOf(row, 'lift'),
  error: (row) => (row.prediction.error === null ? null : Number(row.prediction.error)),
  verdict: (row) => row.verdict.decision,
};

const cutWords: Record<Cut, string> = {
  mechanic: 'Mechanic',
  customer: 'Customer',
  product: 'Product',
  brand: 'Brand',
  period: 'Fiscal period',
};

function useRows() {
  const search = useSearch({ from: '/app/results' });
  const by = cuts.find((cut) => cut === search.by) ?? 'mechanic';
  const results = useQuery(resultsQuery(by, { from: search.from, to: search.to }));
  const rows = useMemo(() => {
    const sort = search.sort ?? '-spend';
    const falling = sort.startsWith('-');
    const value = columnValue[falling ? sort.slice(1) : sort] ?? columnValue.spend;
    return [...(results.data?.items ?? [])].sort((a, b) => compareValues(value?.(a), value?.(b), falling));
  }, [results.data, search.sort]);
  return { search, by, results, rows };
}

/** Rows of different currencies stand apart. */
const keyOf = (row: ResultRow) => `${row.key}|${row.currency}`;

function figure(row: ResultGroup, name: string, label: string) {
  return <FigureValueButton figure={row.figures[name]} label={label} />;
}

function GroupCells({ row }: { row: ResultGroup }) {
  const { netProfit, netRoi } = row.figures;
  return (
    <>
      <td className="right num">
        {row.earned} of {row.events}
      </td>
      <td className="right">{figure(row, 'spend', 'Event spend')}</td>
      <td className="right">{figure(row, 'lift', 'Lift')}</td>
      <td className="right">{figure(row, 'netProfit', 'Net profit')}</td>
      <td className="right">
        <Interval low={netProfit?.low} high={netProfit?.high} />
      </td>
      <td className="right">{figure(row, 'netRoi', 'Net ROI')}</td>
      <td className="right">
        <Interval low={netRoi?.low} high={netRoi?.high} unit="ratio" />
      </td>
      <td className="right">
        <CellValue of="results.error" row={row} value={row.prediction.error} label="Prediction off by" unit="ratio" />
      </td>
      <td className="right t-dim">
        <CellValue
          of="results.naiveError"
          row={row}
          value={row.prediction.naiveError}
          label="Naive prediction off by"
          unit="ratio"
        />
      </td>
      <td>
        <VerdictMark decision={row.verdict.decision} title={row.verdict.reasons.join(' ')} />
      </td>
    </>
  );
}

function exported(rows: readonly ResultRow[], by: Cut) {
  const value = (row: ResultRow, name: string) => {
    const found = row.figures[name]?.value;
    return typeof found === 'string' ? { ratio: found } : found;
  };
  const low = (row: ResultRow) => row.figures.netProfit?.low as ReturnType<typeof value>;
  const high = (row: ResultRow) => row.figures.netProfit?.high as ReturnType<typeof value>;
  return {
    head: [
      ...[by, 'events', 'events_that_earned', 'spend', 'lift', 'net_incremental_contribution', 'net_profit'],
      ...['net_profit_low', 'net_profit_high', 'net_roi', 'prediction_error', 'naive_error', 'verdict', 'reasons'],
    ],
    rows: rows.map((row) => [
      ...[row.label, row.events, row.earned, value(row, 'spend'), value(row, 'lift')],
      ...[value(row, 'netIncrementalContribution'), value(row, 'netProfit'), low(row), high(row)],
      ...[value(row, 'netRoi'), { ratio: row.prediction.error }, { ratio: row.prediction.naiveError }],
      ...[row.verdict.decision, row.verdict.reasons.join(' ')],
    ]),
  };
}

/** What measured promotions earned, rolled up, with the verdict on each kind. */
export function Results() {
  const { search, by, results, rows } = useRows();
  const navigate = useNavigate();
  const put = (members: Partial<typeof search>) => {
    const next = Object.fromEntries(Object.entries({ ...search, ...members }).filter(([, value]) => value));
    void navigate({ to: '/results', search: next, replace: true });
  };
  const at = rows.findIndex((row) => keyOf(row) === search.row);
  const shown = rows[at];
  const step = (by: number) => {
    const next = rows[Math.min(Math.max(at + by, 0), rows.length - 1)];
    if (next) put({ row: keyOf(next) });
  };
  useKeys({ j: () => step(1), k: () => step(-1), escape: () => put({ row: '' }) });
  const head = { sort: search.sort ?? '-spend', change: (sort: string) => put({ sort }) };
  const total = results.data?.total ?? [];
  const events = total.reduce((sum, each) => sum + each.events, 0);
  return (
    <Screen
      title="Post-event analysis"
      sub={<span className="num">{results.data ? `${events} measured promotions` : ''}</span>}
      actions={<ExportButton name={`results-by-${by}`} disabled={rows.length === 0} table={() => exported(rows, by)} />}
      flush
    >
      <div style={{ display: 'flex', flexDirection: 'column', height: '100%' }}>
        <div className="filters">
          <SegmentedControl
            size="xs"
            aria-label="Roll up by"
            data={cuts.map((cut) => ({ value: cut, label: cutWords[cut] }))}
            value={by}
            onChange={(cut) => put({ by: cut, row: '' })}
          />
          <TextInput
            type="date"
            aria-label="Ended from"
            value={search.from ?? ''}
            onChange={(event) => put({ from: event.currentTarget.value })}
          />
          <TextInput
            type="date"
            aria-label="Ended until"
            value={search.to ?? ''}
            onChange={(event) => put({ to: event.currentTarget.value })}
          />
          <span className="t-faint t-sm">
            Ratios come from the sums; intervals add up in squares, as of independent measurements.
          </span>
        </div>
        {results.error && !results.data && <Refusal error={results.error} retry={() => void results.refetch()} />}
        {results.isPending && <RowsLoading rows={10} />}
        {results.data && rows.length === 0 && (
          <Empty title="No promotion was measured in these dates">
            A promotion is measured when it has ended and the sales of its weeks have arrived.
          </Empty>
        )}
        {rows.length > 0 && (
          <div className={shown ? 'results split' : 'results'}>
            <div className="grid-wrap">
              <table className="grid tight">
                <thead>
                  <tr>
                    <SortHead {...head} field="label">
                      {cutWords[by]}
                    </SortHead>
                    <SortHead {...head} field="events" right>
                      Earned
                    </SortHead>
                    <SortHead {...head} field="spend" right>
                      Spend
                    </SortHead>
                    <SortHead {...head} field="lift" right>
                      Lift
                    </SortHead>
                    <SortHead {...head} field="netProfit" right>
                      Net profit
                    </SortHead>
                    <th className="right">90 % interval</th>
                    <SortHead {...head} field="netRoi" right>
                      Net ROI
                    </SortHead>
                    <th className="right">90 % interval</th>
                    <SortHead {...head} field="error" right>
                      Prediction off by
                    </SortHead>
                    <th className="right">naive</th>
                    <SortHead {...head} field="verdict">
                      Verdict
                    </SortHead>
                  </tr>
                </thead>
                <tbody>
                  {rows.map((row) => (
                    <tr
                      key={keyOf(row)}
                      data-link=""
                      aria-selected={keyOf(row) === search.row}
                      onClick={() => put({ row: keyOf(row) })}
                    >
                      <td>
                        <button type="button" className="plain quiet" onClick={() => put({ row: keyOf(row) })}>
                          {wordsOf(row.label)}
                        </button>
                      </td>
                      <GroupCells row={row} />
                    </tr>
                  ))}
                  {total.map((row) => (
                    <tr key={row.currency} className="strong">
                      <td>All, {row.currency}</td>
                      <GroupCells row={row} />
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
            {shown && (
              <div className="results-detail">
                <GroupDetail
                  key={keyOf(shown)}
                  group={shown}
                  title={shown.label}
                  by={by}
                  id={shown.key}
                  span={{ from: search.from, to: search.to }}
                  back={() => put({ row: '' })}
                />
              </div>
            )}
          </div>
        )}
      </div>
    </Screen>
  );
}
