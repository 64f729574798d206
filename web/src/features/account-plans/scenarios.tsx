import { Button, Checkbox, Modal, Select, TextInput } from '@mantine/core';
import { IconCheck, IconPlus, IconRefresh } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { type FormEvent, useMemo, useState } from 'react';
import { customersQuery } from '../../api/queries.ts';
import { request } from '../../api/request.ts';
import { useMay } from '../../api/session.ts';
import type { Customer } from '../../api/shapes.ts';
import { ExportButton } from '../../ui/export-button.tsx';
import { wordsOf } from '../../ui/format.ts';
import { useKeys } from '../../ui/keys.ts';
import { Empty, Panel, Refusal, RowsLoading, Screen } from '../../ui/screen.tsx';
import { figureCell } from '../../ui/sheet-rows.ts';
import { sayDone, sayRefused } from '../../ui/toast.tsx';
import { Comparison } from './comparison.tsx';
import { lineNames } from './lines.ts';
import { comparisonQuery, plansQuery, pnlQuery, scenarioQuery, scenariosQuery } from './queries.ts';
import { ScenarioChart } from './scenario-chart.tsx';
import { ScenarioEdits } from './scenario-edits.tsx';
import { ScenarioPromotion } from './scenario-promotion.tsx';
import {
  type ComparedColumn,
  type PlanItem,
  planLines,
  type Scenario,
  type ScenarioEdit,
  type ScenarioHead,
} from './shapes.ts';

/** Scenarios beside the plan, at most: more are not read side by side. */
const mostCompared = 3;

/** A customer and all below it. */
function branchOf(customers: readonly Customer[], rootId: string): Set<string> {
  const branch = new Set([rootId]);
  for (let grew = true; grew; ) {
    grew = false;
    for (const { id, parentId } of customers) {
      if (parentId && branch.has(parentId) && !branch.has(id)) {
        branch.add(id);
        grew = true;
      }
    }
  }
  return branch;
}

/** The year's lines of the plan and of each scenario, and by how much each scenario differs. */
function exported(columns: readonly ComparedColumn[]) {
  const [plan, ...others] = columns;
  return {
    head: ['line', plan?.name ?? '', ...others.flatMap(({ name }) => [name, `${name}, difference`])],
    rows: planLines.map((line) => [
      lineNames[line],
      figureCell(plan?.figures.plan[line]),
      ...others.flatMap(({ figures }) => [figureCell(figures.plan[line]), figureCell(figures.difference[line])]),
    ]),
  };
}

function NewScenario({
  planId,
  scenarios,
  close,
  made,
}: {
  planId: string;
  scenarios: readonly ScenarioHead[];
  close(): void;
  made(id: string): void;
}) {
  const [name, setName] = useState('');
  const [copyOf, setCopyOf] = useState<string | null>(null);
  const create = useMutation({
    mutationFn: () =>
      request<Scenario>('/scenarios', {
        method: 'POST',
        body: { planId, name: name.trim(), ...(copyOf ? { copyOf } : {}) },
      }),
    onSuccess: ({ id }) => made(id),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate();
  };
  return (
    <Modal opened onClose={close} closeOnClickOutside={false} title="New scenario">
      <form className="stack" onSubmit={submit}>
        <TextInput label="Name" data-autofocus value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <Select
          label="Copied from"
          placeholder="The plan as it stands"
          clearable
          data={scenarios.map((one) => ({ value: one.id, label: one.name }))}
          value={copyOf}
          onChange={setCopyOf}
        />
        {create.error && <Refusal error={create.error} />}
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" disabled={name.trim() === ''} loading={create.isPending}>
            Create
          </Button>
        </div>
      </form>
    </Modal>
  );
}

function useScenarioSearch() {
  const search = useSearch({ from: '/app/scenarios' });
  const navigate = useNavigate();
  const put = (members: Partial<typeof search>) => {
    const next = Object.fromEntries(Object.entries({ ...search, ...members }).filter(([, value]) => value));
    void navigate({ to: '/scenarios', search: next, replace: true });
  };
  return { search, put };
}

function ScenarioDetail({ plan, id }: { plan: PlanItem; id: string }) {
  const client = useQueryClient();
  const may = useMay();
  const scenario = useQuery(scenarioQuery(id));
  const pnl = useQuery(pnlQuery(plan.id, undefined));
  const customers = useQuery(customersQuery);
  const branch = useMemo(() => branchOf(customers.data ?? [], plan.customerId), [customers.data, plan.customerId]);
  const [asked, setAsked] = useState(false);
  const [planning, setPlanning] = useState(false);
  const changed = () => {
    void client.invalidateQueries({ queryKey: ['scenario', id] });
    void client.invalidateQueries({ queryKey: ['scenarios', plan.id] });
  };
  const change = useMutation({
    mutationFn: (body: { edits?: ScenarioEdit[]; rebase?: boolean }) =>
      request(`/scenarios/${id}`, { method: 'PATCH', body, ifMatch: scenario.data?.version ?? 0 }),
    onSuccess: changed,
    onError: sayRefused,
  });
  const adopt = useMutation({
    mutationFn: () =>
      request<Scenario>(`/scenarios/${id}/adopt`, { method: 'POST', ifMatch: scenario.data?.version ?? 0 }),
    onSuccess: ({ adoption }) => {
      const refused = adoption.filter(({ state }) => state === 'refused').length;
      sayDone('Adopted', refused > 0 ? `${refused} changes could not be carried out: see why beside them.` : undefined);
      setAsked(false);
      changed();
      void client.invalidateQueries({ queryKey: plansQuery.queryKey });
      void client.invalidateQueries({ queryKey: ['promotions'] });
    },
    onError: (error) => {
      setAsked(false);
      sayRefused(error);
    },
  });
  if (scenario.error) return <Refusal error={scenario.error} retry={() => void scenario.refetch()} />;
  if (!scenario.data || !pnl.data) return <RowsLoading rows={6} />;
  const { name, state, snapshot, edits } = scenario.data;
  const { periods } = pnl.data;
  const range = { from: periods[0]?.startsOn, to: periods.at(-1)?.endsOn };
  const actions = state === 'open' && (
    <div className="row panel-body" style={{ flexWrap: 'wrap' }}>
      {may('promotions:update') && snapshot !== plan.snapshot && (
        <Button
          variant="default"
          leftSection={<IconRefresh size={14} />}
          loading={change.isPending}
          onClick={() => change.mutate({ rebase: true })}
        >
          Put on the latest snapshot
        </Button>
      )}
      {may('promotions:update') && (
        <Button
          variant="default"
          leftSection={<IconPlus size={14} />}
          loading={change.isPending}
          onClick={() => setPlanning(true)}
        >
          New promotion
        </Button>
      )}
      {may('promotions:create') && (
        <Button leftSection={<IconCheck size={14} />} disabled={edits.length === 0} onClick={() => setAsked(true)}>
          Adopt
        </Button>
      )}
    </div>
  );
  return (
    <Panel title={`Changes of ${name}`} aside={state !== 'open' && <span className="tag">{wordsOf(state)}</span>}>
      <ScenarioEdits
        key={id}
        scenario={scenario.data}
        periods={periods}
        customerIds={branch}
        range={{ from: range.from ?? '', to: range.to ?? '' }}
        change={(next) => change.mutate({ edits: next })}
        pending={change.isPending}
      />
      {actions}
      {planning && (
        <ScenarioPromotion
          plan={plan}
          startsOn={periods.find(({ state: of }) => of === 'open')?.startsOn ?? ''}
          add={(edit) => change.mutate({ edits: [...edits, edit] })}
          close={() => setPlanning(false)}
        />
      )}
      {asked && (
        <Modal opened onClose={() => setAsked(false)} title={`Adopt ${name}?`}>
          <div className="stack">
            <div>
              Its targets and baselines become the plan’s, its promotions drafts to be submitted. The other open
              scenarios of this plan are marked not adopted. This happens once.
            </div>
            <div className="row" style={{ justifyContent: 'flex-end' }}>
              <Button variant="default" onClick={() => setAsked(false)}>
                Cancel
              </Button>
              <Button loading={adopt.isPending} onClick={() => adopt.mutate()}>
                Adopt
              </Button>
            </div>
          </div>
        </Modal>
      )}
    </Panel>
  );
}

/** Scenarios of an account plan: side by side, volume against contribution, and one of them adopted. */
export function Scenarios() {
  const { search, put } = useScenarioSearch();
  const navigate = useNavigate();
  const client = useQueryClient();
  const may = useMay();
  const plans = useQuery(plansQuery);
  const plan = plans.data?.find(({ id }) => id === search.plan) ?? plans.data?.[0];
  const scenarios = useQuery(scenariosQuery(plan?.id ?? ''));
  const items = scenarios.data ?? [];
  const chosen = (
    search.with === undefined
      ? items.filter(({ state }) => state === 'open').map(({ id }) => id)
      : search.with.split(',')
  )
    .filter((id) => items.some((one) => one.id === id))
    .slice(0, mostCompared);
  const comparison = useQuery({
    ...comparisonQuery(plan?.id ?? '', chosen),
    enabled: plan !== undefined && plan.snapshot !== null && scenarios.data !== undefined,
  });
  const picked = items.find(({ id }) => id === search.scenario)?.id ?? chosen[0] ?? items[0]?.id;
  const [asked, setAsked] = useState(false);
  const step = (by: 1 | -1) => {
    const at = items.findIndex(({ id }) => id === picked);
    const next = items[Math.min(items.length - 1, Math.max(0, at + by))];
    if (next) put({ scenario: next.id });
  };
  useKeys({ j: () => step(1), k: () => step(-1) });
  const toggle = (id: string) => {
    const next = chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id].slice(-mostCompared);
    put({ with: next.join(',') || 'none' });
  };
  const columns = comparison.data?.columns ?? [];
  return (
    <Screen
      title="Scenarios"
      sub={
        plan && (
          <Select
            aria-label="Plan"
            w={280}
            data={(plans.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
            value={plan.id}
            allowDeselect={false}
            searchable
            onChange={(id) => put({ plan: id ?? '', with: '', scenario: '' })}
          />
        )
      }
      actions={
        plan && (
          <>
            <Button
              variant="default"
              onClick={() => void navigate({ to: '/account-plans', search: { plan: plan.id } })}
            >
              Account plan
            </Button>
            <ExportButton
              name={`scenarios-${plan.name}`}
              disabled={columns.length === 0}
              table={() => exported(columns)}
            />
            {may('promotions:create') && (
              <Button
                leftSection={<IconPlus size={14} />}
                disabled={plan.snapshot === null}
                onClick={() => setAsked(true)}
              >
                New scenario
              </Button>
            )}
          </>
        )
      }
      flush
    >
      {plans.error && <Refusal error={plans.error} retry={() => void plans.refetch()} />}
      {plans.data && !plan && (
        <Empty title="No account plan yet">
          Scenarios are copies of a plan: <Link to="/account-plans">open one</Link> first.
        </Empty>
      )}
      {plan && (
        <div className="panes" data-picked={search.scenario !== undefined}>
          <div className="pane-list">
            {scenarios.error && <Refusal error={scenarios.error} retry={() => void scenarios.refetch()} />}
            {scenarios.isPending && <RowsLoading rows={4} heightPx={52} />}
            {scenarios.data && items.length === 0 && (
              <Empty title="No scenarios">Copy the plan into one and try what would close its gap.</Empty>
            )}
            {items.map((one) => (
              <div
                key={one.id}
                className="item"
                style={{ display: 'flex', alignItems: 'flex-start', gap: 8 }}
                aria-current={one.id === picked}
              >
                <Checkbox
                  size="xs"
                  aria-label={`Compare ${one.name}`}
                  checked={chosen.includes(one.id)}
                  onChange={() => toggle(one.id)}
                />
                <button
                  type="button"
                  className="plain grow"
                  style={{ textAlign: 'left' }}
                  onClick={() => put({ scenario: one.id })}
                >
                  <div className="title cut">{one.name}</div>
                  <div className="t-dim t-sm">
                    {wordsOf(one.state)} · {one.edits.length} {one.edits.length === 1 ? 'change' : 'changes'} · on
                    snapshot {one.snapshot}
                  </div>
                </button>
              </div>
            ))}
            {picked && <ScenarioDetail key={picked} plan={plan} id={picked} />}
          </div>
          <div className="pane-detail">
            <div className="stack" style={{ gap: 12 }}>
              {comparison.error && <Refusal error={comparison.error} retry={() => void comparison.refetch()} />}
              {columns.length > 0 && (
                <>
                  <Comparison columns={columns} picked={picked ?? ''} pick={(id) => put({ scenario: id })} />
                  <Panel title="Volume and profit">
                    <ScenarioChart columns={columns} />
                  </Panel>
                </>
              )}
            </div>
          </div>
        </div>
      )}
      {asked && plan && (
        <NewScenario
          planId={plan.id}
          scenarios={items}
          close={() => setAsked(false)}
          made={(id) => {
            setAsked(false);
            void client.invalidateQueries({ queryKey: ['scenarios', plan.id] });
            put({ scenario: id, with: [...chosen, id].slice(-mostCompared).join(',') });
          }}
        />
      )}
    </Screen>
  );
}
