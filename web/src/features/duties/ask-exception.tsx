import { Select, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { request } from '../../api/request.ts';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { movedBy, today } from '../../ui/format.ts';
import { sayDone } from '../../ui/toast.tsx';
import { membersQuery } from '../people/queries.ts';
import { conflictsQuery } from './queries.ts';

/** How long an exception lasts unless somebody says otherwise. */
const usualDays = 30;

/** Asks for an exception for a colleague: somebody else decides it. */
export function AskException({ close }: { close(): void }) {
  const people = useQuery(membersQuery);
  const conflicts = useQuery(conflictsQuery);
  const [personId, setPersonId] = useState<string | null>(null);
  const [conflict, setConflict] = useState<string | null>(null);
  const [reason, setReason] = useState('');
  const [expiresOn, setExpiresOn] = useState(movedBy(today(), usualDays));
  return (
    <FormDialog
      title="Ask for an exception"
      confirm="Ask"
      ready={personId !== null && conflict !== null && reason.trim() !== ''}
      send={() =>
        request('/compliance/duties/exceptions', {
          method: 'POST',
          body: { personId, conflict, reason: reason.trim(), expiresOn },
        })
      }
      refresh={['duties']}
      done={() => sayDone('Asked', 'Somebody else decides.')}
      close={close}
    >
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
    </FormDialog>
  );
}
