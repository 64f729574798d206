import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { Promotion } from '../../api/promotion-shapes.ts';
import { request } from '../../api/request.ts';
import { useMay, useUser } from '../../api/session.ts';
import { instantText } from '../../ui/format.ts';
import { useOneAtATime } from '../../ui/one-at-a-time.ts';
import { Empty, Panel, Refusal, RowsLoading } from '../../ui/screen.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { sayDone, sayRefused } from '../../ui/toast.tsx';
import { amendedPlanOf, Changes, FigureDifference, Needs, planBefore } from './difference.tsx';
import { amendmentsQuery } from './queries.ts';
import type { Amendment } from './shapes.ts';
import { ToleranceNote } from './tolerance.tsx';

function Actions({ amendment, amendable }: { amendment: Amendment; amendable: boolean }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const user = useUser();
  const may = useMay();
  const once = useOneAtATime();
  const { id, promotionId, number } = amendment;
  const withdraw = useMutation({
    mutationFn: () => request(`/promotions/${promotionId}/amendments/${id}/withdraw`, { method: 'POST', body: {} }),
    onSuccess: () => {
      sayDone('Withdrawn', `amendment ${number}`);
      for (const key of ['promotion', 'history', 'funds', 'tasks']) void client.invalidateQueries({ queryKey: [key] });
    },
    onError: sayRefused,
  });
  if (amendment.state === 'proposed' && amendment.proposedBy === user?.id) {
    return (
      <Button variant="default" loading={withdraw.isPending} onClick={() => once(() => withdraw.mutateAsync())}>
        Withdraw
      </Button>
    );
  }
  const again = amendment.state === 'returned' || amendment.state === 'rejected' || amendment.state === 'withdrawn';
  if (!again || !amendable || !may('promotions:update')) return null;
  const search = { tab: 'amend', from: id };
  return (
    <Button
      variant="default"
      onClick={() => void navigate({ to: '/promotions/$id', params: { id: promotionId }, search })}
    >
      Start from it
    </Button>
  );
}

function One({ amendment, amendable }: { amendment: Amendment; amendable: boolean }) {
  const { number, state, reason, proposedByName, proposedAt, endedAt, comment, appliedVersion } = amendment;
  const title = (
    <span className="row">
      Amendment {number} <StateBadge state={state} />
      {appliedVersion !== null && <span className="tag">version {appliedVersion}</span>}
    </span>
  );
  return (
    <Panel title={title} aside={<Actions amendment={amendment} amendable={amendable} />} className="scrolls">
      <div className="notice" style={{ display: 'block' }}>
        <div>{reason}</div>
        <div className="t-dim t-sm">
          proposed by {proposedByName}, {instantText(proposedAt)}
          {endedAt && state !== 'proposed' && `; ${state} ${instantText(endedAt)}`}
          {comment && comment !== reason && `: ${comment}`}
        </div>
      </div>
      {state === 'proposed' && <Needs beyond={amendment.beyond} />}
      <div className="two">
        <Changes changes={amendment.changes} />
        <FigureDifference
          before={{ ...amendment.before, source: planBefore(amendment.promotionId, proposedAt) }}
          after={{ ...amendment.after, source: amendedPlanOf(amendment) }}
        />
      </div>
    </Panel>
  );
}

/** Every amendment of a promotion with what it changed, the last one first. */
export function Amendments({ promotion, amendable }: { promotion: Promotion; amendable: boolean }) {
  const amendments = useQuery(amendmentsQuery(promotion.id));
  return (
    <div className="screen-body stack" style={{ height: '100%', gap: 12 }}>
      <ToleranceNote />
      {amendments.error ? (
        <Refusal error={amendments.error} retry={() => void amendments.refetch()} />
      ) : !amendments.data ? (
        <RowsLoading rows={6} />
      ) : amendments.data.items.length === 0 ? (
        <Empty title="Never amended">
          {amendable
            ? 'Amend changes terms that are in force; beyond the tolerance by approval, with only the difference reserved.'
            : 'Only terms that are in force can be amended.'}
        </Empty>
      ) : (
        amendments.data.items.map((each) => <One key={each.id} amendment={each} amendable={amendable} />)
      )}
    </div>
  );
}
