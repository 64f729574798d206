import { SegmentedControl, Select, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { ExportButton } from '../../ui/export-button.tsx';
import { countText, rangeText, ratioText, wordsOf } from '../../ui/format.ts';
import { Empty, Refusal, RowsLoading, Screen } from '../../ui/screen.tsx';
import { Behind } from './behind.tsx';
import { durationText, hoursOf } from './durations.ts';
import { Heat, useLatest } from './heat.tsx';
import { Load } from './load.tsx';
import { type Asked, type Behind as BehindFigure, glanceQuery, pathsQuery, stepsQuery } from './queries.ts';
import type { Ending, Glance, ProcessMetrics as Metrics, Paths } from './shapes.ts';
import { type HeavyStep, heaviestFirst, StepTable, type Time } from './step-table.tsx';
import { Follows, mostRework, Rework, Ways } from './ways.tsx';

/** What stands in the address of this view. */
interface MetricsSearch {
  process?: string;
  hash?: string;
  from?: string;
  to?: string;
  time?: string;
  way?: string;
  step?: string;
  next?: string;
  what?: string;
}

function useMetricsSearch() {
  const search: MetricsSearch = useSearch({ from: '/app/workflow' });
  const navigate = useNavigate();
  const put = (members: MetricsSearch) => {
    const next = Object.entries({ ...search, ...members, tab: 'metrics' }).filter(([, value]) => value);
    void navigate({ to: '/workflow', search: Object.fromEntries(next), replace: true });
  };
  return { search, put };
}

const nameOfProcess = (code: string) => wordsOf(code.replaceAll('-', ' '));

const endingsText = (endings: readonly Ending[]) =>
  endings
    .map(({ outcome, state, count }) => `${wordsOf(outcome ?? state).toLowerCase()} ${countText(count)}`)
    .join(' · ');

function Glances({ items, pick }: { items: readonly Glance[]; pick(process: string): void }) {
  return (
    <div className="panel scrolls" style={{ border: 0 }}>
      <table className="grid">
        <thead>
          <tr>
            <th>Process</th>
            <th className="right">Ended</th>
            <th>How</th>
            <th className="right">Half within</th>
            <th className="right">9 of 10 within</th>
            <th className="right">Running</th>
          </tr>
        </thead>
        <tbody>
          {items.map(({ process, ended, endings, cycleMs, running }) => (
            <tr key={process} data-link onClick={() => pick(process)}>
              <td>
                <button type="button" className="link-button" onClick={() => pick(process)}>
                  {nameOfProcess(process)}
                </button>
              </td>
              <td className="right num">{countText(ended)}</td>
              <td className="t-sm wraps">{endingsText(endings) || '–'}</td>
              <td className="right num">{durationText(cycleMs.p50)}</td>
              <td className="right num">{durationText(cycleMs.p90)}</td>
              <td className="right num">{countText(running)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Kpis({
  metrics,
  cycle,
  steps,
  paths,
  nameOf,
}: {
  metrics: Metrics;
  cycle: Metrics['cycleMs'];
  steps: readonly HeavyStep[];
  paths: Paths | undefined;
  nameOf(step: string): string;
}) {
  const { ended, instances, endings, queues } = metrics;
  const sum = (values: readonly number[]) => values.reduce((all, one) => all + one, 0);
  const [heaviest] = steps.filter(({ part }) => part > 0);
  const loop = paths && mostRework(paths, nameOf);
  const kpis: [string, string, string?][] = [
    [
      'Ended',
      countText(ended),
      instances < ended ? `the newest ${countText(instances)} counted` : endingsText(endings),
    ],
    ['Half within', durationText(cycle.p50), `9 of 10 within ${durationText(cycle.p90)}`],
    [
      'Open now',
      countText(sum(queues.map(({ open }) => open))),
      `${countText(sum(steps.map(({ late }) => late)))} decided late`,
    ],
    heaviest
      ? ['Bottleneck', nameOf(heaviest.step), `${ratioText(heaviest.part.toFixed(4))} of the time of all steps`]
      : ['Bottleneck', '–'],
    loop
      ? ['Done again most', loop.at ?? '–', `${loop.how}: ${countText(loop.instances)}`]
      : ['Done again most', '–', paths && 'nothing was done twice'],
  ];
  return (
    <div className="kpis">
      {kpis.map(([label, value, more]) => (
        <div className="kpi" key={label}>
          <span className="label">{label}</span>
          <span className="value num cut" title={value}>
            {value}
          </span>
          {more && <span className="t-dim t-sm">{more}</span>}
        </div>
      ))}
    </div>
  );
}

const exportedHead = [
  ...['step', 'decided', 'withdrawn', 'late', 'cycle_p50_hours', 'cycle_p90_hours', 'cycle_total_hours'],
  ...['waiting_p50_hours', 'working_p50_hours', 'business_cycle_p50_hours', 'open_now', 'open_late'],
];

const exported = ({ steps, queues }: Metrics) => ({
  head: exportedHead,
  rows: steps.map((one) => {
    const queue = queues.find(({ step }) => step === one.step);
    return [
      ...[one.step, one.decided, one.withdrawn, one.late, hoursOf(one.cycleMs.p50), hoursOf(one.cycleMs.p90)],
      ...[hoursOf(one.cycleMs.total), hoursOf(one.waitingMs.p50), hoursOf(one.workingMs.p50)],
      ...[hoursOf(one.businessCycleMs.p50), queue?.open ?? 0, queue?.late ?? 0],
    ];
  }),
});

function One({ asked, metrics, time }: { asked: Asked; metrics: Metrics; time: Time }) {
  const { search, put } = useMetricsSearch();
  const paths = useQuery(pathsQuery(asked));
  const latest = useLatest(asked);
  const steps: HeavyStep[] = heaviestFirst(metrics, time);
  const cycle = time === 'business' ? metrics.businessCycleMs : metrics.cycleMs;
  const { way, step, next, what } = search;
  const isOpen = way !== undefined || step !== undefined;
  const show = (behind: BehindFigure) =>
    put({ way: behind.way ?? '', step: behind.step ?? '', next: behind.next ?? '', what: behind.what ?? '' });
  return (
    <div className="stack" style={{ gap: 12, padding: 12 }}>
      <Kpis metrics={metrics} cycle={cycle} steps={steps} paths={paths.data} nameOf={latest.nameOf} />
      {metrics.instances === 0 && (
        <Empty title="None ended in this period">Choose a longer one; what waits now stands below.</Empty>
      )}
      {isOpen && <Behind asked={asked} behind={{ way, step, next, what }} close={() => show({})} />}
      {latest.id && <Heat instanceId={latest.id} steps={steps} />}
      {steps.length > 0 && (
        <div className="panel scrolls">
          <StepTable
            metrics={metrics}
            steps={steps}
            nameOf={latest.nameOf}
            show={(of, which) => show({ step: of, what: which })}
          />
        </div>
      )}
      {paths.error && <Refusal error={paths.error} retry={() => void paths.refetch()} />}
      {paths.isPending && <RowsLoading rows={6} />}
      {paths.data && metrics.instances > 0 && (
        <div className="two">
          <div className="stack" style={{ gap: 12 }}>
            <Ways paths={paths.data} all={metrics.instances} nameOf={latest.nameOf} show={show} />
            <Follows paths={paths.data} nameOf={latest.nameOf} show={show} />
          </div>
          <div className="stack" style={{ gap: 12 }}>
            <Rework paths={paths.data} nameOf={latest.nameOf} show={show} />
            <Load load={metrics.load} />
          </div>
        </div>
      )}
    </div>
  );
}

/** What processes took, where they wait, which ways they went and what was done again. */
export function ProcessMetrics({ head }: { head: ReactNode }) {
  const { search, put } = useMetricsSearch();
  const { process, hash, from, to } = search;
  const time: Time = search.time === 'business' ? 'business' : 'elapsed';
  const glances = useQuery(glanceQuery({ from, to }));
  const asked: Asked = { process: process ?? '', hash, from, to };
  const metrics = useQuery({ ...stepsQuery(asked), enabled: process !== undefined });
  const period = glances.data && rangeText(glances.data.from, glances.data.to);
  const error = process ? metrics.error : glances.error;
  const pick = (of: string) => put({ process: of, hash: '', way: '', step: '', next: '', what: '' });
  return (
    <Screen
      title="Workflow"
      sub={head}
      actions={
        <ExportButton
          name={`process-metrics-${process ?? 'all'}`}
          disabled={!metrics.data || metrics.data.steps.length === 0}
          table={() => exported(metrics.data as Metrics)}
        />
      }
      flush
    >
      <div className="filters">
        <Select
          size="xs"
          w={220}
          aria-label="Process"
          placeholder="Every process"
          clearable
          data={(glances.data?.items ?? []).map(({ process: code }) => ({ value: code, label: nameOfProcess(code) }))}
          value={process ?? null}
          onChange={(code) => pick(code ?? '')}
        />
        {metrics.data && metrics.data.versions.length > 1 && (
          <Select
            size="xs"
            w={180}
            aria-label="Version"
            placeholder="Every version"
            clearable
            data={metrics.data.versions.map((one) => ({
              value: one.hash,
              label: `${one.version === null ? `…${one.hash.slice(-6)}` : `Version ${one.version}`} (${countText(one.instances)})`,
            }))}
            value={hash ?? null}
            onChange={(value) => put({ hash: value ?? '' })}
          />
        )}
        <TextInput
          size="xs"
          type="date"
          aria-label="From"
          value={from ?? ''}
          onChange={(event) => put({ from: event.currentTarget.value })}
        />
        <TextInput
          size="xs"
          type="date"
          aria-label="Until"
          value={to ?? ''}
          onChange={(event) => put({ to: event.currentTarget.value })}
        />
        <SegmentedControl
          size="xs"
          aria-label="Which time"
          data={[
            { value: 'elapsed', label: 'Elapsed' },
            { value: 'business', label: 'Business time' },
          ]}
          value={time}
          onChange={(value) => put({ time: value })}
        />
        {period && <span className="t-dim t-sm">{period}</span>}
      </div>
      {error && <Refusal error={error} retry={() => void (process ? metrics : glances).refetch()} />}
      {(process ? metrics.isPending : glances.isPending) && <RowsLoading rows={8} />}
      {!process && glances.data && glances.data.items.length === 0 && (
        <Empty title="No process has run yet">Submit something that needs an approval, or start one.</Empty>
      )}
      {!process && glances.data && glances.data.items.length > 0 && <Glances items={glances.data.items} pick={pick} />}
      {process && metrics.data && <One asked={asked} metrics={metrics.data} time={time} />}
    </Screen>
  );
}
