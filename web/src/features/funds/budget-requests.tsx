import { Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Fund } from '../../api/shapes.ts';
import { instantText, wordsOf } from '../../ui/format.ts';
import { Empty, Panel, Refusal, RowsLoading } from '../../ui/screen.tsx';
import { CellValue } from '../../ui/values.tsx';
import { decimal, FundDialog, plain } from './dialogs.tsx';
import { budgetRequestsQuery } from './queries.ts';

/** Asks for more money for a fund; planning, finance and above a limit an executive decide. */
export function BudgetDialog({ fund, close }: { fund: Fund; close(): void }) {
  const [amount, setAmount] = useState('');
  const [note, setNote] = useState('');
  return (
    <FundDialog
      title={`Ask for budget: ${fund.name}`}
      send="Ask"
      path={`/funds/${fund.id}/budget-requests`}
      body={() => ({ amount: { amount: plain(amount), currency: fund.currency }, note })}
      done="Asked; the fund has it when planning and finance have approved"
      close={close}
      ready={decimal.test(amount.trim())}
    >
      <TextInput
        label={`Amount (${fund.currency})`}
        data-autofocus
        required
        inputMode="decimal"
        value={amount}
        onChange={(event) => setAmount(event.currentTarget.value)}
      />
      <Textarea label="Why" value={note} onChange={(event) => setNote(event.currentTarget.value)} />
    </FundDialog>
  );
}

/** Requests for more money for a fund, with what became of them. */
export function BudgetRequests({ fund }: { fund: Fund }) {
  const requests = useQuery(budgetRequestsQuery(fund.id));
  const items = requests.data?.items;
  return (
    <Panel title="Budget requests" className="scrolls">
      {requests.error && <Refusal error={requests.error} retry={() => void requests.refetch()} />}
      {requests.isPending && <RowsLoading rows={3} />}
      {items?.length === 0 && (
        <Empty title="Nobody has asked">
          “Ask for budget” starts a request: planning and finance decide it, an executive where it is large.
        </Empty>
      )}
      {items && items.length > 0 && (
        <table className="grid tight">
          <thead>
            <tr>
              <th>Asked</th>
              <th>Why</th>
              <th>State</th>
              <th>Decided</th>
              <th className="right">Amount</th>
            </tr>
          </thead>
          <tbody>
            {items.map((one) => (
              <tr key={one.id}>
                <td className="num">{instantText(one.requestedAt)}</td>
                <td className="t-dim">{one.note}</td>
                <td>
                  <span className="tag">{wordsOf(one.state)}</span>
                </td>
                <td className="t-dim">
                  {one.decidedAt && instantText(one.decidedAt)} {one.comment}
                </td>
                <td className="right">
                  <CellValue of="funds.budget-request" row={one} value={one.amount} label="Budget request" />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}
