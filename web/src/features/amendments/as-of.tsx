import { Button, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { asProblem } from '../../api/problem.ts';
import type { Promotion } from '../../api/promotion-shapes.ts';
import { promotionQuery } from '../../api/queries.ts';
import { instantText } from '../../ui/format.ts';
import { Panel, Refusal, RowsLoading } from '../../ui/screen.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { CellValue } from '../../ui/values.tsx';
import { PlanKpis } from '../evidence/kpis.tsx';
import { Changes, FigureDifference, keptPlanOf, planOf } from './difference.tsx';
import { changesSinceQuery, planAsOfQuery, postEventAsOfQuery, promotionAsOfQuery } from './queries.ts';
import type { AmendmentFigures } from './shapes.ts';

const figuresOf = ({ startsOn, endsOn, plannedSpend, netProfit, netRoi }: Promotion): AmendmentFigures => ({
  ...{ startsOn, endsOn, spend: plannedSpend, netProfit, netRoi },
});

/** An instant as a field of the browser takes it, in the person's own time zone. */
function localText(instant: string): string {
  const at = new Date(instant);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

const sides = ['Then', 'Now'] as const;

function Then({ id, asOf }: { id: string; asOf: string }) {
  const then = useQuery(promotionAsOfQuery(id, asOf));
  const now = useQuery(promotionQuery(id));
  const plan = useQuery(planAsOfQuery(id, asOf));
  const changes = useQuery(changesSinceQuery(id, asOf));
  const measured = useQuery(postEventAsOfQuery(id, asOf));
  if (then.error) {
    return asProblem(then.error).code === 'not_found' ? (
      <div className="notice t-dim">The promotion was not planned yet on {instantText(asOf)}.</div>
    ) : (
      <Refusal error={then.error} />
    );
  }
  if (!then.data || !now.data || !changes.data) return <RowsLoading rows={4} />;
  return (
    <>
      <div className="notice">
        <span className="row">
          Version {then.data.version} <StateBadge state={then.data.state} />
          <span className="t-dim">now version {now.data.version}</span>
        </span>
      </div>
      <FigureDifference
        before={{ ...figuresOf(then.data), source: planOf(id, asOf) }}
        after={{ ...figuresOf(now.data), source: keptPlanOf(id) }}
        sides={sides}
      />
      <Changes changes={changes.data.items} sides={sides} />
      {measured.data?.actual && (
        <div className="notice">
          <div>
            Measured then (measurement {measured.data.measurementVersion}): net profit{' '}
            <CellValue
              of="results.events.netProfit"
              row={measured.data}
              value={measured.data.actual.netProfit}
              label="Net profit, measured then"
            />
            , net ROI{' '}
            <CellValue
              of="results.events.netRoi"
              row={measured.data}
              value={measured.data.actual.netRoi}
              label="Net ROI, measured then"
              unit="ratio"
              digits={2}
            />
          </div>
        </div>
      )}
      {plan.data && (
        <div className="panel-body">
          <div className="t-dim t-sm" style={{ marginBottom: 6 }}>
            The plan as it was believed then
          </div>
          <PlanKpis plan={plan.data} />
        </div>
      )}
    </>
  );
}

/** What was believed at a past instant, beside what holds now; the instant stands in the address. */
export function AsOf({ id, asOf }: { id: string; asOf: string | undefined }) {
  const navigate = useNavigate();
  const put = (instant: string | undefined) =>
    void navigate({
      ...{ to: '/promotions/$id', params: { id }, replace: true },
      search: { tab: 'versions', ...(instant ? { asOf: instant } : {}) },
    });
  const picker = (
    <div className="row">
      <TextInput
        type="datetime-local"
        step={1}
        aria-label="As of"
        value={asOf ? localText(asOf) : ''}
        onChange={({ currentTarget }) => {
          const at = new Date(currentTarget.value);
          if (!Number.isNaN(at.getTime())) put(at.toISOString());
        }}
      />
      <Button variant="default" disabled={!asOf} onClick={() => put(undefined)}>
        Now
      </Button>
    </div>
  );
  return (
    <Panel title="As of" aside={picker} className="scrolls">
      {asOf ? (
        <Then id={id} asOf={asOf} />
      ) : (
        <div className="notice t-dim">Choose a moment, or a version below, to see what was believed then.</div>
      )}
    </Panel>
  );
}
