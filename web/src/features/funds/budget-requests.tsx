import { Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Fund } from '../../api/shapes.ts';
import { ExportButton } from '../../ui/export-button.tsx';
import { AskedList } from './asked-list.tsx';
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
  const exported = () => ({
    head: ['requested_at', 'note', 'state', 'decided_at', 'comment', 'amount'],
    rows: (items ?? []).map((one) => [one.requestedAt, one.note, one.state, one.decidedAt, one.comment, one.amount]),
  });
  return (
    <AskedList
      title="Budget requests"
      asked="Asked"
      query={requests}
      askedAt={({ requestedAt }) => requestedAt}
      of="funds.budget-request"
      label="Budget request"
      none={{
        title: 'Nobody has asked',
        text: '“Ask for budget” starts a request: planning and finance decide it, an executive where it is large.',
      }}
      aside={<ExportButton name={`budget requests of ${fund.code}`} disabled={!items?.length} table={exported} />}
    />
  );
}
