import { useQuery } from '@tanstack/react-query';
import type { Fund } from '../../api/shapes.ts';
import { ExportButton } from '../../ui/export-button.tsx';
import { instantText, wordsOf } from '../../ui/format.ts';
import { Empty, Panel, Refusal, RowsLoading } from '../../ui/screen.tsx';
import { CellValue } from '../../ui/values.tsx';
import { transfersQuery } from './queries.ts';

/** Transfers out of and into a fund, with what became of them. */
export function Transfers({ fund, funds }: { fund: Fund; funds: readonly Fund[] }) {
  const transfers = useQuery(transfersQuery(fund.id));
  const nameOf = (id: string) => funds.find((one) => one.id === id)?.name ?? 'another fund';
  const items = transfers.data?.items;
  const exported = () => ({
    head: ['proposed_at', 'from_fund', 'to_fund', 'note', 'state', 'decided_at', 'comment', 'amount'],
    rows: (items ?? []).map((one) => [
      ...[one.proposedAt, nameOf(one.fromFundId), nameOf(one.toFundId), one.note, one.state, one.decidedAt],
      ...[one.comment, one.amount],
    ]),
  });
  return (
    <Panel
      title="Transfers"
      className="scrolls"
      aside={<ExportButton name={`transfers of ${fund.code}`} disabled={!items?.length} table={exported} />}
    >
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
                  <CellValue of="funds.transfer" row={transfer} value={transfer.amount} label="Transfer" />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}
