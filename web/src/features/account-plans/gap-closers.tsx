import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { amountText, rangeText, volumeText } from '../../ui/format.ts';
import { Empty, Refusal, RowsLoading } from '../../ui/screen.tsx';
import { FigureValueButton } from '../../ui/values.tsx';
import { PlanFigure } from './plan-figure.tsx';
import { gapClosersQuery } from './queries.ts';
import type { GapClosers } from './shapes.ts';

/** What a draft adds, figure by figure: each opens. */
function Added({ item }: { item: GapClosers['items'][number] }) {
  const { code, figures } = item;
  const cells = [
    { figure: figures.volume, name: 'Cases', text: volumeText(item.volume, 0) },
    { figure: figures.tradeSpend, name: 'Trade spend', text: amountText(item.tradeSpend, true) },
    { figure: figures.contribution, name: 'Contribution', text: amountText(item.contribution, true) },
    { figure: figures.remaining, name: 'Still missing', text: amountText(item.remaining, true) },
  ];
  return cells.map(({ figure, name, text }) => (
    <td key={name} className="right">
      <FigureValueButton figure={figure} label={`${name}, ${code}`}>
        {text}
      </FigureValueButton>
    </td>
  ));
}

/** Why a list of drafts is shorter than that of all drafts. */
function leftOutText(count: number): string {
  const drafts = count === 1 ? 'One draft' : `${count} drafts`;
  return `${drafts} would add no contribution, and ${count === 1 ? 'closes' : 'close'} no gap.`;
}

/** Drafts by the contribution that they would add, and what would still be missing after each. */
export function GapClosersTable({ planId }: { planId: string }) {
  const closers = useQuery(gapClosersQuery(planId));
  if (closers.error) return <Refusal error={closers.error} retry={() => void closers.refetch()} />;
  if (!closers.data) return <RowsLoading rows={4} />;
  const { missing, items, leftOut, refused } = closers.data;
  const short = missing !== null && !missing.amount.startsWith('-');
  return (
    <>
      <div className="panel-body t-dim" style={{ whiteSpace: 'normal' }}>
        {missing === null ? (
          'Set a contribution target for every period to see what is missing.'
        ) : short ? (
          <>
            <PlanFigure
              place={{ planId, snapshot: closers.data.snapshot, line: 'contribution', column: 'gap' }}
              value={missing}
              text={amountText(missing, true)}
            />{' '}
            {missing.currency} of contribution are missing to the year’s target.
          </>
        ) : (
          'The latest estimate reaches the year’s target.'
        )}
        {leftOut > 0 && <> {leftOutText(leftOut)}</>}
      </div>
      {items.length === 0 && refused.length === 0 ? (
        <Empty title={leftOut > 0 ? 'No draft would close the gap' : 'No drafts for this customer and year'}>
          <Link to="/promotions/new">Plan a promotion</Link>, or try one in a scenario.
        </Empty>
      ) : (
        <table className="grid tight">
          <thead>
            <tr>
              <th>Draft</th>
              <th className="right">Cases</th>
              <th className="right">Trade spend</th>
              <th className="right">Contribution</th>
              <th className="right">Still missing</th>
            </tr>
          </thead>
          <tbody>
            {items.map((item) => (
              <tr key={item.promotionId}>
                <td>
                  <div className="cut" style={{ maxWidth: 200 }}>
                    <Link to="/promotions/$id" params={{ id: item.promotionId }} title={item.name}>
                      {item.code} {item.name}
                    </Link>
                  </div>
                  <div className="num t-faint t-sm">{rangeText(item.startsOn, item.endsOn)}</div>
                </td>
                <Added item={item} />
              </tr>
            ))}
            {refused.map((item) => (
              <tr key={item.promotionId}>
                <td>
                  <div className="cut" style={{ maxWidth: 200 }}>
                    <Link to="/promotions/$id" params={{ id: item.promotionId }} title={item.name}>
                      {item.code} {item.name}
                    </Link>
                  </div>
                </td>
                <td colSpan={4} className="t-dim">
                  Not estimated: {item.reason}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}
