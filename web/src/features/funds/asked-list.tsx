import type { ReactNode } from 'react';
import type { Money } from '../../api/shapes.ts';
import { instantText, wordsOf } from '../../ui/format.ts';
import { Empty, Panel, Refusal, RowsLoading } from '../../ui/screen.tsx';
import { CellValue } from '../../ui/values.tsx';

/** Money that somebody asked to be moved, with what became of it. */
interface AskedMoney {
  id: string;
  note: string;
  state: string;
  decidedAt: string | null;
  comment: string;
  amount: Money;
}

/** What was asked of a fund, the latest first: transfers, or requests for budget. */
export function AskedList<T extends AskedMoney>({
  title,
  asked,
  query,
  askedAt,
  between,
  of,
  label,
  none,
  aside,
}: {
  title: string;
  /** What the column of the moment is called. */
  asked: string;
  query: { data: { items: T[] } | undefined; error: Error | null; isPending: boolean; refetch(): unknown };
  askedAt(item: T): string;
  /** From where to where, where that is told. */
  between?(item: T): ReactNode;
  /** The cell of the amount, and its name. */
  of: string;
  label: string;
  none: { title: string; text: ReactNode };
  aside?: ReactNode;
}) {
  const items = query.data?.items;
  return (
    <Panel title={title} className="scrolls" aside={aside}>
      {query.error && <Refusal error={query.error} retry={() => void query.refetch()} />}
      {query.isPending && <RowsLoading rows={3} />}
      {items?.length === 0 && <Empty title={none.title}>{none.text}</Empty>}
      {items && items.length > 0 && (
        <table className="grid tight" aria-label={title}>
          <thead>
            <tr>
              <th>{asked}</th>
              {between && <th>From → to</th>}
              <th>Why</th>
              <th>State</th>
              <th>Decided</th>
              <th className="right">Amount</th>
            </tr>
          </thead>
          <tbody>
            {items.map((item) => (
              <tr key={item.id}>
                <td className="num">{instantText(askedAt(item))}</td>
                {between && <td>{between(item)}</td>}
                <td className="t-dim">{item.note}</td>
                <td>
                  <span className="tag">{wordsOf(item.state)}</span>
                </td>
                <td className="t-dim">
                  {item.decidedAt && instantText(item.decidedAt)} {item.comment}
                </td>
                <td className="right">
                  <CellValue of={of} row={item} value={item.amount} label={label} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}
