import { Textarea } from '@mantine/core';
import { useState } from 'react';
import { request } from '../../api/request.ts';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { sayDone } from '../../ui/toast.tsx';
import { nodeName } from './model-nodes.ts';
import type { InstanceDetail, InstanceIncident } from './shapes.ts';
import { type Typed, VariableFields, valuesOf } from './variable-fields.tsx';

function Why({ label, value, put }: { label: string; value: string; put(value: string): void }) {
  return (
    <Textarea
      label={label}
      required
      data-autofocus
      autosize
      minRows={2}
      value={value}
      onChange={(event) => put(event.currentTarget.value)}
    />
  );
}

/** Lets a process go on where it stopped, with variables mended if need be. */
export function RetryIncident({
  instance,
  incident,
  close,
}: {
  instance: InstanceDetail;
  incident: InstanceIncident;
  close(): void;
}) {
  const [note, setNote] = useState('');
  const [typed, setTyped] = useState<Typed>({});
  const { variables } = instance.model;
  const set = valuesOf(variables, typed);
  const mended = Object.keys(set).length > 0;
  const name = nodeName(instance.model, incident.node);
  return (
    <FormDialog
      title={`Retry: ${name}`}
      confirm="Retry"
      ready={note.trim() !== ''}
      send={() =>
        request(`/workflows/incidents/${incident.id}/retry`, {
          method: 'POST',
          body: { note: note.trim(), ...(mended ? { set } : {}) },
        })
      }
      refresh={['workflow']}
      done={() => sayDone('Tried again', name)}
      close={close}
    >
      <div className="neg">{incident.message}</div>
      <Why label="What was mended" value={note} put={setNote} />
      {variables.length > 0 && (
        <details>
          <summary className="t-dim">Set variables anew; what is left empty stays</summary>
          <div className="stack" style={{ marginTop: 8 }}>
            <VariableFields
              variables={variables.map((one) => ({ ...one, required: false }))}
              typed={typed}
              put={setTyped}
            />
          </div>
        </details>
      )}
    </FormDialog>
  );
}

/** Ends a process without an outcome. */
export function CancelInstance({ instance, close }: { instance: InstanceDetail; close(): void }) {
  const [reason, setReason] = useState('');
  return (
    <FormDialog
      title={`Cancel: ${instance.title}`}
      confirm="Cancel it"
      dangerous
      ready={reason.trim() !== ''}
      send={() =>
        request(`/workflows/instances/${instance.id}/cancel`, { method: 'POST', body: { reason: reason.trim() } })
      }
      refresh={['workflow']}
      done={() => sayDone('Cancelled', instance.title)}
      close={close}
    >
      <div>It ends without an outcome, and its open tasks with it. This is final.</div>
      <Why label="Why" value={reason} put={setReason} />
    </FormDialog>
  );
}
