import { Button, Modal, Textarea, TextInput } from '@mantine/core';
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { request } from '../../api/request.ts';
import { useMay } from '../../api/session.ts';
import type { Customer, Money } from '../../api/shapes.ts';
import { instantText, wordsOf } from '../../ui/format.ts';
import { Panel, Refusal, RowsLoading } from '../../ui/screen.tsx';
import { sayDone } from '../../ui/toast.tsx';
import { CellValue } from '../../ui/values.tsx';

/** How a customer stands: whether their onboarding is over, and the credit that they have. */
interface Standing {
  state: 'onboarding' | 'active' | 'refused' | 'returned';
  requestedLimit: Money | null;
  creditLimit: Money | null;
  conditions: string;
  requestedAt: string | null;
  decidedAt: string | null;
}

const standingQuery = (id: string) =>
  queryOptions({
    queryKey: ['customers', id, 'onboarding'],
    queryFn: ({ signal }) => request<Standing>(`/customers/${id}/onboarding`, { signal }),
  });

const amountPattern = /^\d{1,11}([.,]\d{1,3})?$/;

function BeginDialog({ customer, close }: { customer: Customer; close(): void }) {
  const client = useQueryClient();
  const [amount, setAmount] = useState('');
  const [note, setNote] = useState('');
  const begin = useMutation({
    mutationFn: () =>
      request(`/customers/${customer.id}/onboarding`, {
        method: 'POST',
        body: { creditLimit: { amount: amount.trim().replace(',', '.'), currency: customer.currency }, note },
      }),
    onSuccess: () => {
      sayDone('Onboarding begun', `${customer.name}: finance checks the credit first`);
      close();
      for (const key of ['customers', 'tasks']) void client.invalidateQueries({ queryKey: [key] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    begin.mutate();
  };
  return (
    <Modal opened onClose={close} closeOnClickOutside={false} title={`Onboard ${customer.name}`}>
      <form onSubmit={submit} className="stack">
        <TextInput
          label={`Credit limit asked for (${customer.currency})`}
          data-autofocus
          required
          inputMode="decimal"
          value={amount}
          onChange={(event) => setAmount(event.currentTarget.value)}
        />
        <Textarea label="Note for finance" value={note} onChange={(event) => setNote(event.currentTarget.value)} />
        <div className="t-dim t-sm">Until it is over, no promotion of this customer can be submitted.</div>
        {begin.error && <Refusal error={begin.error} />}
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" disabled={!amountPattern.test(amount.trim())} loading={begin.isPending}>
            Begin
          </Button>
        </div>
      </form>
    </Modal>
  );
}

/** A customer's standing and credit, and the way to onboard them. */
export function Onboarding({ customer }: { customer: Customer }) {
  const may = useMay();
  const [asking, setAsking] = useState(false);
  const { data, error, isPending, refetch } = useQuery(standingQuery(customer.id));
  const limit = data?.state === 'onboarding' ? data.requestedLimit : data?.creditLimit;
  return (
    <Panel
      title="Standing and credit"
      aside={
        may('customers:write') &&
        data &&
        data.state !== 'onboarding' && (
          <Button size="xs" variant="default" onClick={() => setAsking(true)}>
            Onboard
          </Button>
        )
      }
    >
      {error && <Refusal error={error} retry={() => void refetch()} />}
      {isPending && <RowsLoading rows={1} />}
      {data && (
        <div className="panel-body">
          <span className="tag">{wordsOf(data.state)}</span>{' '}
          {limit ? (
            <>
              {data.state === 'onboarding' ? 'asked for ' : 'credit limit '}
              <CellValue of="customers.creditLimit" row={data} value={limit} label="Credit limit" />
            </>
          ) : (
            <span className="t-dim">no credit limit</span>
          )}
          <div className="t-dim t-sm">
            {[
              data.requestedAt && `asked ${instantText(data.requestedAt)}`,
              data.decidedAt && `decided ${instantText(data.decidedAt)}`,
              data.conditions,
            ]
              .filter(Boolean)
              .join(' · ')}
          </div>
        </div>
      )}
      {asking && <BeginDialog customer={customer} close={() => setAsking(false)} />}
    </Panel>
  );
}
