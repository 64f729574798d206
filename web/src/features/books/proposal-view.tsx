import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { customersQuery } from '../../api/queries.ts';
import { request } from '../../api/request.ts';
import { useMay } from '../../api/session.ts';
import { ExportButton } from '../../ui/export-button.tsx';
import { countText, dateText, instantText, wordsOf } from '../../ui/format.ts';
import { useOneAtATime } from '../../ui/one-at-a-time.ts';
import { Empty, Panel, Refusal, RowsLoading } from '../../ui/screen.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { sayDone } from '../../ui/toast.tsx';
import { CellValue, FigureValueButton } from '../../ui/values.tsx';
import { proposalQuery, runsQuery } from './queries.ts';
import type { AccrualRun, Period, Proposal, ProposedGroup, ProposedTactic } from './shapes.ts';

type Customers = ReadonlyMap<string, string>;

function Totals({ proposal }: { proposal: Proposal }) {
  return (
    <>
      {proposal.totals.map(({ currency, due, forecast, lastRun }) => (
        <div className="kpis" key={currency}>
          <div className="kpi">
            <span className="label">Due now</span>
            <span className="value">
              <FigureValueButton figure={due} label={`Due in ${currency}`} />
            </span>
          </div>
          <div className="kpi">
            <span className="label">of earned to date on forecast</span>
            <span className="value">
              <CellValue of="proposal.forecast" row={{}} value={forecast} label="Of it on forecast volumes" />
            </span>
          </div>
          <div className="kpi">
            <span className="label">Last run, same tactics</span>
            <span className="value">
              <CellValue
                of="proposal.lastRun"
                row={{ due, lastRunId: proposal.lastRun?.id }}
                value={lastRun}
                label="Last run, same tactics"
              />
            </span>
            {proposal.lastRun && <span className="interval">{instantText(proposal.lastRun.startedAt)}</span>}
          </div>
          <div className="kpi">
            <span className="label">Tactics</span>
            <span className="value num">{countText(proposal.tacticCount)}</span>
            <span className="interval">mapping version {proposal.glMapping}</span>
          </div>
        </div>
      ))}
    </>
  );
}

function Groups({ proposal, customers }: { proposal: Proposal; customers: Customers }) {
  const ofLastRun = (group: ProposedGroup) => ({
    ...{ lastRunId: proposal.lastRun?.id, entryKind: group.kind === 'release' ? 'release' : 'earn' },
  });
  const cell = (group: ProposedGroup, of: 'lastRun' | 'earnedToDate' | 'forecast' | 'plan', label: string) => (
    <CellValue
      of={`proposal.${of}`}
      row={{ ...group, ...ofLastRun(group) }}
      value={group[of]}
      label={label}
      currency={false}
    />
  );
  return (
    <table className="grid tight">
      <thead>
        <tr>
          <th>GL account</th>
          <th>Mechanic</th>
          <th>Customer</th>
          <th className="right">Tactics</th>
          <th className="right">Due</th>
          <th className="right">Last run</th>
          <th className="right">Variance</th>
          <th className="right">Earned to date</th>
          <th className="right">of it forecast</th>
          <th className="right">Plan</th>
        </tr>
      </thead>
      <tbody>
        {proposal.groups.map((group) => (
          <tr key={[group.kind, group.glAccount, group.costCentre, group.mechanic, group.customerId].join()}>
            <td className="num">
              {group.glAccount}
              {group.costCentre && <span className="t-faint"> {group.costCentre}</span>}
            </td>
            <td>
              {wordsOf(group.mechanic)}
              {group.kind === 'release' && <span className="tag">release</span>}
            </td>
            <td className="cut">{customers.get(group.customerId) ?? ''}</td>
            <td className="right num">{countText(group.tactics)}</td>
            <td className="right">
              <FigureValueButton figure={group.due} label="Due" />
            </td>
            <td className="right">{cell(group, 'lastRun', 'Last run')}</td>
            <td className="right">
              <FigureValueButton figure={group.variance} label="Variance" currency={false} />
            </td>
            <td className="right">{cell(group, 'earnedToDate', 'Earned to date')}</td>
            <td className="right">{cell(group, 'forecast', 'Of it on forecast volumes')}</td>
            <td className="right">{cell(group, 'plan', 'Plan')}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Tactics({ proposal, customers }: { proposal: Proposal; customers: Customers }) {
  const cell = (tactic: ProposedTactic, of: 'forecast' | 'accruedBefore' | 'earnedToDate', label: string) => (
    <CellValue
      of={`proposal.tactic.${of}`}
      row={tactic}
      value={tactic[of]}
      label={`${label}, ${tactic.promotionCode}`}
      currency={false}
    />
  );
  return (
    <table className="grid tight">
      <thead>
        <tr>
          <th>Promotion</th>
          <th>Mechanic</th>
          <th>Customer</th>
          <th className="right">Due</th>
          <th className="right">of earned on forecast</th>
          <th className="right">Accrued before</th>
          <th className="right">Earned to date</th>
          <th className="right">against plan</th>
        </tr>
      </thead>
      <tbody>
        {proposal.tactics.map((tactic) => (
          <tr key={tactic.kind + tactic.tacticId}>
            <td>
              <Link to="/promotions/$id" params={{ id: tactic.promotionId }}>
                {tactic.promotionCode}
              </Link>
            </td>
            <td>
              {wordsOf(tactic.mechanic)}
              {tactic.kind === 'release' && <span className="tag">release</span>}
            </td>
            <td className="cut">{customers.get(tactic.customerId) ?? ''}</td>
            <td className="right">
              <FigureValueButton figure={tactic.due} label={`Due for ${tactic.promotionCode}`} />
            </td>
            <td className="right">{cell(tactic, 'forecast', 'Of earned on forecast volumes')}</td>
            <td className="right">{cell(tactic, 'accruedBefore', 'Accrued before')}</td>
            <td className="right">{cell(tactic, 'earnedToDate', 'Earned to date')}</td>
            <td className="right">
              {tactic.againstPlan ? (
                <FigureValueButton figure={tactic.againstPlan} label="Earned against plan" currency={false} />
              ) : (
                <span className="t-faint">no plan</span>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Runs({ runs, period }: { runs: readonly AccrualRun[]; period: Period }) {
  const client = useQueryClient();
  const once = useOneAtATime();
  const cancel = useMutation({
    mutationFn: (id: string) => request(`/accruals/runs/${id}/cancel`, { method: 'POST' }),
    onSettled: () => void client.invalidateQueries({ queryKey: ['books'] }),
  });
  if (runs.length === 0) return <Empty title="Never prepared">The first run of this period appears here.</Empty>;
  return (
    <table className="grid tight" aria-label={`Runs of period ${period.period}`}>
      <thead>
        <tr>
          <th>Started</th>
          <th>State</th>
          <th className="right">Batches</th>
          <th className="right">Tactics read</th>
          <th className="right">Movements</th>
          <th />
        </tr>
      </thead>
      <tbody>
        {runs.map((run) => (
          <tr key={run.id}>
            <td className="num">{instantText(run.startedAt)}</td>
            <td>
              <StateBadge state={run.state} />
            </td>
            <td className="right num">{countText(run.batches)}</td>
            <td className="right num">{countText(run.tactics)}</td>
            <td className="right num">{countText(run.movements)}</td>
            <td className="right">
              {run.state === 'running' && (
                <Button
                  variant="subtle"
                  loading={cancel.isPending}
                  onClick={() => once(() => cancel.mutateAsync(run.id))}
                >
                  Cancel
                </Button>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** What preparing the period would book, with variances, and the runs that prepared it. */
export function ProposalView({ period }: { period: Period }) {
  const may = useMay();
  const client = useQueryClient();
  const navigate = useNavigate();
  const once = useOneAtATime();
  const closed = period.state === 'closed';
  const proposal = useQuery({ ...proposalQuery(period.id), enabled: !closed });
  const customerList = useQuery(customersQuery);
  const customers = useMemo(
    () => new Map((customerList.data ?? []).map(({ id, name }) => [id, name])),
    [customerList.data],
  );
  const prepare = useMutation({
    mutationFn: () => request<{ journalIds: string[] }>('/accruals', { method: 'POST', body: { periodId: period.id } }),
    onSuccess: ({ journalIds }) => {
      sayDone(
        'Accruals prepared',
        journalIds.length === 0 ? 'Nothing was due.' : 'Somebody else approves the journals.',
      );
      if (journalIds.length > 0) void navigate({ to: '/accruals', search: { period: period.id, view: 'journals' } });
    },
    onSettled: () => void client.invalidateQueries({ queryKey: ['books'] }),
  });
  const runs = useQuery(runsQuery(period.id, prepare.isPending));
  const { data } = proposal;
  const busy = prepare.isPending || (runs.data?.items.some(({ state }) => state === 'running') ?? false);
  const table = () => ({
    head: [
      'kind',
      'gl_account',
      'cost_centre',
      'mechanic',
      'customer',
      'tactics',
      'due',
      'last_run',
      'earned_to_date',
      'currency',
    ],
    rows: (data?.groups ?? []).map((group) => [
      ...[group.kind, group.glAccount, group.costCentre ?? '', group.mechanic, customers.get(group.customerId) ?? ''],
      ...[String(group.tactics), (group.due.value as { amount: string }).amount, group.lastRun.amount],
      ...[group.earnedToDate.amount, group.lastRun.currency],
    ]),
  });
  return (
    <>
      <div className="row spread">
        <span className="t-dim">
          Earned through {dateText(period.endsOn)} less what was accrued before; nothing is stored until it is prepared.
        </span>
        <div className="row">
          <ExportButton name="proposed-accruals" table={table} disabled={!data || data.groups.length === 0} />
          {may('accruals:post') && (
            <Button
              onClick={() => once(() => prepare.mutateAsync())}
              loading={busy}
              disabled={closed || data === undefined || data.tacticCount === 0}
            >
              Prepare accruals
            </Button>
          )}
        </div>
      </div>
      {prepare.error && <Refusal error={prepare.error} />}
      {proposal.error && <Refusal error={proposal.error} retry={() => void proposal.refetch()} />}
      {proposal.isLoading && <RowsLoading rows={8} />}
      {closed && <Empty title="The period is closed">Late facts fall into the next open one.</Empty>}
      {data?.tacticCount === 0 && (
        <Empty title="Nothing is due">
          Everything earned through the period’s end is accrued. New sales and shipments appear here.
        </Empty>
      )}
      {data && data.tacticCount > 0 && (
        <>
          <Totals proposal={data} />
          <Panel title="By account and customer" className="scrolls">
            <Groups proposal={data} customers={customers} />
          </Panel>
          <Panel
            title="By tactic"
            className="scrolls"
            aside={
              data.tacticCount > data.tactics.length && (
                <span className="t-dim">
                  the {data.tactics.length} largest of {countText(data.tacticCount)}
                </span>
              )
            }
          >
            <Tactics proposal={data} customers={customers} />
          </Panel>
        </>
      )}
      <Panel title="Runs" className="scrolls">
        {runs.error ? (
          <Refusal error={runs.error} retry={() => void runs.refetch()} />
        ) : (
          runs.data && <Runs runs={runs.data.items} period={period} />
        )}
      </Panel>
    </>
  );
}
