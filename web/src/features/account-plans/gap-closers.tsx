import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { rangeText, volumeText } from '../../ui/format.ts';
import { Empty, Refusal, RowsLoading } from '../../ui/screen.tsx';
import { MoneyValue } from '../../ui/values.tsx';
import { gapClosersQuery } from './queries.ts';

/** Drafts by the contribution that they would add, and what would still be missing after each. */
export function GapClosersTable({ planId }: { planId: string }) {
  const closers = useQuery(gapClosersQuery(planId));
  if (closers.error) return <Refusal error={closers.error} retry={() => void closers.refetch()} />;
  if (!closers.data) return <RowsLoading rows={4} />;
  const { missing, items, refused } = closers.data;
  const short = missing !== null && !missing.amount.startsWith('-');
  return (
    <>
      <div className="panel-body t-dim">
        {missing === null ? (
          'Set a contribution target for every period to see what is missing.'
        ) : short ? (
          <>
            <MoneyValue value={missing} whole /> of contribution are missing to the year’s target.
          </>
        ) : (
          'The latest estimate reaches the year’s target.'
        )}
      </div>
      {items.length === 0 && refused.length === 0 ? (
        <Empty title="No drafts for this customer and year">
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
                <td className="right num">{volumeText(item.volume, 0)}</td>
                <td className="right">
                  <MoneyValue value={item.tradeSpend} whole currency={false} />
                </td>
                <td className="right">
                  <MoneyValue value={item.contribution} whole currency={false} />
                </td>
                <td className="right">
                  <MoneyValue value={item.remaining} whole currency={false} />
                </td>
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
