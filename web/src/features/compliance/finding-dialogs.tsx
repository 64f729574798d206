import { Button, Modal, Select, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { namesQuery } from '../../api/queries.ts';
import { request } from '../../api/request.ts';
import { movedBy, today } from '../../ui/format.ts';
import { Refusal } from '../../ui/screen.tsx';
import type { Finding, Framework } from './shapes.ts';

const weights = ['high', 'medium', 'low'];
const usualDays = 30;

/** Who mends it, how much it weighs, by when. */
function useFields(start: Pick<Finding, 'ownerId' | 'severity' | 'dueOn'>) {
  const people = useQuery(namesQuery());
  const [ownerId, setOwnerId] = useState<string | null>(start.ownerId);
  const [severity, setSeverity] = useState<string>(start.severity);
  const [dueOn, setDueOn] = useState(start.dueOn);
  const fields = (
    <>
      <Select
        label="Owner"
        placeholder="Nobody yet"
        clearable
        searchable
        data={(people.data?.items ?? []).map((person) => ({ value: person.id, label: person.name }))}
        value={ownerId}
        onChange={setOwnerId}
      />
      <Select
        label="Weight"
        allowDeselect={false}
        data={weights}
        value={severity}
        onChange={(value) => value && setSeverity(value)}
      />
      <TextInput
        label="Due on"
        type="date"
        required
        value={dueOn}
        onChange={(event) => setDueOn(event.currentTarget.value)}
      />
    </>
  );
  return { fields, values: { ownerId, severity, dueOn } };
}

function useKept(close: () => void) {
  const client = useQueryClient();
  return () => {
    void client.invalidateQueries({ queryKey: ['compliance'] });
    close();
  };
}

/** A finding that a person made. */
export function RaiseFinding({ framework, close }: { framework: Framework; close(): void }) {
  const [title, setTitle] = useState('');
  const [detail, setDetail] = useState('');
  const { fields, values } = useFields({ ownerId: null, severity: 'medium', dueOn: movedBy(today(), usualDays) });
  const raise = useMutation({
    mutationFn: () =>
      request('/compliance/findings', { method: 'POST', body: { framework, title: title.trim(), detail, ...values } }),
    onSuccess: useKept(close),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    raise.mutate();
  };
  return (
    <Modal opened onClose={close} title={`Raise a finding: ${framework.replace('_', ' ')}`}>
      <form className="stack" onSubmit={submit}>
        <TextInput
          label="What is wrong"
          required
          data-autofocus
          value={title}
          onChange={(event) => setTitle(event.currentTarget.value)}
        />
        <Textarea
          label="How it shows"
          autosize
          minRows={3}
          value={detail}
          onChange={(event) => setDetail(event.currentTarget.value)}
        />
        {fields}
        {raise.error && <Refusal error={raise.error} />}
        <Button type="submit" loading={raise.isPending}>
          Raise
        </Button>
      </form>
    </Modal>
  );
}

/** Changes of an open finding; a resolution closes it. */
export function EditFinding({ finding, close }: { finding: Finding; close(): void }) {
  const [resolution, setResolution] = useState('');
  const { fields, values } = useFields(finding);
  const kept = useKept(close);
  const change = useMutation({
    mutationFn: () =>
      request(`/compliance/findings/${finding.id}`, {
        method: 'PATCH',
        ifMatch: finding.version,
        body: { ...values, ...(resolution.trim() ? { resolution: resolution.trim() } : {}) },
      }),
    onSuccess: kept,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <Modal opened onClose={close} title={finding.title}>
      <form className="stack" onSubmit={submit}>
        <div className="t-dim" style={{ whiteSpace: 'pre-line' }}>
          {finding.detail}
        </div>
        {fields}
        <Textarea
          label="Resolution"
          description="How it was mended: closes the finding. Its owner does not close it."
          autosize
          minRows={2}
          value={resolution}
          onChange={(event) => setResolution(event.currentTarget.value)}
        />
        {change.error && <Refusal error={change.error} />}
        <Button type="submit" loading={change.isPending}>
          {resolution.trim() ? 'Close the finding' : 'Save'}
        </Button>
      </form>
    </Modal>
  );
}
