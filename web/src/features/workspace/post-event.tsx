import { Alert } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useMemo } from 'react';
import type { PostEvent } from '../../api/promotion-shapes.ts';
import { postEventQuery } from '../../api/queries.ts';
import type { Figure } from '../../api/shapes.ts';
import { ExportButton } from '../../ui/export-button.tsx';
import { instantText } from '../../ui/format.ts';
import { Empty, Panel, Refusal, RowsLoading } from '../../ui/screen.tsx';
import { CellValue, FigureValueButton, Interval } from '../../ui/values.tsx';
import { IncrementalUnits, Kpi } from '../evidence/kpis.tsx';
import { Ladder } from '../evidence/ladder.tsx';
import { labelOf } from '../evidence/plan-weeks.ts';
import { type ChartWeek, UnitChart } from '../evidence/unit-chart.tsx';

const verdictWords = {
  repeat: { title: 'Repeat it', color: 'teal' },
  fix: { title: 'Fix it before repeating', color: 'yellow' },
  stop: { title: 'Stop doing this', color: 'red' },
} as const;

const asNumber = (text: string | null) => (text === null ? null : Number(text));

function weeksOf(result: PostEvent): ChartWeek[] {
  return result.weeks.map((week) => ({
    label: labelOf(week.fiscalWeek, week.weekStart),
    baseline: asNumber(week.baselineUnits),
    units: asNumber(week.actualUnits),
    low: asNumber(week.low),
    high: asNumber(week.high),
    shaded: week.phase === 'event',
    dip: week.phase === 'dip',
  }));
}

function Beside({ result }: { result: PostEvent }) {
  const { predicted, actual } = result;
  if (!actual) return null;
  const relied = (of: 'incrementalUnits' | 'spend' | 'netProfit' | 'netRoi', label: string) => (
    <CellValue
      of={`postEvent.predicted.${of}`}
      row={{ ...predicted, promotionId: result.promotionId }}
      value={predicted?.[of]}
      label={`${label}, predicted`}
      unit={of === 'netRoi' ? 'ratio' : 'units'}
      {...(of === 'netRoi' ? { digits: 2 } : {})}
    />
  );
  const measured = (name: string, label: string) => (
    <FigureValueButton figure={result.figures?.[name]} label={`${label}, measured`} />
  );
  const rows: [string, ReactNode, ReactNode, ReactNode][] = [
    [
      'Incremental units',
      relied('incrementalUnits', 'Incremental units'),
      <IncrementalUnits key="m" units={actual.incrementalUnits} figure={result.figures?.incrementalVolume} />,
      <Interval key="i" low={actual.low} high={actual.high} />,
    ],
    ['Event spend', relied('spend', 'Event spend'), measured('eventSpend', 'Event spend'), null],
    [
      'Gross profit',
      <span key="g" className="t-faint">
        –
      </span>,
      measured('grossProfit', 'Gross profit'),
      null,
    ],
    [
      'Net profit',
      relied('netProfit', 'Net profit'),
      measured('netProfit', 'Net profit'),
      <Interval key="n" low={actual.netProfitLow} high={actual.netProfitHigh} />,
    ],
    [
      'Net ROI',
      relied('netRoi', 'Net ROI'),
      measured('netRoi', 'Net ROI'),
      <Interval key="r" low={actual.netRoiLow} high={actual.netRoiHigh} unit="ratio" />,
    ],
  ];
  return (
    <table className="grid tight">
      <thead>
        <tr>
          <th>Figure</th>
          <th className="right">Predicted</th>
          <th className="right">Measured</th>
          <th className="right">90 % interval</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([label, before, after, interval]) => (
          <tr key={label}>
            <td>{label}</td>
            <td className="right">{before}</td>
            <td className="right strong">{after}</td>
            <td className="right">{interval}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Decomposition({ result }: { result: PostEvent }) {
  const actual = result.actual;
  if (!actual) return null;
  const rows = [
    ['Baseline', 'baselineUnits'],
    ['Actual in the event weeks', 'actualUnits'],
    ['Incremental', 'incrementalUnits'],
    ['Dip after the event', 'dipUnits'],
    ['Cannibalisation', 'cannibalisationUnits'],
    ['Halo', 'haloUnits'],
  ] as const;
  return (
    <table className="grid tight">
      <thead>
        <tr>
          <th>Where the units came from</th>
          <th className="right">Units</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([label, of]) => (
          <tr key={label}>
            <td>{label}</td>
            <td className="right">
              {actual[of] === null ? (
                <span className="t-faint">not estimated</span>
              ) : (
                <CellValue of={`postEvent.actual.${of}`} row={result} value={actual[of]} label={label} />
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** What customers bought ahead, seen in shipments against consumption. */
function BoughtAhead({ result }: { result: PostEvent }) {
  const { volume = null, spend = null, reason = null } = result.forwardBuying ?? {};
  const rows: [string, Figure | null][] = [
    ['Cases bought ahead', volume],
    ['Spend on cases bought ahead', spend],
  ];
  return (
    <table className="grid tight">
      <thead>
        <tr>
          <th>Forward buying</th>
          <th className="right">Measured</th>
          <th className="right">90 % interval</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([label, figure]) => (
          <tr key={label}>
            <td>{label}</td>
            <td className="right">
              {figure ? (
                <FigureValueButton figure={figure} label={label} />
              ) : (
                <span className="t-faint">not estimated</span>
              )}
            </td>
            <td className="right">
              <Interval low={figure?.low} high={figure?.high} unit={figure?.unit} />
            </td>
          </tr>
        ))}
        {reason && (
          <tr>
            <td colSpan={3} className="t-dim t-sm" style={{ whiteSpace: 'normal' }}>
              {reason}
            </td>
          </tr>
        )}
      </tbody>
    </table>
  );
}

function exported({ weeks }: PostEvent) {
  return {
    head: ['week_start', 'fiscal_week', 'phase', 'baseline_units', 'actual_units', 'low', 'high'],
    rows: weeks.map((week) => [
      ...[week.weekStart, week.fiscalWeek, week.phase, { decimal: week.baselineUnits }, { decimal: week.actualUnits }],
      ...[{ decimal: week.low }, { decimal: week.high }],
    ]),
  };
}

function Measured({ result }: { result: PostEvent }) {
  const weeks = useMemo(() => weeksOf(result), [result]);
  const { actual, verdict } = result;
  if (!actual) return null;
  const figure = (name: string, label: string) => <FigureValueButton figure={result.figures?.[name]} label={label} />;
  return (
    <>
      {verdict && (
        <Alert
          color={verdictWords[verdict.decision].color}
          variant="light"
          title={`Verdict: ${verdictWords[verdict.decision].title}`}
          p="sm"
        >
          {verdict.reasons.map((reason) => (
            <div key={reason}>{reason}</div>
          ))}
        </Alert>
      )}
      <div className="kpis">
        <Kpi
          label="Incremental"
          value={<IncrementalUnits units={actual.incrementalUnits} figure={result.figures?.incrementalVolume} />}
          below={<Interval low={actual.low} high={actual.high} />}
        />
        <Kpi label="Event spend" value={figure('eventSpend', 'Event spend')} />
        <Kpi
          label="Net profit"
          value={figure('netProfit', 'Net profit')}
          below={<Interval low={actual.netProfitLow} high={actual.netProfitHigh} />}
        />
        <Kpi
          label="Net ROI"
          value={figure('netRoi', 'Net ROI')}
          below={<Interval low={actual.netRoiLow} high={actual.netRoiHigh} unit="ratio" />}
        />
      </div>
      <Panel
        title="Baseline, actual and dip, units per fiscal week"
        aside={<ExportButton name="post-event-by-week" table={() => exported(result)} />}
      >
        <div className="panel-body">
          <UnitChart weeks={weeks} kind="actual" heightPx={280} />
        </div>
      </Panel>
      {result.notes.length > 0 && (
        <Panel title="Notes of the measurement">
          {result.notes.map((note) => (
            <div className="notice" key={note}>
              {note}
            </div>
          ))}
        </Panel>
      )}
      <div className="two">
        <div className="stack" style={{ gap: 12 }}>
          <Panel title="Predicted beside measured" className="scrolls">
            <Beside result={result} />
          </Panel>
          {result.figures && (
            <Panel className="scrolls">
              <Ladder plan={{ currency: actual.spend.currency, figures: result.figures }} />
            </Panel>
          )}
        </div>
        <div className="stack" style={{ gap: 12 }}>
          <Panel className="scrolls">
            <Decomposition result={result} />
          </Panel>
          <Panel className="scrolls">
            <BoughtAhead result={result} />
          </Panel>
        </div>
      </div>
    </>
  );
}

/** What an ended promotion really earned, beside what was predicted. */
export function PostEventView({ id }: { id: string }) {
  const result = useQuery(postEventQuery(id));
  return (
    <div className="screen-body stack" style={{ height: '100%', gap: 12 }}>
      {result.error && <Refusal error={result.error} retry={() => void result.refetch()} />}
      {result.isPending && <RowsLoading rows={10} />}
      {result.data && (
        <>
          <div className="t-sm t-dim">
            {result.data.measuredAt &&
              `Measured ${instantText(result.data.measuredAt)} · measurement ${result.data.measurementVersion} · baseline ${result.data.baselineVersion ?? '–'} · formulas ${result.data.formulaVersion}`}
          </div>
          {result.data.state === 'pending' && (
            <Empty title="Not measured yet">
              {result.data.reason ?? 'The result appears when the sales of the event weeks have arrived.'}
            </Empty>
          )}
          {result.data.state === 'refused' && <Empty title="Not measurable">{result.data.reason}</Empty>}
          {result.data.state === 'measured' && <Measured result={result.data} />}
        </>
      )}
    </div>
  );
}
