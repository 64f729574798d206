import { SegmentedControl, Textarea } from '@mantine/core';
import { useState } from 'react';
import { request } from '../../api/request.ts';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { sayDone } from '../../ui/toast.tsx';
import { type Incident, type IncidentDetail, type Verdict, verdictWords } from './shapes.ts';

/** Asks what an incident turned out to be: the rules are judged by it. */
export function CloseIncident({ incident, close }: { incident: Incident; close(): void }) {
  const [verdict, setVerdict] = useState<Verdict>('attack');
  const [note, setNote] = useState('');
  return (
    <FormDialog
      title="What was it?"
      confirm="Close the incident"
      send={() =>
        request<IncidentDetail>(`/security/incidents/${incident.id}`, {
          ...{ method: 'PATCH', ifMatch: incident.version },
          body: { state: 'closed', verdict, ...(note.trim() ? { note: note.trim() } : {}) },
        })
      }
      refresh={['security']}
      done={() => sayDone('Closed', incident.title)}
      close={close}
    >
      <SegmentedControl
        aria-label="Verdict"
        data={(Object.keys(verdictWords) as Verdict[]).map((value) => ({ value, label: verdictWords[value] }))}
        value={verdict}
        onChange={(value) => setVerdict(value as Verdict)}
      />
      <Textarea
        label="Note"
        autosize
        minRows={3}
        data-autofocus
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
    </FormDialog>
  );
}
