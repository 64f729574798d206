import { Button, Modal, Select, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { customersQuery, weeksQuery } from '../../api/queries.ts';
import { request } from '../../api/request.ts';
import { Refusal } from '../../ui/screen.tsx';
import { sayDone } from '../../ui/toast.tsx';
import { CustomerPicker } from '../workspace/pickers.tsx';
import { plansQuery } from './queries.ts';
import type { AccountPlan } from './shapes.ts';

/** Opens the plan of a customer for a fiscal year. */
export function NewPlan({ close, made }: { close(): void; made(id: string): void }) {
  const client = useQueryClient();
  const customers = useQuery(customersQuery);
  const weeks = useQuery(weeksQuery);
  const years = [...new Set((weeks.data ?? []).map((week) => week.fiscalYear))].sort((a, b) => b - a);
  const [customerId, setCustomerId] = useState('');
  const [year, setYear] = useState<string | null>(null);
  const [name, setName] = useState('');
  const customer = customers.data?.find(({ id }) => id === customerId);
  const suggested = customer && year ? `${customer.name} FY${year}` : '';
  const create = useMutation({
    mutationFn: () =>
      request<AccountPlan>('/account-plans', {
        method: 'POST',
        body: { name: name.trim() || suggested, customerId, fiscalYear: Number(year) },
      }),
    onSuccess: async (plan) => {
      sayDone('Plan opened', 'It is calculated now.');
      await client.invalidateQueries({ queryKey: plansQuery.queryKey });
      made(plan.id);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate();
  };
  return (
    <Modal opened onClose={close} closeOnClickOutside={false} title="New account plan">
      <form className="stack" onSubmit={submit}>
        <CustomerPicker value={customerId} onChange={setCustomerId} />
        <Select
          label="Fiscal year"
          placeholder="Choose a year"
          data={years.map((each) => ({ value: String(each), label: `FY${each}` }))}
          value={year}
          onChange={setYear}
        />
        <TextInput
          label="Name"
          placeholder={suggested}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        {create.error && <Refusal error={create.error} />}
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" disabled={!customerId || !year} loading={create.isPending}>
            Open plan
          </Button>
        </div>
      </form>
    </Modal>
  );
}
