import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import type { Promotion } from '../../api/promotion-shapes.ts';
import { customersQuery } from '../../api/queries.ts';
import { request } from '../../api/request.ts';
import { useUser } from '../../api/session.ts';
import { useLeaveGuard } from '../../ui/leave-guard.ts';
import { useOneAtATime } from '../../ui/one-at-a-time.ts';
import { Panel, Screen } from '../../ui/screen.tsx';
import { sayDone, sayRefused } from '../../ui/toast.tsx';
import { ConflictPanel } from '../evidence/lists.tsx';
import { type Draft, missingIn, newTactic } from './draft.ts';
import { PlanView } from './plan-view.tsx';
import { PromotionForm } from './promotion-form.tsx';
import { useDraftPlan } from './use-draft-plan.ts';

/** What a draft lacks, as a list. */
export function Missing({ draft }: { draft: Draft }) {
  return (
    <Panel title="The plan appears as soon as these are there">
      {missingIn(draft).map((each) => (
        <div key={each} className="notice">
          {each}
        </div>
      ))}
    </Panel>
  );
}

/** Plans a new promotion. */
export function NewPromotion() {
  const search = useSearch({ from: '/app/promotions/new' });
  const navigate = useNavigate();
  const client = useQueryClient();
  const customers = useQuery(customersQuery);
  const user = useUser();
  const [untouched] = useState<Draft>(() => ({
    name: '',
    customerId: search.customer ?? '',
    startsOn: search.from ?? '',
    endsOn: search.to ?? '',
    shipStartsOn: '',
    shipEndsOn: '',
    tactics: [newTactic()],
  }));
  const [draft, setDraft] = useState(untouched);
  const currency =
    customers.data?.find((customer) => customer.id === draft.customerId)?.currency ?? user?.tenant?.currency ?? 'USD';
  const { input, plan, error, fieldErrors, busy } = useDraftPlan(draft, currency);
  const saved = useRef(false);
  const once = useOneAtATime();
  useLeaveGuard(() => !saved.current && draft !== untouched);
  const create = useMutation({
    mutationFn: () => request<Promotion>('/promotions', { method: 'POST', body: input }),
    onSuccess: (created) => {
      sayDone('Draft saved', created.code);
      void client.invalidateQueries({ queryKey: ['promotions'] });
      saved.current = true;
      void navigate({ to: '/promotions/$id', params: { id: created.id } });
    },
    onError: sayRefused,
  });
  const actions = (
    <>
      <Button variant="default" onClick={() => void navigate({ to: '/promotions' })}>
        Discard
      </Button>
      <Button
        disabled={!input || !draft.name.trim()}
        title={input && !draft.name.trim() ? 'Give it a name first' : undefined}
        loading={create.isPending}
        onClick={() => !saved.current && once(() => create.mutateAsync())}
      >
        Save draft
      </Button>
    </>
  );
  return (
    <Screen title="New promotion" actions={actions} flush>
      <div className="workspace">
        <div className="workspace-form">
          <PromotionForm draft={draft} change={setDraft} currency={currency} disabled={false} errors={fieldErrors} />
        </div>
        <div className="workspace-plan">
          <PlanView
            plan={plan}
            busy={busy}
            error={error}
            conflicts={plan && <ConflictPanel items={plan.conflicts} />}
            hint={input ? undefined : <Missing draft={draft} />}
          />
        </div>
      </div>
    </Screen>
  );
}
