import { Button, Modal, Select, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { request } from '../../api/request.ts';
import { movedBy, today } from '../../ui/format.ts';
import { useOneAtATime } from '../../ui/one-at-a-time.ts';
import { Refusal } from '../../ui/screen.tsx';
import { sayDone } from '../../ui/toast.tsx';
import { membersQuery } from '../people/queries.ts';
import { conflictsQuery } from './queries.ts';

/** How long an exception lasts unless somebody says otherwise. */
const usualDays = 30;

/** Asks for an exception for a colleague: somebody else decides it. */
export function AskException({ close }: { close(): void }) {
  const client = useQueryClient();
  const once = useOneAtATime();
  const people = useQuery(membersQuery);
  const conflicts = useQuery(conflictsQuery);
  const [personId, setPersonId] = useState<string | null>(null);
  const [conflict, setConflict] = useState<string | null>(null);
  const [reason, setReason] = useState('');
  const [expiresOn, setExpiresOn] = useState(movedBy(today(), usualDays));
  const ask = useMutation({
    mutationFn: () =>
      request('/compliance/duties/exceptions', {
        method: 'POST',
        body: { personId, conflict, reason: reason.trim(), expiresOn },
      }),
    onSuccess: () => {
      sayDone('Asked', 'Somebody else decides.');
      void client.invalidateQueries({ queryKey: ['duties'] });
      close();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    once(() => ask.mutateAsync());
  };
  return (
    <Modal opened onClose={close} closeOnClickOutside={false} title="Ask for an exception">
      <form className="stack" onSubmit={submit}>
        <Select
          label="For"
          required
          searchable
          data-autofocus
          data={(people.data ?? []).filter((one) => !one.disabled).map(({ id, name }) => ({ value: id, label: name }))}
          value={personId}
          onChange={setPersonId}
        />
        <Select
          label="Who may for a while"
          required
          data={(conflicts.data ?? []).map((one) => ({
            value: one.code,
            label: `${one.first.name} and ${one.second.name}`,
          }))}
          value={conflict}
          onChange={setConflict}
        />
        <TextInput label="Why" required value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
        <TextInput
          label="Until"
          type="date"
          required
          min={today()}
          value={expiresOn}
          onChange={(event) => setExpiresOn(event.currentTarget.value)}
        />
        {ask.error && <Refusal error={ask.error} />}
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" loading={ask.isPending} disabled={!personId || !conflict || !reason.trim()}>
            Ask
          </Button>
        </div>
      </form>
    </Modal>
  );
}
