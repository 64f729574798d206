import { useQuery } from '@tanstack/react-query';
import { historyQuery } from '../../api/queries.ts';
import { instantText } from '../../ui/format.ts';
import { Panel, Refusal, RowsLoading } from '../../ui/screen.tsx';
import { PlanKpis } from '../evidence/kpis.tsx';
import { ConflictPanel, FundNeeds, Guardrails, History } from '../evidence/lists.tsx';
import { amendedPlanOf, Changes, FigureDifference, Needs, planBefore } from './difference.tsx';
import { amendmentQuery } from './queries.ts';

/** What an approver of an amendment sees: the difference first, then the plan that it was proposed with. */
export function AmendmentEvidence({ promotionId, id }: { promotionId: string; id: string }) {
  const amendment = useQuery(amendmentQuery(promotionId, id));
  const history = useQuery(historyQuery(promotionId));
  if (amendment.error) return <Refusal error={amendment.error} retry={() => void amendment.refetch()} />;
  if (!amendment.data) return <RowsLoading rows={8} />;
  const { reason, proposedByName, proposedAt, beyond, changes, before, after, plan } = amendment.data;
  return (
    <div className="stack" style={{ gap: 12, marginTop: 12 }}>
      <Panel title="What the amendment changes" className="scrolls">
        <div className="notice" style={{ display: 'block' }}>
          <div>{reason}</div>
          <div className="t-dim t-sm">
            {proposedByName}, {instantText(proposedAt)}
          </div>
        </div>
        <Needs beyond={beyond} />
        <div className="two">
          <FigureDifference
            before={{ ...before, source: planBefore(promotionId, proposedAt) }}
            after={{ ...after, source: amendedPlanOf({ promotionId, id }) }}
          />
          <Changes changes={changes} />
        </div>
      </Panel>
      <PlanKpis plan={plan} />
      <div className="two">
        <Panel title="Funds before and after" className="scrolls">
          <FundNeeds plan={plan} />
        </Panel>
        <Panel title="Guardrails">
          <Guardrails plan={plan} />
        </Panel>
      </div>
      <ConflictPanel items={plan.conflicts} />
      <Panel title="History">{history.data ? <History items={history.data.items} /> : <RowsLoading rows={3} />}</Panel>
    </div>
  );
}
