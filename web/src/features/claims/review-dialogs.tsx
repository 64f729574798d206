import { Checkbox, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { moneyText } from '../../ui/format.ts';
import { answeredFor, isAmount, plainAmount } from './amounts.ts';
import { DeskDialog, type DialogProps } from './desk-dialog.tsx';
import { changeOf, settlingOf } from './use-item-change.ts';

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
          validAmount: { amount: plainAmount(amount), currency },
          note,
          ...(withoutProof.trim() ? { withoutProof } : {}),
        })
      }
      ready={isAmount(amount) && (Number(plainAmount(amount)) > 0 || note.trim() !== '')}
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

const noted = {
  research: { title: 'Send to research', send: 'Send', said: 'Sent to research', what: 'What is missing' },
  dispute: { title: 'Dispute', send: 'Dispute', said: 'Disputed', what: 'Why it is not ours' },
  'write-off': { title: 'Write off', send: 'Write off', said: 'Written off', what: 'Why it is not worth pursuing' },
  concede: { title: 'Give up the dispute', send: 'Review anew', said: 'Back in review', what: 'Why they were right' },
  recover: { title: 'Record the recovery', send: 'Record', said: 'Recovered', what: 'How it came back' },
} as const;

/** An action that needs nothing but a reason, and for a recovery how much came back. */
export function NotedDialog({ item, action, close, done }: DialogProps & { action: keyof typeof noted }) {
  const { title, send, said, what } = noted[action];
  const [note, setNote] = useState('');
  const [amount, setAmount] = useState(item.openAmount.amount);
  const { currency } = item.amount;
  const recovers = action === 'recover';
  const recovered = recovers ? { amount: { amount: plainAmount(amount), currency } } : {};
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
