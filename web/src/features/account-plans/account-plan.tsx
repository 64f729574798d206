import { Button, SegmentedControl, Select } from '@mantine/core';
import { IconGitCompare, IconPlus, IconRefresh, IconTargetArrow } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { request } from '../../api/request.ts';
import { useMay } from '../../api/session.ts';
import { Comments } from '../../ui/comments.tsx';
import { ExportButton } from '../../ui/export-button.tsx';
import { dateText, instantText } from '../../ui/format.ts';
import { useKeys } from '../../ui/keys.ts';
import { Empty, Panel, Refusal, RowsLoading, Screen } from '../../ui/screen.tsx';
import { figureCell } from '../../ui/sheet-rows.ts';
import { sayDone, sayRefused } from '../../ui/toast.tsx';
import { Breakdown, type BreakdownBy } from './breakdown.tsx';
import { GapClosersTable } from './gap-closers.tsx';
import { columnNames, lineNames } from './lines.ts';
import { NewPlan } from './new-plan.tsx';
import { PlanFigure } from './plan-figure.tsx';
import { LineByPeriod, PnlOfPeriod } from './pnl-tables.tsx';
import { plansQuery, pnlQuery, snapshotsQuery } from './queries.ts';
import { type PlanColumn, type PlanItem, type PlanLine, type Pnl, planColumns, planLines } from './shapes.ts';
import { TargetsForm } from './targets-form.tsx';
import { Waterfall } from './waterfall.tsx';

const drawn: readonly PlanColumn[] = ['plan', 'latestEstimate', 'actual'];

/** Everything on the screen, line by line and period by period. */
function exported(pnl: Pnl) {
  const head = ['line', 'period', ...planColumns];
  const rows = pnl.lines.flatMap((row) => [
    ...row.periods.map((values, i) => [
      lineNames[row.line],
      `P${pnl.periods[i]?.period}`,
      ...planColumns.map((column) => figureCell({ value: values[column], unit: row.unit })),
    ]),
    [
      lineNames[row.line],
      'Year',
      ...planColumns.map((column) => figureCell({ value: row.year[column], unit: row.unit })),
    ],
  ]);
  return { head, rows };
}

function Year({ pnl, period, line }: { pnl: Pnl; period: number | undefined; line: PlanLine }) {
  const row = pnl.lines.find((one) => one.line === line);
  const at = pnl.periods.findIndex((one) => one.period === period);
  const values = row?.periods[at] ?? row?.year;
  if (!values) return null;
  return (
    <div className="kpis">
      {planColumns.map((column) => (
        <div className="kpi" key={column}>
          <span className="label">
            {lineNames[line]}, {columnNames[column].toLowerCase()}
          </span>
          <span className="value">
            <PlanFigure
              place={{ planId: pnl.planId, snapshot: pnl.snapshot, line, column, period }}
              value={values[column]}
            />
          </span>
          <span className="interval">
            {row?.unit === 'money' ? pnl.currency : row?.unit === 'units' ? 'cases' : ''}
          </span>
        </div>
      ))}
    </div>
  );
}

function Snapshots({ planId, shown, pick }: { planId: string; shown: number; pick(snapshot: number): void }) {
  const snapshots = useQuery(snapshotsQuery(planId));
  if (!snapshots.data) return null;
  return (
    <Select
      aria-label="Snapshot"
      w={236}
      data={snapshots.data.items.map(({ snapshot, recordedAt }, i) => ({
        value: String(snapshot),
        label: `${i === 0 ? 'Latest, ' : `${snapshot}, `}${instantText(recordedAt)}`,
      }))}
      value={String(shown)}
      allowDeselect={false}
      onChange={(value) => pick(Number(value))}
    />
  );
}

function Notes({ pnl }: { pnl: Pnl }) {
  const { baselineVersion, termVersions, notes, closedThrough } = pnl;
  return (
    <Panel title="What it was counted from">
      <div className="panel-body stack t-dim">
        <div>
          Baseline {baselineVersion ?? 'without a model'} ·{' '}
          {termVersions.length === 0
            ? 'no terms agreed'
            : `agreement versions behind the terms: ${termVersions.length}`}{' '}
          · facts through {dateText(closedThrough)} · actual tactic spend as accruals count it, or as measured after the
          event
        </div>
        {notes.map((note) => (
          <div key={note}>{note}</div>
        ))}
      </div>
    </Panel>
  );
}

type Search = ReturnType<typeof usePlanSearch>['search'];

function usePlanSearch() {
  const search = useSearch({ from: '/app/account-plans' });
  const navigate = useNavigate();
  const put = (members: Partial<typeof search>) => {
    const next = Object.fromEntries(Object.entries({ ...search, ...members }).filter(([, value]) => value));
    void navigate({ to: '/account-plans', search: next, replace: true });
  };
  return { search, put };
}

function lineOf(text: string | undefined): PlanLine {
  return planLines.find((line) => line === text) ?? 'contribution';
}

function PlanBody({
  plan,
  pnl,
  search,
  put,
}: {
  plan: PlanItem;
  pnl: Pnl;
  search: Search;
  put(next: Partial<Search>): void;
}) {
  const line = lineOf(search.line);
  const period = pnl.periods.find((one) => String(one.period) === search.period)?.period;
  const column = drawn.find((one) => one === search.column) ?? 'latestEstimate';
  const by = (['account', 'product', 'promotion'] as const).find((one) => one === search.by) ?? 'account';
  const pickPeriod = (next: number | undefined) => put({ period: next === undefined ? '' : String(next) });
  const step = (by_: 1 | -1) => {
    const order = [...pnl.periods.map((one) => one.period), undefined];
    pickPeriod(order[Math.min(order.length - 1, Math.max(0, order.indexOf(period) + by_))]);
  };
  useKeys({ j: () => step(1), k: () => step(-1) });
  const when = period === undefined ? `FY${plan.fiscalYear}` : `P${period} FY${plan.fiscalYear}`;
  return (
    <div className="stack" style={{ gap: 12 }}>
      <Year pnl={pnl} period={period} line={line} />
      <div className="two">
        <Panel title={`Customer P&L, ${when}`} className="scrolls">
          <PnlOfPeriod pnl={pnl} period={period} line={line} pick={(next) => put({ line: next })} />
        </Panel>
        <Panel title={`${lineNames[line]} by period`} className="scrolls">
          <LineByPeriod pnl={pnl} line={line} period={period} pick={pickPeriod} />
        </Panel>
      </div>
      <div className="two">
        <Panel
          title={`List to pocket, ${when}`}
          aside={
            <SegmentedControl
              aria-label="Column of the waterfall"
              data={drawn.map((one) => ({ value: one, label: columnNames[one] }))}
              value={column}
              onChange={(value) => put({ column: value })}
            />
          }
        >
          <Waterfall pnl={pnl} period={period} column={column} />
        </Panel>
        <Panel title="What closes the gap" className="scrolls">
          <GapClosersTable planId={plan.id} />
        </Panel>
      </div>
      <Breakdown pnl={pnl} period={period} by={by} pick={(next: BreakdownBy) => put({ by: next })} />
      <div className="two">
        <Notes pnl={pnl} />
        <Comments subjectType="account_plan" subjectId={plan.id} />
      </div>
    </div>
  );
}

/** Account plans: the customer P&L by fiscal period, from list to pocket, with what closes the gap. */
export function AccountPlans() {
  const { search, put } = usePlanSearch();
  const navigate = useNavigate();
  const client = useQueryClient();
  const may = useMay();
  const plans = useQuery(plansQuery);
  const plan = plans.data?.find(({ id }) => id === search.plan) ?? plans.data?.[0];
  const pnl = useQuery({
    ...pnlQuery(plan?.id ?? '', search.snapshot),
    enabled: plan !== undefined && plan.snapshot !== null,
  });
  const [form, setForm] = useState<'targets' | 'new' | null>(null);
  const calculate = useMutation({
    mutationFn: (id: string) => request(`/account-plans/${id}/calculate`, { method: 'POST' }),
    onSuccess: () => {
      sayDone('Calculated', plan?.name);
      void client.invalidateQueries({ queryKey: plansQuery.queryKey });
    },
    onError: sayRefused,
  });
  const actions = (
    <>
      {plan && pnl.data && (
        <Snapshots
          planId={plan.id}
          shown={pnl.data.snapshot}
          pick={(snapshot) => put({ snapshot: snapshot === plan.snapshot ? '' : String(snapshot) })}
        />
      )}
      {plan && (
        <Button
          variant="default"
          leftSection={<IconGitCompare size={14} />}
          onClick={() => void navigate({ to: '/scenarios', search: { plan: plan.id } })}
        >
          Scenarios
        </Button>
      )}
      {plan && may('promotions:update') && (
        <>
          <Button
            variant="default"
            leftSection={<IconTargetArrow size={14} />}
            disabled={!pnl.data}
            onClick={() => setForm('targets')}
          >
            Targets
          </Button>
          <Button
            variant="default"
            leftSection={<IconRefresh size={14} />}
            loading={calculate.isPending}
            onClick={() => calculate.mutate(plan.id)}
          >
            Recalculate
          </Button>
        </>
      )}
      {plan && pnl.data && <ExportButton name={`account-plan-${plan.name}`} table={() => exported(pnl.data)} />}
      {may('promotions:create') && (
        <Button leftSection={<IconPlus size={14} />} onClick={() => setForm('new')}>
          New plan
        </Button>
      )}
    </>
  );
  return (
    <Screen
      title="Account plan"
      sub={
        plans.data &&
        plans.data.length > 0 && (
          <Select
            aria-label="Plan"
            w={230}
            data={plans.data.map(({ id, name }) => ({ value: id, label: name }))}
            value={plan?.id ?? null}
            allowDeselect={false}
            searchable
            onChange={(id) => put({ plan: id ?? '', snapshot: '', period: '' })}
          />
        )
      }
      actions={actions}
    >
      {plans.error && <Refusal error={plans.error} retry={() => void plans.refetch()} />}
      {plans.isPending && <RowsLoading rows={10} />}
      {plans.data && !plan && (
        <Empty title="No account plan yet">
          Open the plan of a customer for a fiscal year: baseline, promotions and terms are counted at once.
        </Empty>
      )}
      {plan?.refusal && <Empty title="The plan could not be calculated">{plan.refusal}</Empty>}
      {plan && plan.snapshot === null && !plan.refusal && (
        <Empty title="The plan is being calculated">Baselines are predicted account by account.</Empty>
      )}
      {pnl.error && <Refusal error={pnl.error} retry={() => void pnl.refetch()} />}
      {plan && pnl.data && <PlanBody plan={plan} pnl={pnl.data} search={search} put={put} />}
      {form === 'targets' && plan && pnl.data && (
        <TargetsForm plan={plan} periods={pnl.data.periods} close={() => setForm(null)} />
      )}
      {form === 'new' && (
        <NewPlan
          close={() => setForm(null)}
          made={(id) => {
            setForm(null);
            put({ plan: id, snapshot: '', period: '' });
          }}
        />
      )}
    </Screen>
  );
}
