import { Button, Select, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { request } from '../../api/request.ts';
import { useMay } from '../../api/session.ts';
import type { Customer } from '../../api/shapes.ts';
import { Comments } from '../../ui/comments.tsx';
import { Refusal } from '../../ui/screen.tsx';
import { sayDone } from '../../ui/toast.tsx';
import { Onboarding } from './onboarding.tsx';
import { Then } from './then.tsx';

/** A customer's own fields, changed on the version that was read. */
export function CustomerDetail({
  customer,
  all,
  asOf,
}: {
  customer: Customer;
  all: readonly Customer[];
  asOf: string | undefined;
}) {
  const client = useQueryClient();
  const may = useMay();
  const editable = asOf === undefined && may('customers:write');
  const [name, setName] = useState(customer.name);
  const [type, setType] = useState(customer.type ?? '');
  const [channel, setChannel] = useState(customer.channel ?? '');
  const [parentId, setParent] = useState(customer.parentId);
  const save = useMutation({
    mutationFn: () =>
      request<Customer>(`/customers/${customer.id}`, {
        method: 'PATCH',
        ifMatch: customer.version,
        body: { name, type, channel: channel || null, parentId },
      }),
    onSuccess: async (saved) => {
      await client.invalidateQueries({ queryKey: ['customers'] });
      sayDone('Saved', `${saved.name}, version ${saved.version}`);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <div className="stack" style={{ gap: 12 }}>
      <div>
        <h2 style={{ fontSize: 16 }}>{customer.name}</h2>
        <div className="t-dim">
          {customer.code} · {customer.type} · {customer.currency} · version {customer.version} ·{' '}
          <Link to="/calendar" search={{ customer: customer.id }}>
            trade calendar
          </Link>{' '}
          ·{' '}
          <Link to="/audit" search={{ entityId: customer.id }}>
            history
          </Link>
        </div>
      </div>
      {asOf && <Then tree="customers" node={customer} all={all} asOf={asOf} />}
      <form onSubmit={submit} className="fields readable" style={{ maxWidth: 640 }}>
        <TextInput
          label="Name"
          className="wide"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          disabled={!editable}
          required
        />
        <TextInput
          label="Type"
          value={type}
          onChange={(event) => setType(event.currentTarget.value)}
          disabled={!editable}
          required
        />
        <TextInput
          label="Channel"
          value={channel}
          onChange={(event) => setChannel(event.currentTarget.value)}
          disabled={!editable}
        />
        <Select
          label="Stands below"
          className="wide"
          searchable
          clearable
          limit={50}
          placeholder="Nothing: it is a root"
          data={all
            .filter(({ id }) => id !== customer.id)
            .map(({ id, code, name: of }) => ({ value: id, label: `${of} (${code})` }))}
          value={parentId}
          onChange={setParent}
          disabled={!editable}
        />
        {save.error && (
          <div className="wide">
            <Refusal error={save.error} />
          </div>
        )}
        {editable && (
          <div className="wide">
            <Button type="submit" loading={save.isPending}>
              Save
            </Button>
          </div>
        )}
      </form>
      {asOf === undefined && <Onboarding customer={customer} />}
      <Comments subjectType="customer" subjectId={customer.id} />
    </div>
  );
}
