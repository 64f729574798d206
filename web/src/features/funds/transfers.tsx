import { useQuery } from '@tanstack/react-query';
import type { Fund } from '../../api/shapes.ts';
import { instantText, wordsOf } from '../../ui/format.ts';
import { Empty, Panel, Refusal, RowsLoading } from '../../ui/screen.tsx';
import { MoneyValue } from '../../ui/values.tsx';
import { transfersQuery } from './queries.ts';

/** Transfers out of and into a fund, with what became of them. */
export function Transfers({ fund, funds }: { fund: Fund; funds: readonly Fund[] }) {
  const transfers = useQuery(transfersQuery(fund.id));
  const nameOf = (id: string) => funds.find((one) => one.id === id)?.name ?? 'another fund';
  const items = transfers.data?.items;
  return (
    <Panel title="Transfers" className="scrolls">
      {transfers.error && <Refusal error={transfers.error} retry={() => void transfers.refetch()} />}
      {transfers.isPending && <RowsLoading rows={3} />}
      {items?.length === 0 && (
        <Empty title="No transfers">
          Who may transfer proposes one; somebody else decides it, and the money is held until then.
        </Empty>
      )}
      {items && items.length > 0 && (
        <table className="grid tight">
          <thead>
            <tr>
              <th>Proposed</th>
              <th>From → to</th>
              <th>Why</th>
              <th>State</th>
              <th>Decided</th>
              <th className="right">Amount</th>
            </tr>
          </thead>
          <tbody>
            {items.map((transfer) => (
              <tr key={transfer.id}>
                <td className="num">{instantText(transfer.proposedAt)}</td>
                <td>
                  {nameOf(transfer.fromFundId)} → {nameOf(transfer.toFundId)}
                </td>
                <td className="t-dim">{transfer.note}</td>
                <td>
                  <span className="tag">{wordsOf(transfer.state)}</span>
                </td>
                <td className="t-dim">
                  {transfer.decidedAt && instantText(transfer.decidedAt)} {transfer.comment}
                </td>
                <td className="right">
                  <MoneyValue value={transfer.amount} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}
