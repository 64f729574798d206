import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Task } from '../../api/shapes.ts';
import { Panel, Refusal } from '../../ui/screen.tsx';
import { CellValue } from '../../ui/values.tsx';
import { CheckbookKpis } from './checkbook.tsx';
import { fundCheckbookQuery } from './queries.ts';

function Side({ fundId, title }: { fundId: string; title: string }) {
  const book = useQuery(fundCheckbookQuery(fundId, undefined));
  return (
    <Panel title={title}>
      {book.error && <Refusal error={book.error} retry={() => void book.refetch()} />}
      <CheckbookKpis figures={book.data?.figures} currency={book.data?.currency ?? ''} />
      <div className="panel-body t-sm">
        <Link to="/funds" search={{ fund: fundId }}>
          Open the fund
        </Link>
      </div>
    </Panel>
  );
}

/** What whoever decides a transfer between funds has to see: the amount, why, and both funds. */
export function TransferEvidence({ summary }: { summary: Task['summary'] }) {
  return (
    <div className="stack" style={{ gap: 12, marginTop: 12 }}>
      <Panel title="Proposed transfer">
        <div className="panel-body">
          <CellValue
            of="tasks.fund_transfer.spend"
            row={{ summary }}
            value={summary.amount}
            label="Proposed transfer"
          />{' '}
          from {summary.fromFund} to {summary.toFund}
          {summary.note && <div className="t-dim">{summary.note}</div>}
        </div>
      </Panel>
      {summary.fundId && <Side fundId={summary.fundId} title={`${summary.fromFund}: the amount is held in Reserved`} />}
      {summary.toFundId && <Side fundId={summary.toFundId} title={summary.toFund ?? ''} />}
    </div>
  );
}

/** What whoever decides a request for budget has to see: the amount, why, and the fund as it stands. */
export function BudgetEvidence({ summary }: { summary: Task['summary'] }) {
  return (
    <div className="stack" style={{ gap: 12, marginTop: 12 }}>
      <Panel title="Budget asked for">
        <div className="panel-body">
          <CellValue
            of="tasks.fund_budget_request.spend"
            row={{ summary }}
            value={summary.amount}
            label="Budget asked for"
          />{' '}
          for {summary.toFund}
          {summary.note && <div className="t-dim">{summary.note}</div>}
        </div>
      </Panel>
      {summary.fundId && <Side fundId={summary.fundId} title={`${summary.toFund} today, without it`} />}
    </div>
  );
}
