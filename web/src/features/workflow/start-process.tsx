import { Select, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { request } from '../../api/request.ts';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { sayDone } from '../../ui/toast.tsx';
import type { ProcessDetail } from './shapes.ts';
import { isGiven, type Typed, VariableFields, valuesOf } from './variable-fields.tsx';
import { nameOfVariable } from './variable-words.ts';

/** Begins an instance of a process that is in force, with its variables, and goes to it. */
export function StartProcess({ process, close }: { process: ProcessDetail; close(): void }) {
  const navigate = useNavigate();
  const [title, setTitle] = useState('');
  const [at, setAt] = useState<string | null>(null);
  const [typed, setTyped] = useState<Typed>({});
  const { variables, body } = process.model;
  const starts = body.nodes.filter(({ kind }) => kind === 'start');
  const send = () =>
    request<{ id: string }>('/workflows/instances', {
      method: 'POST',
      body: {
        ...{ process: process.code, title: title.trim(), variables: valuesOf(variables, typed) },
        ...(at === null ? {} : { at }),
      },
    });
  return (
    <FormDialog
      title={`Start: ${process.title}`}
      confirm="Start"
      ready={title.trim() !== '' && variables.every((one) => !one.required || isGiven(typed[one.name]))}
      send={send}
      refresh={['workflow']}
      done={({ id }) => {
        sayDone('Started', title.trim());
        void navigate({ to: '/workflow/instances/$id', params: { id } });
      }}
      close={close}
    >
      <div className="t-dim">Whoever starts it decides none of it.</div>
      <TextInput
        label="Title"
        description="What those who decide read first"
        required
        data-autofocus
        value={title}
        onChange={(event) => setTitle(event.currentTarget.value)}
      />
      {starts.length > 1 && (
        <Select
          label="Begins at"
          placeholder="Where nothing has to happen first"
          clearable
          data={starts.map((node) => ({ value: node.id, label: node.name ?? node.id }))}
          value={at}
          onChange={setAt}
        />
      )}
      <VariableFields
        variables={variables}
        typed={typed}
        put={setTyped}
        labels={Object.fromEntries(variables.map(({ name }) => [name, nameOfVariable(name)]))}
      />
    </FormDialog>
  );
}
