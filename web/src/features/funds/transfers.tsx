import { useQuery } from '@tanstack/react-query';
import type { Fund } from '../../api/shapes.ts';
import { ExportButton } from '../../ui/export-button.tsx';
import { AskedList } from './asked-list.tsx';
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
    <AskedList
      title="Transfers"
      asked="Proposed"
      query={transfers}
      askedAt={({ proposedAt }) => proposedAt}
      between={({ fromFundId, toFundId }) => `${nameOf(fromFundId)} → ${nameOf(toFundId)}`}
      of="funds.transfer"
      label="Transfer"
      none={{
        title: 'No transfers',
        text: 'Who may transfer proposes one; somebody else decides it, and the money is held until then.',
      }}
      aside={<ExportButton name={`transfers of ${fund.code}`} disabled={!items?.length} table={exported} />}
    />
  );
}
