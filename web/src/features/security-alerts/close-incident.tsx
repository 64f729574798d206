import { Button, Modal, SegmentedControl, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { request } from '../../api/request.ts';
import { useOneAtATime } from '../../ui/one-at-a-time.ts';
import { Refusal } from '../../ui/screen.tsx';
import { sayDone } from '../../ui/toast.tsx';
import { type Incident, type IncidentDetail, type Verdict, verdictWords } from './shapes.ts';

/** Asks what an incident turned out to be: the rules are judged by it. */
export function CloseIncident({ incident, close }: { incident: Incident; close(): void }) {
  const client = useQueryClient();
  const once = useOneAtATime();
  const [verdict, setVerdict] = useState<Verdict>('attack');
  const [note, setNote] = useState('');
  const closing = useMutation({
    mutationFn: () =>
      request<IncidentDetail>(`/security/incidents/${incident.id}`, {
        ...{ method: 'PATCH', ifMatch: incident.version },
        body: { state: 'closed', verdict, ...(note.trim() ? { note: note.trim() } : {}) },
      }),
    onSuccess: () => {
      sayDone('Closed', incident.title);
      void client.invalidateQueries({ queryKey: ['security'] });
      close();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    once(() => closing.mutateAsync());
  };
  return (
    <Modal opened onClose={close} closeOnClickOutside={false} title="What was it?">
      <form className="stack" onSubmit={submit}>
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
        {closing.error && <Refusal error={closing.error} />}
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" loading={closing.isPending}>
            Close the incident
          </Button>
        </div>
      </form>
    </Modal>
  );
}
