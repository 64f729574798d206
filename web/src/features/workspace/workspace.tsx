import { Button, Tabs } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { customersQuery, planQuery, promotionQuery } from '../../api/queries.ts';
import { request } from '../../api/request.ts';
import { useMay } from '../../api/session.ts';
import type { Promotion } from '../../api/shapes.ts';
import { rangeText } from '../../ui/format.ts';
import { useKeys } from '../../ui/keys.ts';
import { Refusal, RowsLoading, Screen } from '../../ui/screen.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { sayDone, sayRefused } from '../../ui/toast.tsx';
import { ConflictPanel } from '../evidence/lists.tsx';
import { type Draft, draftOf } from './draft.ts';
import { LifeActions } from './life-actions.tsx';
import { Missing } from './new-promotion.tsx';
import { PlanView } from './plan-view.tsx';
import { PostEventView } from './post-event.tsx';
import { PromotionForm } from './promotion-form.tsx';
import { useDraftPlan } from './use-draft-plan.ts';
import { VersionsView } from './versions.tsx';

/** States in which the funds hold the promotion's money. */
const holding = new Set(['submitted', 'approved', 'active', 'on_hold', 'ended', 'in_settlement']);
const measurable = new Set(['ended', 'in_settlement', 'closed']);

function Editor({ promotion, currency }: { promotion: Promotion; currency: string }) {
  const client = useQueryClient();
  const may = useMay();
  const [draft, setDraft] = useState<Draft | null>(null);
  const form = useRef<HTMLDivElement>(null);
  const editable = may('promotions:update') && promotion.state === 'draft';
  const shown = draft ?? draftOf(promotion);
  const stored = useQuery(planQuery(promotion.id));
  const preview = useDraftPlan(shown, currency, editable && draft !== null);
  const save = useMutation({
    mutationFn: () =>
      request<Promotion>(`/promotions/${promotion.id}`, {
        method: 'PATCH',
        body: preview.input,
        ifMatch: promotion.version,
      }),
    onSuccess: (saved) => {
      client.setQueryData(['promotion', promotion.id], saved);
      for (const key of ['plan', 'conflicts', 'promotions', 'history'])
        void client.invalidateQueries({ queryKey: [key] });
      setDraft(null);
      sayDone('Saved', promotion.code);
    },
    onError: (error) => {
      sayRefused(error);
      void client.invalidateQueries({ queryKey: ['promotion', promotion.id] });
    },
  });
  useKeys({ e: () => form.current?.querySelector<HTMLElement>('input:not([disabled])')?.focus() }, editable);
  const dirty = draft !== null;
  const plan = (dirty ? preview.plan : undefined) ?? stored.data;
  return (
    <div className="workspace">
      <div className="workspace-form" ref={form}>
        {editable && (
          <div className="row spread" style={{ minHeight: 30, marginBottom: 8 }}>
            <span className="t-dim t-sm">{dirty ? 'Not saved yet' : 'Draft'}</span>
            <div className="row">
              <Button variant="default" disabled={!dirty} onClick={() => setDraft(null)}>
                Undo
              </Button>
              <Button disabled={!dirty || !preview.input} loading={save.isPending} onClick={() => save.mutate()}>
                Save
              </Button>
            </div>
          </div>
        )}
        <PromotionForm draft={shown} change={setDraft} currency={currency} disabled={!editable} />
      </div>
      <div className="workspace-plan">
        <PlanView
          plan={plan}
          busy={dirty ? preview.busy : stored.isFetching}
          error={dirty ? preview.error : stored.error}
          hint={dirty && !preview.input ? <Missing draft={shown} /> : undefined}
          held={holding.has(promotion.state)}
          conflicts={plan && <ConflictPanel items={plan.conflicts} />}
        />
      </div>
    </div>
  );
}

/** One promotion: plan, versions and history, and what it really earned. */
export function Workspace() {
  const { id } = useParams({ from: '/app/promotions/$id' });
  const { tab } = useSearch({ from: '/app/promotions/$id' });
  const navigate = useNavigate();
  const promotion = useQuery(promotionQuery(id));
  const customers = useQuery(customersQuery);
  if (promotion.error && !promotion.data) {
    return (
      <Screen title="Promotion">
        <Refusal error={promotion.error} retry={() => void promotion.refetch()} />
      </Screen>
    );
  }
  if (!promotion.data) {
    return (
      <Screen title="Promotion">
        <RowsLoading rows={12} />
      </Screen>
    );
  }
  const record = promotion.data;
  const customer = customers.data?.find((each) => each.id === record.customerId);
  const shownTab = tab ?? (measurable.has(record.state) ? 'result' : 'plan');
  const sub = (
    <>
      <span className="num">{record.code}</span>
      <StateBadge state={record.state} />
      <span className="cut">{customer?.name}</span>
      <span className="num">{rangeText(record.startsOn, record.endsOn)}</span>
      <span className="tag">version {record.version}</span>
    </>
  );
  return (
    <Screen title={record.name} sub={sub} actions={<LifeActions promotion={record} />} flush>
      <div style={{ display: 'flex', flexDirection: 'column', height: '100%' }}>
        <Tabs
          value={shownTab}
          onChange={(value) =>
            void navigate({ to: '/promotions/$id', params: { id }, search: value ? { tab: value } : {}, replace: true })
          }
        >
          <Tabs.List px={16}>
            <Tabs.Tab value="plan">Plan</Tabs.Tab>
            <Tabs.Tab value="result" disabled={!measurable.has(record.state)}>
              Post-event
            </Tabs.Tab>
            <Tabs.Tab value="versions">Versions and history</Tabs.Tab>
          </Tabs.List>
        </Tabs>
        <div style={{ flex: 1, minHeight: 0 }}>
          {shownTab === 'plan' && <Editor key={record.id} promotion={record} currency={record.currency} />}
          {shownTab === 'result' && <PostEventView id={id} />}
          {shownTab === 'versions' && <VersionsView id={id} />}
        </div>
      </div>
    </Screen>
  );
}
