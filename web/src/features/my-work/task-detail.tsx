import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useMemo, useState } from 'react';
import type { Plan } from '../../api/promotion-shapes.ts';
import { conflictsQuery, customersQuery, historyQuery, planQuery, promotionQuery } from '../../api/queries.ts';
import type { Task } from '../../api/shapes.ts';
import { instantText, rangeText, wordsOf } from '../../ui/format.ts';
import { useKeys } from '../../ui/keys.ts';
import { Panel, Refusal, RowsLoading } from '../../ui/screen.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { OnBehalf } from '../absences/on-behalf.tsx';
import { AmendmentEvidence } from '../amendments/amendment-evidence.tsx';
import { PlanKpis } from '../evidence/kpis.tsx';
import { Ladder } from '../evidence/ladder.tsx';
import { Conflicts, FundNeeds, Guardrails, History } from '../evidence/lists.tsx';
import { chartWeeks } from '../evidence/plan-weeks.ts';
import { UnitChart } from '../evidence/unit-chart.tsx';
import { BudgetEvidence, TransferEvidence } from '../funds/transfer-evidence.tsx';
import { InstanceEvidence } from '../workflow/instance-evidence.tsx';
import { nodeName, nodesOf } from '../workflow/model-nodes.ts';
import { instanceQuery } from '../workflow/queries.ts';
import type { InstanceDetail } from '../workflow/shapes.ts';
import { type Asked, Decide } from './decide.tsx';
import { Delegate } from './delegate.tsx';
import { decidedAsUsual, inUsualOrder, usualOutcomes, wordsOfOutcome } from './outcomes.ts';
import { Papers } from './papers.tsx';
import { PauseClock } from './pause-clock.tsx';
import { useClaim } from './use-claim.ts';
import { WhyAsked } from './why-asked.tsx';

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

const usual: Asked = { outcomes: usualOutcomes, form: [], variables: [] };

/** What a task asks for: its process says it where administrators drew that. */
function askedBy(task: Task, instance: InstanceDetail | undefined): Asked {
  const node = instance && nodesOf(instance.model).find(({ id }) => id === task.step);
  if (!node?.outcomes) return usual;
  return { outcomes: inUsualOrder(node.outcomes), form: node.form ?? [], variables: instance?.model.variables ?? [] };
}

/** One task with the evidence, and the decision. */
export function TaskDetail({ task, back, done }: { task: Task; back(): void; done(): void }) {
  const [deciding, setDeciding] = useState<string | null>(null);
  const [delegating, setDelegating] = useState(false);
  const claim = useClaim(task);
  // An amendment's task names its promotion beside it.
  const promotionId = task.subjectType === 'promotion_amendment' ? task.summary.promotionId : task.subjectId;
  const ofPromotion = task.subjectType === 'promotion' || task.subjectType === 'promotion_amendment';
  const promotion = useQuery({ ...promotionQuery(promotionId ?? ''), enabled: ofPromotion && Boolean(promotionId) });
  const customers = useQuery(customersQuery);
  const isDrawn = !decidedAsUsual.has(task.subjectType);
  // Who reviewed it before belongs to what whoever decides a budget sees.
  const ofBudget = task.subjectType === 'fund_budget_request';
  const instance = useQuery(instanceQuery(task.instanceId));
  const asked = isDrawn ? askedBy(task, instance.data) : usual;
  const open = (task.state === 'open' || task.state === 'claimed') && (!isDrawn || instance.isSuccess);
  const keys = asked.outcomes.map((one) => [wordsOfOutcome(one, asked.outcomes).key, () => setDeciding(one)] as const);
  useKeys(Object.fromEntries(keys), open && deciding === null && !delegating);
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
            {[
              customer?.name ?? task.summary.customerName ?? task.summary.fromFund ?? task.summary.toFund,
              record && rangeText(record.startsOn, record.endsOn),
              task.summary.makerName && `made by ${task.summary.makerName}`,
            ]
              .filter(Boolean)
              .join(' · ')}
          </div>
          <OnBehalf task={task} />
          <div className="row t-sm t-dim" style={{ marginTop: 2, flexWrap: 'wrap' }}>
            <span>{instance.data ? nodeName(instance.data.model, task.step) : wordsOf(task.step)}</span>
            {task.pausedAt && <span>clock stands since {instantText(task.pausedAt)}</span>}
            {task.dueAt && !task.pausedAt && <span>due {instantText(task.dueAt)}</span>}
            {record && <StateBadge state={record.state} />}
            {record && (
              <Link to="/promotions/$id" params={{ id: record.id }}>
                Open the workspace
              </Link>
            )}
            <Link to="/workflow/instances/$id" params={{ id: task.instanceId }}>
              How it came here
            </Link>
          </div>
        </div>
        <div className="actions-bar">
          {asked.outcomes.map((outcome, place) => (
            <Button
              key={outcome}
              size="sm"
              variant={place === 0 ? 'filled' : 'default'}
              disabled={!open}
              onClick={() => setDeciding(outcome)}
              rightSection={<span className="kbd">{wordsOfOutcome(outcome, asked.outcomes).key}</span>}
            >
              {wordsOfOutcome(outcome, asked.outcomes).verb}
            </Button>
          ))}
          <Button
            size="sm"
            variant="default"
            disabled={!open}
            loading={claim.isPending}
            onClick={() => claim.mutate(task.assigneeId ? 'release' : 'claim')}
          >
            {task.assigneeId ? 'Release' : 'Claim'}
          </Button>
          <Button size="sm" variant="default" disabled={!open} onClick={() => setDelegating(true)}>
            Delegate
          </Button>
          <PauseClock task={task} disabled={!open} />
        </div>
      </div>
      <WhyAsked task={task} />
      {task.subjectType === 'promotion' && <PromotionEvidence id={task.subjectId} />}
      {task.subjectType === 'promotion_amendment' && promotionId && (
        <AmendmentEvidence promotionId={promotionId} id={task.subjectId} />
      )}
      {task.subjectType === 'fund_transfer' && <TransferEvidence summary={task.summary} />}
      {ofBudget && <BudgetEvidence summary={task.summary} />}
      {instance.error && isDrawn && <Refusal error={instance.error} retry={() => void instance.refetch()} />}
      {instance.data && (isDrawn || ofBudget) && <InstanceEvidence instance={instance.data} variables={isDrawn} />}
      <div style={{ marginTop: 12 }}>
        <Papers key={task.id} task={task} open={open} />
      </div>
      {delegating && <Delegate task={task} close={() => setDelegating(false)} done={done} />}
      {deciding && <Decide task={task} asked={asked} outcome={deciding} close={() => setDeciding(null)} done={done} />}
    </article>
  );
}
