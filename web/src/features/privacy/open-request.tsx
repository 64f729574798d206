import { Select, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { namesQuery } from '../../api/queries.ts';
import { request } from '../../api/request.ts';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { today, wordsOf } from '../../ui/format.ts';
import { sayDone } from '../../ui/toast.tsx';
import type { PrivacyRequestDetail, RequestKind } from './shapes.ts';

const kinds: RequestKind[] = ['access', 'portability', 'rectification', 'erasure', 'restriction', 'objection'];

/** Takes down what a data subject asks for. */
export function OpenRequest({ close, opened }: { close(): void; opened(id: string): void }) {
  const people = useQuery(namesQuery());
  const [kind, setKind] = useState<string | null>('access');
  const [personId, setPersonId] = useState<string | null>(null);
  const [contact, setContact] = useState('');
  const [asked, setAsked] = useState('');
  const [receivedOn, setReceivedOn] = useState(today());
  const body = {
    ...{ kind, contact: contact.trim(), receivedOn },
    ...(personId ? { personId } : {}),
    ...(asked.trim() ? { asked: asked.trim() } : {}),
  };
  return (
    <FormDialog
      title="New request"
      confirm="Take down"
      send={() => request<PrivacyRequestDetail>('/privacy/requests', { method: 'POST', body })}
      refresh={['privacy']}
      done={(answer) => {
        sayDone('Taken down', 'It is due in a month.');
        opened(answer.id);
      }}
      close={close}
    >
      <Select
        label="Asks for"
        required
        allowDeselect={false}
        data={kinds.map((value) => ({ value, label: wordsOf(value) }))}
        value={kind}
        onChange={setKind}
      />
      <Select
        label="Person"
        description="Empty: somebody without an account"
        inputWrapperOrder={['label', 'input', 'description']}
        clearable
        searchable
        data={(people.data?.items ?? []).map(({ id, name }) => ({ value: id, label: name }))}
        value={personId}
        onChange={setPersonId}
        error={people.error ? 'People could not be loaded' : undefined}
      />
      <TextInput
        label="Who asked, and how to reach them"
        required
        value={contact}
        onChange={(event) => setContact(event.currentTarget.value)}
      />
      <Textarea
        label="In their words"
        autosize
        minRows={2}
        value={asked}
        onChange={(event) => setAsked(event.currentTarget.value)}
      />
      <TextInput
        label="Received"
        type="date"
        required
        max={today()}
        value={receivedOn}
        onChange={(event) => setReceivedOn(event.currentTarget.value)}
      />
    </FormDialog>
  );
}
