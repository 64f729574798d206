import { Select, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { namesQuery } from '../../api/queries.ts';
import { request } from '../../api/request.ts';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { movedBy, today } from '../../ui/format.ts';
import { sayDone } from '../../ui/toast.tsx';
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

/** A finding that a person made. */
export function RaiseFinding({ framework, close }: { framework: Framework; close(): void }) {
  const [title, setTitle] = useState('');
  const [detail, setDetail] = useState('');
  const { fields, values } = useFields({ ownerId: null, severity: 'medium', dueOn: movedBy(today(), usualDays) });
  return (
    <FormDialog
      title={`Raise a finding: ${framework.replace('_', ' ')}`}
      confirm="Raise"
      send={() =>
        request('/compliance/findings', { method: 'POST', body: { framework, title: title.trim(), detail, ...values } })
      }
      refresh={['compliance']}
      done={() => sayDone('Raised', title.trim())}
      close={close}
    >
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
    </FormDialog>
  );
}

/** Changes of an open finding; a resolution closes it. */
export function EditFinding({ finding, close }: { finding: Finding; close(): void }) {
  const [resolution, setResolution] = useState('');
  const { fields, values } = useFields(finding);
  const closes = resolution.trim() !== '';
  return (
    <FormDialog
      title={finding.title}
      confirm={closes ? 'Close the finding' : 'Save'}
      send={() =>
        request(`/compliance/findings/${finding.id}`, {
          method: 'PATCH',
          ifMatch: finding.version,
          body: { ...values, ...(closes ? { resolution: resolution.trim() } : {}) },
        })
      }
      refresh={['compliance']}
      done={() => sayDone(closes ? 'Closed' : 'Saved', finding.title)}
      close={close}
    >
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
    </FormDialog>
  );
}
