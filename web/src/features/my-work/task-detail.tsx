import { Button, Modal, Textarea } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useMemo, useState } from 'react';
import type { Plan } from '../../api/promotion-shapes.ts';
import { conflictsQuery, customersQuery, historyQuery, planQuery, promotionQuery } from '../../api/queries.ts';
import { request } from '../../api/request.ts';
import type { Task } from '../../api/shapes.ts';
import { instantText, rangeText, wordsOf } from '../../ui/format.ts';
import { useKeys } from '../../ui/keys.ts';
import { useOneAtATime } from '../../ui/one-at-a-time.ts';
import { Panel, Refusal, RowsLoading } from '../../ui/screen.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { sayDone } from '../../ui/toast.tsx';
import { AmendmentEvidence } from '../amendments/amendment-evidence.tsx';
import { PlanKpis } from '../evidence/kpis.tsx';
import { Ladder } from '../evidence/ladder.tsx';
import { Conflicts, FundNeeds, Guardrails, History } from '../evidence/lists.tsx';
import { chartWeeks } from '../evidence/plan-weeks.ts';
import { UnitChart } from '../evidence/unit-chart.tsx';
import { TransferEvidence } from '../funds/transfer-evidence.tsx';
import { Delegate } from './delegate.tsx';

type Outcome = 'approved' | 'rejected' | 'returned';

const outcomeWords: Record<Outcome, { verb: string; done: string; color: string; key: string }> = {
  approved: { verb: 'Approve', done: 'Approved', color: 'accent', key: 'a' },
  rejected: { verb: 'Reject', done: 'Rejected', color: 'red', key: 'r' },
  returned: { verb: 'Return', done: 'Returned to the maker', color: 'gray', key: 'b' },
};

function Decide({ task, outcome, close, done }: { task: Task; outcome: Outcome; close(): void; done(): void }) {
  const client = useQueryClient();
  const [comment, setComment] = useState('');
  const [asked, setAsked] = useState(false);
  const once = useOneAtATime();
  const words = outcomeWords[outcome];
  const needsReason = outcome !== 'approved';
  const reason = comment.trim();
  const decide = useMutation({
    mutationFn: () =>
      request(`/tasks/${task.id}/complete`, {
        method: 'POST',
        body: { outcome, ...(reason ? { comment: reason } : {}) },
      }),
    onSuccess: async () => {
      sayDone(words.done, task.title);
      close();
      done();
      for (const key of ['tasks', 'promotions', 'promotion', 'funds'])
        void client.invalidateQueries({ queryKey: [key] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setAsked(true);
    if (!needsReason || reason) once(() => decide.mutateAsync());
  };
  return (
    <Modal
      opened
      onClose={close}
      closeOnClickOutside={false}
      title={`${words.verb}: ${task.title}`}
      transitionProps={{ duration: 80 }}
    >
      <form onSubmit={submit} className="stack" noValidate>
        <Textarea
          data-autofocus
          label={needsReason ? 'Why' : 'Comment (optional)'}
          required={needsReason}
          error={needsReason && asked && !reason ? 'Say why, so that the maker knows what to change' : undefined}
          autosize
          minRows={3}
          value={comment}
          onChange={(event) => setComment(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) event.currentTarget.form?.requestSubmit();
          }}
        />
        {decide.error && <Refusal error={decide.error} />}
        <div className="row spread">
          <span className="t-faint t-sm">⌘↵ sends</span>
          <div className="row">
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button type="submit" color={words.color} loading={decide.isPending}>
              {words.verb}
            </Button>
          </div>
        </div>
      </form>
    </Modal>
  );
}

function PlanEvidence({ plan }: { plan: Plan }) {
  const weeks = useMemo(() => chartWeeks(plan, null), [plan]);
  return (
    <>
      {plan.refusal && (
        <Panel>
          <div className="notice" data-severity="warn">
            No prediction: {plan.refusal}
          </div>
        </Panel>
      )}
      {weeks.length > 0 && (
        <Panel title="Units per fiscal week">
          <div className="panel-body">
            <UnitChart weeks={weeks} kind="predicted" heightPx={220} />
          </div>
        </Panel>
      )}
      <div className="two">
        <Panel className="scrolls">
          <Ladder plan={plan} />
        </Panel>
        <div className="stack" style={{ gap: 12 }}>
          <Panel title="Funds before and after" className="scrolls">
            <FundNeeds plan={plan} />
          </Panel>
          <Panel title="Guardrails">
            <Guardrails plan={plan} />
          </Panel>
        </div>
      </div>
    </>
  );
}

function PromotionEvidence({ id }: { id: string }) {
  const plan = useQuery(planQuery(id));
  const conflicts = useQuery(conflictsQuery(id));
  const history = useQuery(historyQuery(id));
  const waiting = (node: ReactNode) => node ?? <RowsLoading rows={3} />;
  return (
    <div className="stack" style={{ gap: 12, marginTop: 12 }}>
      <PlanKpis plan={plan.data} />
      {plan.error && <Refusal error={plan.error} retry={() => void plan.refetch()} />}
      <Panel title="Conflicts">
        {conflicts.error ? (
          <Refusal error={conflicts.error} />
        ) : (
          waiting(conflicts.data && <Conflicts items={conflicts.data.items} />)
        )}
      </Panel>
      {plan.data && <PlanEvidence plan={plan.data} />}
      <Panel title="History">
        {history.error ? (
          <Refusal error={history.error} />
        ) : (
          waiting(history.data && <History items={history.data.items} />)
        )}
      </Panel>
    </div>
  );
}

/** One task with the evidence, and the decision. */
export function TaskDetail({ task, back, done }: { task: Task; back(): void; done(): void }) {
  const [deciding, setDeciding] = useState<Outcome | null>(null);
  const [delegating, setDelegating] = useState(false);
  // An amendment's task names its promotion beside it.
  const promotionId = task.subjectType === 'promotion_amendment' ? task.summary.promotionId : task.subjectId;
  const ofPromotion = task.subjectType === 'promotion' || task.subjectType === 'promotion_amendment';
  const promotion = useQuery({ ...promotionQuery(promotionId ?? ''), enabled: ofPromotion && Boolean(promotionId) });
  const customers = useQuery(customersQuery);
  const open = task.state === 'open' || task.state === 'claimed';
  useKeys(
    { a: () => setDeciding('approved'), r: () => setDeciding('rejected'), b: () => setDeciding('returned') },
    open && deciding === null && !delegating,
  );
  const record = promotion.data;
  const customer = customers.data?.find((each) => each.id === record?.customerId);
  return (
    <article>
      <div className="task-head">
        <div className="grow">
          <Button variant="subtle" className="back" onClick={back} mb={4}>
            ‹ All tasks
          </Button>
          <h2 style={{ fontSize: 16 }}>{task.title}</h2>
          <div className="t-dim">
            {customer?.name ?? task.summary.customerName ?? task.summary.fromFund}{' '}
            {record && <>· {rangeText(record.startsOn, record.endsOn)} </>}· made by {task.summary.makerName}
          </div>
          <div className="row t-sm t-dim" style={{ marginTop: 2, flexWrap: 'wrap' }}>
            <span>{wordsOf(task.step)}</span>
            {task.dueAt && <span>due {instantText(task.dueAt)}</span>}
            {record && <StateBadge state={record.state} />}
            {record && (
              <Link to="/promotions/$id" params={{ id: record.id }}>
                Open the workspace
              </Link>
            )}
          </div>
        </div>
        <div className="actions-bar">
          {(['approved', 'returned', 'rejected'] as const).map((outcome) => (
            <Button
              key={outcome}
              size="sm"
              variant={outcome === 'approved' ? 'filled' : 'default'}
              disabled={!open}
              onClick={() => setDeciding(outcome)}
              rightSection={<span className="kbd">{outcomeWords[outcome].key}</span>}
            >
              {outcomeWords[outcome].verb}
            </Button>
          ))}
          <Button size="sm" variant="default" disabled={!open} onClick={() => setDelegating(true)}>
            Delegate
          </Button>
        </div>
      </div>
      {task.subjectType === 'promotion' && <PromotionEvidence id={task.subjectId} />}
      {task.subjectType === 'promotion_amendment' && promotionId && (
        <AmendmentEvidence promotionId={promotionId} id={task.subjectId} />
      )}
      {task.subjectType === 'fund_transfer' && <TransferEvidence summary={task.summary} />}
      {delegating && <Delegate task={task} close={() => setDelegating(false)} done={done} />}
      {deciding && <Decide task={task} outcome={deciding} close={() => setDeciding(null)} done={done} />}
    </article>
  );
}
