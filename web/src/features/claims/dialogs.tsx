import { ActionIcon, Button, Checkbox, FileInput, Modal, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { request } from '../../api/request.ts';
import type { Customer } from '../../api/shapes.ts';
import { amountText, moneyText, wordsOf } from '../../ui/format.ts';
import { useOneAtATime } from '../../ui/one-at-a-time.ts';
import { Refusal } from '../../ui/screen.tsx';
import { sayDone } from '../../ui/toast.tsx';
import { answeredFor, decimalOf, minorOf, shownDigits } from './amounts.ts';
import { categories } from './categories.ts';
import type { FullItem, Item, ItemKind } from './shapes.ts';
import { changeOf, type ItemChange, settlingOf, useItemChange } from './use-item-change.ts';

const plain = (text: string) => text.trim().replace(',', '.');
const isAmount = (text: string) => /^\d{1,12}(\.\d{1,3})?$/.test(plain(text));

/** What every dialog of the desk needs. */
export interface DialogProps {
  item: FullItem;
  close(): void;
  /** Called once the change is made. */
  done(): void;
}

function DeskDialog({
  title,
  send,
  change,
  said,
  ready,
  close,
  done,
  children,
}: {
  title: string;
  send: string;
  change(): ItemChange;
  said: string;
  ready: boolean;
  close(): void;
  done(): void;
  children: ReactNode;
}) {
  const sending = useItemChange(() => {
    sayDone(said, title);
    close();
    done();
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready) sending.send(change());
  };
  return (
    <Modal opened onClose={close} title={title} closeOnClickOutside={false} transitionProps={{ duration: 80 }}>
      <form onSubmit={submit} className="stack">
        {children}
        {sending.error && <Refusal error={sending.error} />}
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" disabled={!ready} loading={sending.busy}>
            {send}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

/** Says how much is valid; what is owed for a deed needs its proof, or a reason. */
export function ValidateDialog({ item, close, done, why }: DialogProps & { why?: string | undefined }) {
  const { currency } = item.amount;
  const [amount, setAmount] = useState(answeredFor(item).amount);
  const [note, setNote] = useState('');
  const [withoutProof, setWithoutProof] = useState('');
  return (
    <DeskDialog
      title={`Validate ${item.reference}`}
      send="Validate"
      said="Reviewed"
      change={() =>
        changeOf(item, 'validate', {
          validAmount: { amount: plain(amount), currency },
          note,
          ...(withoutProof.trim() ? { withoutProof } : {}),
        })
      }
      ready={isAmount(amount) && (Number(plain(amount)) > 0 || note.trim() !== '')}
      close={close}
      done={done}
    >
      {why && <div className="t-dim">{why}</div>}
      <TextInput
        label={`Valid of ${moneyText(item.amount)}`}
        description="0, with a note why, where nothing is valid; at most what is matched, and the tax on it"
        value={amount}
        onChange={(event) => setAmount(event.currentTarget.value)}
        inputMode="decimal"
        data-autofocus
      />
      <TextInput
        label="Valid without proof, because"
        description="Only where no proof of performance or scan proof is attached"
        value={withoutProof}
        onChange={(event) => setWithoutProof(event.currentTarget.value)}
      />
      <Textarea
        label="Note"
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
        autosize
        minRows={2}
      />
    </DeskDialog>
  );
}

/** Settles the valid amount. */
export function SettleDialog({ item, close, done }: DialogProps) {
  const kinds = item.kind === 'deduction' ? ['offset', 'credit_memo'] : ['credit_memo', 'check', 'offset'];
  const names: Record<string, string> = { offset: 'Offset', credit_memo: 'Credit memo', check: 'Check' };
  const [kind, setKind] = useState(kinds[0] ?? 'offset');
  const [note, setNote] = useState('');
  const [beyond, setBeyond] = useState(false);
  return (
    <DeskDialog
      title={`Settle ${item.reference}`}
      send={`Settle ${moneyText(item.validAmount)}`}
      said="Settled"
      change={() => settlingOf(item, kind, note, beyond)}
      ready={item.validAmount !== null && (!beyond || note.trim() !== '')}
      close={close}
      done={done}
    >
      <NativeSelect
        label="By"
        data={kinds.map((value) => ({ value, label: names[value] ?? value }))}
        value={kind}
        onChange={(event) => setKind(event.currentTarget.value)}
        data-autofocus
      />
      <Checkbox
        label="Also beyond what has accrued"
        description="What goes beyond is accrued with it; the note says why"
        checked={beyond}
        onChange={(event) => setBeyond(event.currentTarget.checked)}
      />
      <Textarea
        label="Note"
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
        autosize
        minRows={2}
      />
    </DeskDialog>
  );
}

/** Says what an item is for; only then can it be matched. */
export function CategoriseDialog({ item, close, done }: DialogProps) {
  const [category, setCategory] = useState(item.category ?? categories[0] ?? '');
  const [reasonCode, setReasonCode] = useState(item.reasonCode ?? '');
  return (
    <DeskDialog
      title={`Categorise ${item.reference}`}
      send="Categorise"
      said="Categorised"
      change={() =>
        changeOf(item, 'categorise', { category, ...(reasonCode.trim() ? { reasonCode: reasonCode.trim() } : {}) })
      }
      ready={category !== ''}
      close={close}
      done={done}
    >
      <NativeSelect
        label="It is for"
        data={categories.map((value) => ({ value, label: wordsOf(value) }))}
        value={category}
        onChange={(event) => setCategory(event.currentTarget.value)}
        data-autofocus
      />
      <TextInput
        label="Customer’s reason code"
        value={reasonCode}
        onChange={(event) => setReasonCode(event.currentTarget.value)}
      />
    </DeskDialog>
  );
}

const noted = {
  research: { title: 'Send to research', send: 'Send', said: 'Sent to research', what: 'What is missing' },
  dispute: { title: 'Dispute', send: 'Dispute', said: 'Disputed', what: 'Why it is not ours' },
  'write-off': { title: 'Write off', send: 'Write off', said: 'Written off', what: 'Why it is not worth pursuing' },
  recover: { title: 'Record the recovery', send: 'Record', said: 'Recovered', what: 'How it came back' },
} as const;

/** An action that needs nothing but a reason, and for a recovery how much came back. */
export function NotedDialog({ item, action, close, done }: DialogProps & { action: keyof typeof noted }) {
  const { title, send, said, what } = noted[action];
  const [note, setNote] = useState('');
  const [amount, setAmount] = useState(item.openAmount.amount);
  const { currency } = item.amount;
  const recovers = action === 'recover';
  const recovered = recovers ? { amount: { amount: plain(amount), currency } } : {};
  return (
    <DeskDialog
      title={`${title}: ${item.reference}, ${moneyText(item.openAmount)} open`}
      send={send}
      said={said}
      change={() => changeOf(item, action, { note, ...recovered })}
      ready={note.trim() !== '' && (!recovers || isAmount(amount))}
      close={close}
      done={done}
    >
      {recovers && (
        <TextInput
          label={`Recovered of ${moneyText(item.openAmount)}`}
          description="What did not come back stays disputed"
          value={amount}
          onChange={(event) => setAmount(event.currentTarget.value)}
          inputMode="decimal"
        />
      )}
      <Textarea
        label={what}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
        autosize
        minRows={2}
        data-autofocus
      />
    </DeskDialog>
  );
}

/** Splits an item into parts that sum to it; the last part is what is left. */
export function SplitDialog({ item, close, done }: DialogProps) {
  const [amounts, setAmounts] = useState([{ key: 1, text: '' }]);
  const { currency } = item.amount;
  const digits = shownDigits(item.amount);
  const minor = (given: string) => minorOf(plain(given), digits);
  const text = (value: bigint) => decimalOf(value, digits);
  const filled = amounts.every((part) => isAmount(part.text));
  const rest = filled ? minor(item.amount.amount) - amounts.reduce((sum, part) => sum + minor(part.text), 0n) : 0n;
  const taxes = item.tax.amount !== text(0n);
  const parts = () => [...amounts.map((part) => plain(part.text)), text(rest)];
  return (
    <DeskDialog
      title={`Split ${item.reference}, ${moneyText(item.amount)}`}
      send="Split"
      said="Split"
      change={() =>
        changeOf(item, 'split', {
          // All of the tax goes with the first part: whoever knows better splits by hand.
          parts: parts().map((amount, at) => ({
            amount: { amount, currency },
            ...(taxes ? { tax: at === 0 ? item.tax.amount : text(0n) } : {}),
          })),
        })
      }
      ready={filled && rest > 0n}
      close={close}
      done={done}
    >
      {amounts.map((part, at) => (
        <div className="row" key={part.key} style={{ alignItems: 'flex-end' }}>
          <TextInput
            className="grow"
            label={`Part ${at + 1}, ${currency}`}
            value={part.text}
            inputMode="decimal"
            onChange={(event) => {
              const next = event.currentTarget.value;
              setAmounts(amounts.map((one) => (one.key === part.key ? { ...one, text: next } : one)));
            }}
            {...(at === 0 ? { 'data-autofocus': true } : {})}
          />
          {amounts.length > 1 && (
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={`Remove part ${at + 1}`}
              onClick={() => setAmounts(amounts.filter((one) => one.key !== part.key))}
            >
              <IconTrash size={15} />
            </ActionIcon>
          )}
        </div>
      ))}
      <div className="row spread">
        <Button
          variant="default"
          leftSection={<IconPlus size={14} />}
          onClick={() => setAmounts([...amounts, { key: (amounts.at(-1)?.key ?? 0) + 1, text: '' }])}
        >
          Part
        </Button>
        <span className={rest < 0n ? 'num neg' : 'num'}>
          left for the last part:{' '}
          {rest < 0n
            ? `−${amountText({ amount: text(-rest), currency })}`
            : amountText({ amount: text(rest), currency })}{' '}
          <span className="unit">{currency}</span>
        </span>
      </div>
    </DeskDialog>
  );
}

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
          amount: { amount: plain(amount), currency },
          ...(tax.trim() ? { tax: plain(tax) } : {}),
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
      <div className="two">
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
