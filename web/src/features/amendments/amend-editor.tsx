import { Button, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useMemo, useRef, useState } from 'react';
import { asProblem } from '../../api/problem.ts';
import type { Promotion, PromotionInput } from '../../api/promotion-shapes.ts';
import { request } from '../../api/request.ts';
import type { Figure } from '../../api/shapes.ts';
import { daysBetween, movedBy } from '../../ui/format.ts';
import { useLeaveGuard } from '../../ui/leave-guard.ts';
import { useOneAtATime } from '../../ui/one-at-a-time.ts';
import { Empty, Panel, RowsLoading } from '../../ui/screen.tsx';
import { sayDone, sayRefused } from '../../ui/toast.tsx';
import { ConflictPanel } from '../evidence/lists.tsx';
import { type Draft, draftOf, inputOf } from '../workspace/draft.ts';
import { Missing } from '../workspace/new-promotion.tsx';
import { PlanView } from '../workspace/plan-view.tsx';
import { PromotionForm } from '../workspace/promotion-form.tsx';
import { Changes, FigureDifference, keptPlanOf, Needs } from './difference.tsx';
import { amendmentsQuery, amendPreviewQuery } from './queries.ts';
import type { Amendment, AmendmentPreview } from './shapes.ts';

const typingPauseMs = 200;

interface Edit {
  draft: Draft;
  claimByOn: string;
  reason: string;
}

/** The form starts from the terms in force, or from those of an amendment that came back. */
function editFrom(promotion: Promotion, from: Amendment | undefined): Edit {
  const terms = { ...promotion, ...(from?.terms as Partial<Promotion> | undefined) };
  return { draft: draftOf(terms), claimByOn: terms.claimByOn ?? '', reason: from?.reason ?? '' };
}

/** Claims are taken as long after the event as before: where its end moves, their last day moves with it. */
function claimsAfter({ draft: before, claimByOn }: Edit, after: Draft): string {
  const days = daysBetween(before.endsOn, after.endsOn);
  return claimByOn && Number.isFinite(days) && days !== 0 ? movedBy(claimByOn, days) : claimByOn;
}

function DifferencePanel({ preview, promotionId }: { preview: AmendmentPreview | undefined; promotionId: string }) {
  if (!preview) {
    return (
      <Panel title="What this amendment changes">
        <RowsLoading rows={3} />
      </Panel>
    );
  }
  const nothing = preview.changes.length === 0;
  return (
    <Panel title="What this amendment changes" className="scrolls">
      {nothing ? (
        <div className="notice t-dim">Nothing yet: change dates, products, tactics or the claim-by date.</div>
      ) : (
        <>
          <Needs beyond={preview.beyond} />
          <Changes changes={preview.changes} />
        </>
      )}
      <FigureDifference
        before={{ ...preview.before, source: keptPlanOf(promotionId) }}
        after={{ ...preview.after, source: (name) => ({ figure: preview.plan.figures[name] as Figure }) }}
      />
    </Panel>
  );
}

function useAmend(promotion: Promotion, done: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: Partial<PromotionInput> & { reason: string }) =>
      request<Amendment>(`/promotions/${promotion.id}/amend`, {
        ...{ method: 'POST', body, ifMatch: promotion.version },
      }),
    onSuccess: (amendment) => {
      sayDone(
        amendment.state === 'applied' ? 'Amended' : 'Amendment proposed: it waits for approval',
        `${promotion.code}, amendment ${amendment.number}`,
      );
      done();
      for (const key of ['promotion', 'promotions', 'plan', 'history', 'conflicts', 'funds', 'tasks'])
        void client.invalidateQueries({ queryKey: [key] });
    },
    onError: sayRefused,
  });
}

function AmendForm({
  promotion,
  from,
  setUnsaved,
}: {
  promotion: Promotion;
  from: Amendment | undefined;
  setUnsaved(unsaved: boolean): void;
}) {
  const navigate = useNavigate();
  const [start] = useState(() => editFrom(promotion, from));
  const [edit, setEdit] = useState(start);
  const [asked, setAsked] = useState(false);
  const dirty = edit !== start;
  const input = useMemo(() => inputOf(edit.draft, promotion.currency), [edit.draft, promotion.currency]);
  const body = useMemo(() => input && { ...input, claimByOn: edit.claimByOn || null }, [input, edit.claimByOn]);
  const [settled] = useDebouncedValue(body, typingPauseMs);
  const preview = useQuery(amendPreviewQuery(promotion.id, settled));
  const once = useOneAtATime();
  const toList = () =>
    void navigate({ to: '/promotions/$id', params: { id: promotion.id }, search: { tab: 'amendments' } });
  const sent = useRef(false);
  const amend = useAmend(promotion, () => {
    sent.current = true;
    toList();
  });
  useEffect(() => {
    setUnsaved(dirty);
    return () => setUnsaved(false);
  }, [dirty, setUnsaved]);
  useLeaveGuard(() => dirty && !sent.current);
  const lacksReason = edit.reason.trim() === '';
  const needsApproval = (preview.data?.beyond.length ?? 0) > 0;
  const nothing = preview.data?.changes.length === 0;
  const send = () => {
    setAsked(true);
    if (body && !lacksReason) once(() => amend.mutateAsync({ ...body, reason: edit.reason.trim() }));
  };
  return (
    <div className="workspace">
      <div className="workspace-form">
        <div className="row spread" style={{ minHeight: 30, marginBottom: 8 }}>
          <span className="t-dim t-sm">Amends version {promotion.version}, which stays in force meanwhile</span>
          <div className="row">
            <Button variant="default" onClick={toList}>
              Discard
            </Button>
            <Button disabled={!body || nothing || preview.error !== null} loading={amend.isPending} onClick={send}>
              {needsApproval ? 'Propose' : 'Apply'}
            </Button>
          </div>
        </div>
        <div className="fields" style={{ marginBottom: 12 }}>
          <TextInput
            className="wide"
            label="Why"
            required
            placeholder="What the approver has to know"
            error={asked && lacksReason ? 'Say why it is amended' : undefined}
            value={edit.reason}
            onChange={(event) => setEdit({ ...edit, reason: event.currentTarget.value })}
          />
          <TextInput
            type="date"
            label="Claims until"
            value={edit.claimByOn}
            min={edit.draft.endsOn}
            onChange={(event) => setEdit({ ...edit, claimByOn: event.currentTarget.value })}
          />
        </div>
        <PromotionForm
          draft={edit.draft}
          change={(draft) => setEdit({ ...edit, draft, claimByOn: claimsAfter(edit, draft) })}
          currency={promotion.currency}
          disabled={false}
          fixedCustomer
          errors={settled && preview.error ? asProblem(preview.error).errors : []}
        />
      </div>
      <div className="workspace-plan">
        <div className="stack" style={{ gap: 12 }}>
          {input && preview.error === null && <DifferencePanel preview={preview.data} promotionId={promotion.id} />}
          <PlanView
            plan={preview.data?.plan}
            busy={preview.isFetching}
            error={settled ? preview.error : null}
            hint={input ? undefined : <Missing draft={edit.draft} />}
            conflicts={preview.data && <ConflictPanel items={preview.data.plan.conflicts} />}
          />
        </div>
      </div>
    </div>
  );
}

/** The form on the terms in force, with the difference as one types; one amendment is open at a time. */
export function AmendEditor({
  promotion,
  from,
  setUnsaved,
}: {
  promotion: Promotion;
  from: string | undefined;
  setUnsaved(unsaved: boolean): void;
}) {
  const amendments = useQuery(amendmentsQuery(promotion.id));
  if (!amendments.data) return <RowsLoading rows={8} />;
  const open = amendments.data.items.find(({ state }) => state === 'proposed');
  if (open) {
    return (
      <Empty title={`Amendment ${open.number} waits for a decision`}>
        A promotion has one open amendment at a time: wait for the decision, or let {open.proposedByName} withdraw it.
      </Empty>
    );
  }
  const base = amendments.data.items.find(({ id }) => id === from);
  return <AmendForm key={from ?? 'new'} promotion={promotion} from={base} setUnsaved={setUnsaved} />;
}
