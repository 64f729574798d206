import { Button, FileInput, Modal, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { request } from '../../api/request.ts';
import type { Customer } from '../../api/shapes.ts';
import { useOneAtATime } from '../../ui/one-at-a-time.ts';
import { Refusal } from '../../ui/screen.tsx';
import { sayDone } from '../../ui/toast.tsx';
import { isAmount, plainAmount } from './amounts.ts';
import { DeskDialog } from './desk-dialog.tsx';
import type { Item, ItemKind } from './shapes.ts';

const purposes = [
  { value: 'proof_of_performance', label: 'Proof of performance' },
  { value: 'scan_proof', label: 'Scan proof' },
  { value: 'invoice', label: 'Invoice' },
  { value: 'other', label: 'Other' },
];

/** Attaches a paper to an item. */
export function AttachDialog({ item, close, done }: { item: Item; close(): void; done(): void }) {
  const client = useQueryClient();
  const once = useOneAtATime();
  const [file, setFile] = useState<File | null>(null);
  const [purpose, setPurpose] = useState('proof_of_performance');
  const upload = useMutation({
    mutationFn: () => {
      const form = new FormData();
      form.set('purpose', purpose);
      if (file) form.set('file', file);
      return request<unknown>(`/${item.kind}s/${item.id}/attachments`, { method: 'POST', form });
    },
    onSuccess: () => {
      sayDone('Attached', file?.name);
      close();
      done();
      void client.invalidateQueries({ queryKey: ['desk'] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (file) once(() => upload.mutateAsync());
  };
  return (
    <Modal opened onClose={close} title={`Attach to ${item.reference}`} transitionProps={{ duration: 80 }}>
      <form onSubmit={submit} className="stack">
        <NativeSelect
          label="What it proves"
          data={purposes}
          value={purpose}
          onChange={(event) => setPurpose(event.currentTarget.value)}
        />
        <FileInput
          label="File"
          description="PDF, PNG, JPEG or CSV, at most 10 MiB"
          placeholder="Choose a file"
          value={file}
          onChange={setFile}
        />
        {upload.error && <Refusal error={upload.error} />}
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" disabled={!file} loading={upload.isPending}>
            Attach
          </Button>
        </div>
      </form>
    </Modal>
  );
}

/** Captures an item by hand. */
export function CaptureDialog({
  kind,
  customers,
  close,
}: {
  kind: ItemKind;
  customers: readonly Customer[];
  close(): void;
}) {
  const [customerId, setCustomerId] = useState(customers[0]?.id ?? '');
  const [reference, setReference] = useState('');
  const [amount, setAmount] = useState('');
  const [tax, setTax] = useState('');
  const [takenOn, setTakenOn] = useState('');
  const [reasonCode, setReasonCode] = useState('');
  const [note, setNote] = useState('');
  const currency = customers.find(({ id }) => id === customerId)?.currency ?? 'USD';
  const ready = customerId !== '' && reference.trim() !== '' && isAmount(amount) && takenOn !== '';
  const field = (set: (text: string) => void) => (event: { currentTarget: { value: string } }) =>
    set(event.currentTarget.value);
  return (
    <DeskDialog
      title={`Capture a ${kind}`}
      send="Capture"
      said="Captured"
      change={() => ({
        path: `/${kind}s`,
        body: {
          ...{ customerId, reference: reference.trim(), takenOn, note },
          amount: { amount: plainAmount(amount), currency },
          ...(tax.trim() ? { tax: plainAmount(tax) } : {}),
          ...(reasonCode.trim() ? { reasonCode: reasonCode.trim() } : {}),
        },
      })}
      ready={ready && (tax.trim() === '' || isAmount(tax))}
      close={close}
      done={() => undefined}
    >
      <NativeSelect
        label="Customer"
        data={customers.map(({ id, code, name }) => ({ value: id, label: `${name} (${code})` }))}
        value={customerId}
        onChange={field(setCustomerId)}
        data-autofocus
      />
      <div className="fields">
        <TextInput label="Customer’s number" value={reference} onChange={field(setReference)} />
        <TextInput
          label={kind === 'deduction' ? 'Taken on' : 'Claimed on'}
          type="date"
          value={takenOn}
          onChange={field(setTakenOn)}
        />
        <TextInput
          label={`Amount, tax included, ${currency}`}
          inputMode="decimal"
          value={amount}
          onChange={field(setAmount)}
        />
        <TextInput label={`Tax inside, ${currency}`} inputMode="decimal" value={tax} onChange={field(setTax)} />
      </div>
      <TextInput label="Customer’s reason code" value={reasonCode} onChange={field(setReasonCode)} />
      <Textarea label="Reference text" value={note} onChange={field(setNote)} autosize minRows={2} />
    </DeskDialog>
  );
}
