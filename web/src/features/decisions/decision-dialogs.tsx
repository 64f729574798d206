import { Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import { request } from '../../api/request.ts';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { sayDone } from '../../ui/toast.tsx';
import { sayForce } from '../workflow/asked-force.tsx';
import type { DecisionVersion } from './shapes.ts';
import { newTable } from './table-draft.ts';

/** Asks before a version comes into force or goes out of it, and shows why it does not. */
export function ChangeForce({
  version,
  act,
  inForce,
  close,
}: {
  version: DecisionVersion;
  act: 'publish' | 'retire';
  /** What is in force now, in words; null: nothing. */
  inForce: string | null;
  close(): void;
}) {
  const { id, title, version: number } = version;
  const verb = act === 'publish' ? 'Publish' : 'Retire';
  return (
    <FormDialog
      title={`${verb}: ${title}, version ${number}`}
      confirm={verb}
      dangerous={act === 'retire'}
      send={() => request<DecisionVersion>(`/workflows/decisions/${id}/${act}`, { method: 'POST' })}
      refresh={['decisions']}
      done={(answer) => sayForce(act, answer)}
      close={close}
    >
      <div>
        {act === 'publish'
          ? `${inForce ? `It takes the place of ${inForce}. ` : ''}Whatever comes to this decision from now on, processes under way too, is answered by it.`
          : 'What comes with the product answers again, where there is such a decision. Where two may design, somebody else says yes to it first.'}
      </div>
    </FormDialog>
  );
}

const types = ['number', 'string', 'boolean', 'date'];

/** Asks what a new column tests or answers. */
export function AddColumn({
  add,
  close,
}: {
  add(part: 'input' | 'output', name: string, type: string): void;
  close(): void;
}) {
  const [part, setPart] = useState<string | null>('input');
  const [name, setName] = useState('');
  const [type, setType] = useState<string | null>('number');
  return (
    <FormDialog
      title="Add a column"
      confirm="Add"
      ready={name.trim() !== ''}
      send={async () => add(part === 'output' ? 'output' : 'input', name.trim(), type ?? 'string')}
      refresh={['decision-check']}
      done={() => undefined}
      close={close}
    >
      <Select
        label="What it does"
        allowDeselect={false}
        data={[
          { value: 'input', label: 'tests an input' },
          { value: 'output', label: 'gives a result' },
        ]}
        value={part}
        onChange={setPart}
      />
      <TextInput label="Name" required value={name} onChange={(event) => setName(event.currentTarget.value)} />
      <Select label="Type" allowDeselect={false} data={types} value={type} onChange={setType} />
    </FormDialog>
  );
}

/** Begins a decision of one condition, one result and one row. */
export function NewDecision({ close, show }: { close(): void; show(id: string): void }) {
  const [title, setTitle] = useState('');
  const [code, setCode] = useState('');
  const [input, setInput] = useState('');
  const [type, setType] = useState<string | null>('number');
  const [result, setResult] = useState('result');
  const send = () =>
    request<DecisionVersion>('/workflows/decisions', {
      method: 'POST',
      body: { code: code.trim(), title: title.trim(), ...newTable(input.trim(), type ?? 'number', result.trim()) },
    });
  return (
    <FormDialog
      title="New decision table"
      confirm="Make a draft"
      ready={[title, code, input, result].every((text) => text.trim() !== '')}
      send={send}
      refresh={['decisions']}
      done={(made) => {
        sayDone('Kept as a draft', made.title);
        show(made.id);
      }}
      close={close}
    >
      <TextInput label="Title" required value={title} onChange={(event) => setTitle(event.currentTarget.value)} />
      <TextInput
        label="Code"
        description="Processes ask it by this: small letters, digits and hyphens"
        required
        value={code}
        onChange={(event) => setCode(event.currentTarget.value)}
      />
      <TextInput label="First input" required value={input} onChange={(event) => setInput(event.currentTarget.value)} />
      <Select label="Its type" allowDeselect={false} data={types} value={type} onChange={setType} />
      <TextInput label="Result" required value={result} onChange={(event) => setResult(event.currentTarget.value)} />
    </FormDialog>
  );
}
