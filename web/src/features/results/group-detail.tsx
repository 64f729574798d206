import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useMemo } from 'react';
import { customersQuery, promotionsQuery } from '../../api/queries.ts';
import { ExportButton } from '../../ui/export-button.tsx';
import { rangeText, ratioText, wordsOf } from '../../ui/format.ts';
import { Empty, Panel, Refusal, RowsLoading } from '../../ui/screen.tsx';
import { CellValue, FigureValueButton, Interval } from '../../ui/values.tsx';
import { resultEventsQuery, type Span } from './queries.ts';
import type { Cut, ResultEvent, ResultGroup } from './shapes.ts';
import { VerdictMark } from './verdict-mark.tsx';

const rungs: readonly { key: string; label: string; strong?: boolean; sub?: boolean }[] = [
  { key: 'grossProfit', label: 'Gross profit' },
  { key: 'grossRoi', label: 'Gross ROI', sub: true },
  { key: 'dip', label: '− Dip after the events', sub: true },
  { key: 'cannibalisation', label: '− Cannibalisation', sub: true },
  { key: 'halo', label: '+ Halo', sub: true },
  { key: 'netIncrementalContribution', label: 'Net incremental contribution' },
  { key: 'spend', label: 'Event spend' },
  { key: 'subsidisedBase', label: 'of which subsidised base', sub: true },
  { key: 'netProfit', label: 'Net profit', strong: true },
  { key: 'netRoi', label: 'Net ROI', strong: true },
];

/** From gross to net, each rung a figure that opens. */
export function GroupLadder({ group }: { group: ResultGroup }) {
  return (
    <table className="grid tight">
      <thead>
        <tr>
          <th>Gross to net</th>
          <th className="right">{group.currency}</th>
          <th className="right">90 % interval</th>
        </tr>
      </thead>
      <tbody>
        {rungs.map(({ key, label, strong, sub }) => {
          const figure = group.figures[key];
          const missing = figure?.notEstimated?.join(', ');
          return (
            <tr key={key} className={strong ? 'strong' : undefined}>
              <td style={sub ? { paddingLeft: 26 } : undefined} className={sub ? 't-dim' : undefined}>
                {label}
              </td>
              <td className="right" title={missing && `Not estimated: ${missing}`}>
                {figure?.value === null && missing ? (
                  <span className="t-faint">not estimated</span>
                ) : (
                  <FigureValueButton figure={figure} label={label} currency={false} />
                )}
              </td>
              <td className="right">
                <Interval low={figure?.low} high={figure?.high} unit={figure?.unit} />
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** How far predictions were off, beside the naive ones. */
export function PredictionBeside({ group: { prediction, figures } }: { group: ResultGroup }) {
  const error = (of: 'error' | 'naiveError' | 'errorOnNaive', label: string, events: number): ReactNode => (
    <CellValue of={`results.${of}`} row={{ prediction, figures }} value={prediction[of]} label={label} unit="ratio">
      {ratioText(prediction[of])} of {events}
    </CellValue>
  );
  return (
    <table className="grid tight">
      <thead>
        <tr>
          <th>Predicted beside measured</th>
          <th className="right">Predicted</th>
          <th className="right">Measured</th>
        </tr>
      </thead>
      <tbody>
        <tr>
          <td>Net profit{prediction.predictedNetProfit ? `, ${prediction.events} predicted` : ''}</td>
          <td className="right">
            <FigureValueButton figure={prediction.predictedNetProfit ?? undefined} label="Predicted net profit" />
          </td>
          <td className="right">
            <FigureValueButton figure={figures.netProfit} label="Net profit" />
          </td>
        </tr>
        <tr>
          <td>Error of incremental units, events</td>
          <td className="right num">{error('error', 'Prediction off by', prediction.events)}</td>
          <td />
        </tr>
        <tr>
          <td className="t-dim" style={{ paddingLeft: 26 }}>
            naive: mean lift of earlier events
          </td>
          <td className="right num">{error('naiveError', 'Naive prediction off by', prediction.naiveEvents)}</td>
          <td />
        </tr>
        <tr>
          <td className="t-dim" style={{ paddingLeft: 26 }}>
            ours on the same events
          </td>
          <td className="right num">{error('errorOnNaive', 'Ours on the same events', prediction.naiveEvents)}</td>
          <td />
        </tr>
      </tbody>
    </table>
  );
}

/** The events behind a group with the names of their promotions. */
export function useEvents(by: Cut, key: string | undefined, span: Span) {
  const events = useQuery(resultEventsQuery(by, key, span));
  const promotions = useQuery(promotionsQuery());
  const customers = useQuery(customersQuery);
  const names = useMemo(() => new Map((promotions.data ?? []).map((each) => [each.id, each])), [promotions.data]);
  const places = useMemo(() => new Map((customers.data ?? []).map(({ id, name }) => [id, name])), [customers.data]);
  return {
    events,
    nameOf: ({ promotionId }: ResultEvent) => names.get(promotionId)?.name ?? 'Promotion',
    codeOf: ({ promotionId }: ResultEvent) => names.get(promotionId)?.code ?? '',
    customerOf: ({ customerId }: ResultEvent) => places.get(customerId) ?? '',
  };
}

function Events({ by, id, span }: { by: Cut; id: string; span: Span }) {
  const { events, nameOf, codeOf, customerOf } = useEvents(by, id, span);
  if (events.error) return <Refusal error={events.error} retry={() => void events.refetch()} />;
  if (!events.data) return <RowsLoading rows={6} />;
  if (events.data.length === 0) return <Empty title="No event">Widen the dates.</Empty>;
  const cell = (
    event: ResultEvent,
    of: 'incrementalUnits' | 'predictedUnits' | 'spend' | 'netProfit' | 'netRoi',
    label: string,
  ) => (
    <CellValue
      of={`results.events.${of}`}
      row={event}
      value={event[of]}
      label={`${label}, ${nameOf(event)}`}
      unit={of === 'netRoi' ? 'ratio' : 'units'}
    />
  );
  const exported = () => ({
    head: [
      ...['code', 'name', 'customer', 'mechanics', 'starts_on', 'ends_on', 'incremental_units', 'predicted_units'],
      ...['naive_units', 'lift', 'spend', 'net_profit', 'net_profit_low', 'net_profit_high', 'net_roi', 'verdict'],
    ],
    rows: (events.data ?? []).map((event) => [
      ...[codeOf(event), nameOf(event), customerOf(event), event.mechanics.join(' + '), event.startsOn, event.endsOn],
      ...[{ decimal: event.incrementalUnits }, { decimal: event.predictedUnits }, { decimal: event.naiveUnits }],
      ...[{ ratio: event.lift }, event.spend, event.netProfit, event.netProfitLow, event.netProfitHigh],
      ...[{ ratio: event.netRoi }, event.decision],
    ]),
  });
  return (
    <Panel
      title={`Events (${events.data.length})`}
      className="scrolls"
      aside={<ExportButton name="measured-events" table={exported} />}
    >
      <table className="grid tight">
        <thead>
          <tr>
            <th>Promotion</th>
            <th>Customer</th>
            <th>In store</th>
            <th className="right">Incremental</th>
            <th className="right">Predicted</th>
            <th className="right">Spend</th>
            <th className="right">Net profit</th>
            <th className="right">90 % interval</th>
            <th className="right">Net ROI</th>
            <th>Verdict</th>
          </tr>
        </thead>
        <tbody>
          {events.data.map((event) => (
            <tr key={event.promotionId}>
              <td>
                <Link
                  to="/promotions/$id"
                  params={{ id: event.promotionId }}
                  search={{ tab: 'result' }}
                  className="quiet"
                >
                  {nameOf(event)}
                </Link>{' '}
                <span className="t-faint num">{codeOf(event)}</span>
              </td>
              <td>{customerOf(event)}</td>
              <td className="num">{rangeText(event.startsOn, event.endsOn)}</td>
              <td className="right">{cell(event, 'incrementalUnits', 'Incremental units')}</td>
              <td className="right t-dim">{cell(event, 'predictedUnits', 'Predicted units')}</td>
              <td className="right">{cell(event, 'spend', 'Event spend')}</td>
              <td className="right">{cell(event, 'netProfit', 'Net profit')}</td>
              <td className="right">
                <Interval low={event.netProfitLow} high={event.netProfitHigh} />
              </td>
              <td className="right">{cell(event, 'netRoi', 'Net ROI')}</td>
              <td>
                <VerdictMark decision={event.decision} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

/** One row of the roll-up: verdict with reasons, ladder, predictions, and its events. */
export function GroupDetail({
  group,
  title,
  ...events
}: {
  group: ResultGroup;
  title: string;
  by: Cut;
  id: string;
  span: Span;
  back(): void;
}) {
  return (
    <div className="stack" style={{ gap: 12 }}>
      <div>
        <Button variant="subtle" className="back" onClick={events.back}>
          ‹ All
        </Button>
        <div className="row spread">
          <h2 style={{ fontSize: 16 }}>{wordsOf(title)}</h2>
          <VerdictMark decision={group.verdict.decision} />
        </div>
        {group.verdict.reasons.map((reason) => (
          <div key={reason} className="t-dim">
            {reason}
          </div>
        ))}
      </div>
      <div className="two">
        <Panel className="scrolls">
          <GroupLadder group={group} />
        </Panel>
        <Panel className="scrolls">
          <PredictionBeside group={group} />
        </Panel>
      </div>
      <Events by={events.by} id={events.id} span={events.span} />
    </div>
  );
}
