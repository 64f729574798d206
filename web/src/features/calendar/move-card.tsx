import { ActionIcon, Button, Loader, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconAlertTriangle, IconX } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { Plan, PromotionRow } from '../../api/promotion-shapes.ts';
import { planQuery, previewQuery, promotionQuery } from '../../api/queries.ts';
import { request } from '../../api/request.ts';
import { useMay } from '../../api/session.ts';
import type { Figure, Money } from '../../api/shapes.ts';
import { daysBetween, moneyChange, moneyText, movedBy, rangeText } from '../../ui/format.ts';
import { Panel, Refusal } from '../../ui/screen.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { sayDone } from '../../ui/toast.tsx';
import { CellValue, FigureValueButton } from '../../ui/values.tsx';
import { draftOf, inputOf } from '../workspace/draft.ts';
import { pricedPart } from '../workspace/use-draft-plan.ts';

/** The dates that a promotion would get. */
export interface Dates {
  startsOn: string;
  endsOn: string;
}

const moneyOf = (figure: Figure | undefined): Money | null =>
  figure?.value && typeof figure.value === 'object' ? figure.value : null;

function useMovedPlan(promotion: PromotionRow, dates: Dates, moves: boolean) {
  const full = useQuery({ ...promotionQuery(promotion.id), enabled: moves });
  const input = useMemo(() => {
    if (!moves || !full.data) return null;
    const by = daysBetween(full.data.startsOn, dates.startsOn);
    const draft = draftOf(full.data);
    const shipStartsOn = draft.shipStartsOn && movedBy(draft.shipStartsOn, by);
    const shipEndsOn = draft.shipEndsOn && movedBy(draft.shipEndsOn, by);
    return inputOf(
      { ...draft, startsOn: dates.startsOn, endsOn: dates.endsOn, shipStartsOn, shipEndsOn },
      full.data.currency,
    );
  }, [full.data, dates.startsOn, dates.endsOn, moves]);
  const priced = useMemo(() => input && pricedPart(input), [input]);
  const [asked] = useDebouncedValue(priced, 150);
  const plan = useQuery(previewQuery(asked));
  return { input, version: full.data?.version, plan, busy: plan.isFetching || asked !== priced };
}

function Compare({
  promotion,
  now,
  plan,
  moves,
}: {
  promotion: PromotionRow;
  now: Plan | undefined;
  plan: ReturnType<typeof useMovedPlan>;
  moves: boolean;
}) {
  const moved = moves ? plan.plan.data?.figures : undefined;
  const before = now ? moneyOf(now.figures.netProfit) : promotion.netProfit;
  const after = moneyOf(moved?.netProfit);
  const change = moneyChange(before, after);
  const planned = (of: 'plannedSpend' | 'netProfit' | 'netRoi', label: string, figure: Figure | undefined) =>
    figure ? (
      <FigureValueButton figure={figure} label={label} currency={false} />
    ) : (
      <CellValue
        of={`promotions.${of}`}
        row={promotion}
        value={promotion[of]}
        label={label}
        unit={of === 'netRoi' ? 'ratio' : 'money'}
        currency={false}
      />
    );
  return (
    <table className="grid tight">
      <thead>
        <tr>
          <th>{promotion.currency}</th>
          <th className="right">Now</th>
          {moves && <th className="right">Moved {plan.busy && <Loader size={10} />}</th>}
        </tr>
      </thead>
      <tbody>
        <tr>
          <td>Event spend</td>
          <td className="right">{planned('plannedSpend', 'Planned spend', now?.figures.eventSpend)}</td>
          {moves && (
            <td className="right">
              <FigureValueButton figure={moved?.eventSpend} label="Spend, moved" currency={false} />
            </td>
          )}
        </tr>
        <tr>
          <td>Net profit</td>
          <td className="right">{planned('netProfit', 'Net profit', now?.figures.netProfit)}</td>
          {moves && (
            <td className="right">
              <FigureValueButton figure={moved?.netProfit} label="Net profit, moved" currency={false} />
            </td>
          )}
        </tr>
        <tr>
          <td>Net ROI</td>
          <td className="right">{planned('netRoi', 'Net ROI', now?.figures.netRoi)}</td>
          {moves && (
            <td className="right">
              <FigureValueButton figure={moved?.netRoi} label="Net ROI, moved" />
            </td>
          )}
        </tr>
        {moves && (
          <tr className="strong">
            <td>Profit change</td>
            <td className="right" colSpan={2}>
              {change ? (
                <CellValue
                  of="promotions.netProfitChange"
                  row={{ id: promotion.id, before, after }}
                  value={change}
                  label="Profit change"
                >
                  <span className={change.amount.startsWith('-') ? 'num neg' : 'num pos'}>
                    {change.amount.startsWith('-') ? '' : '+'}
                    {moneyText(change)}
                  </span>
                </CellValue>
              ) : (
                <span className="t-faint">–</span>
              )}
            </td>
          </tr>
        )}
      </tbody>
    </table>
  );
}

interface MoveCardProps {
  promotion: PromotionRow;
  customerName: string;
  dates: Dates;
  setDates(dates: Dates): void;
  close(): void;
}

/** A promotion of the calendar: its money, and for a draft the move with its conflicts and profit change. */
export function MoveCard({ promotion, customerName, dates, setDates, close }: MoveCardProps) {
  const client = useQueryClient();
  const may = useMay();
  const movable = promotion.state === 'draft' && may('promotions:update');
  const moves = movable && (dates.startsOn !== promotion.startsOn || dates.endsOn !== promotion.endsOn);
  const moved = useMovedPlan(promotion, dates, moves);
  const now = useQuery({ ...planQuery(promotion.id), retry: false });
  const save = useMutation({
    mutationFn: () =>
      request(`/promotions/${promotion.id}`, {
        method: 'PATCH',
        body: moved.input,
        ...(moved.version ? { ifMatch: moved.version } : {}),
      }),
    onSuccess: async () => {
      sayDone('Moved', `${promotion.name}: ${rangeText(dates.startsOn, dates.endsOn)}`);
      for (const key of ['promotion', 'plan', 'conflicts']) void client.invalidateQueries({ queryKey: [key] });
      await client.invalidateQueries({ queryKey: ['promotions'] });
    },
  });
  const setStart = (startsOn: string) =>
    startsOn && setDates({ startsOn, endsOn: movedBy(startsOn, daysBetween(dates.startsOn, dates.endsOn)) });
  const conflicts = ((moves ? moved.plan.data : now.data)?.conflicts ?? []).map(
    (each) => `${each.code} ${each.name}: ${each.reason}`,
  );
  return (
    <Panel
      className="cal-side"
      title={
        <span className="row">
          <StateBadge state={promotion.state} /> <span className="t-dim num">{promotion.code}</span>
        </span>
      }
      aside={
        <ActionIcon variant="subtle" color="gray" size="sm" aria-label="Close" onClick={close}>
          <IconX size={15} />
        </ActionIcon>
      }
    >
      <div style={{ padding: '8px 12px' }}>
        <Link to="/promotions/$id" params={{ id: promotion.id }}>
          <b>{promotion.name}</b>
        </Link>
        <div className="t-dim t-sm">
          {customerName} · {rangeText(promotion.startsOn, promotion.endsOn)}
        </div>
        {movable && (
          <div className="fields" style={{ marginTop: 6 }}>
            <TextInput
              type="date"
              label="Move to"
              value={dates.startsOn}
              onChange={(event) => setStart(event.currentTarget.value)}
            />
            <TextInput
              type="date"
              label="until"
              value={dates.endsOn}
              min={dates.startsOn}
              onChange={(event) =>
                event.currentTarget.value && setDates({ ...dates, endsOn: event.currentTarget.value })
              }
            />
          </div>
        )}
      </div>
      <Compare promotion={promotion} now={now.data} plan={moved} moves={moves} />
      <div style={{ minHeight: 34, borderTop: '1px solid var(--line)' }}>
        {conflicts.length === 0 && (
          <div className="notice t-dim">{moves ? 'Meets no other promotion there.' : 'No conflict.'}</div>
        )}
        {conflicts.slice(0, 3).map((conflict) => (
          <div className="notice" data-severity="warn" key={conflict}>
            <IconAlertTriangle size={15} aria-label="Conflict" />
            <span>{conflict}</span>
          </div>
        ))}
        {conflicts.length > 3 && <div className="notice t-dim">and {conflicts.length - 3} more</div>}
      </div>
      {moved.plan.error && <Refusal error={moved.plan.error} />}
      {save.error && <Refusal error={save.error} />}
      {movable && (
        <div
          className="row"
          style={{ justifyContent: 'flex-end', padding: '8px 12px', borderTop: '1px solid var(--line)' }}
        >
          <Button
            variant="default"
            disabled={!moves}
            onClick={() => setDates({ startsOn: promotion.startsOn, endsOn: promotion.endsOn })}
          >
            Undo
          </Button>
          <Button disabled={!moves || !moved.input} loading={save.isPending} onClick={() => save.mutate()}>
            Move
          </Button>
        </div>
      )}
    </Panel>
  );
}
