import { Button, Modal, NativeSelect, Select, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { request } from '../../api/request.ts';
import type { Fund } from '../../api/shapes.ts';
import { today } from '../../ui/format.ts';
import { useOneAtATime } from '../../ui/one-at-a-time.ts';
import { Refusal } from '../../ui/screen.tsx';
import { sayDone } from '../../ui/toast.tsx';
import { CellValue } from '../../ui/values.tsx';

/** A form in a dialog that sends one change of a fund and then refreshes all money. */
export function FundDialog({
  title,
  send,
  path,
  body,
  done,
  made,
  close,
  ready,
  children,
}: {
  title: string;
  send: string;
  path: string;
  body(): unknown;
  done: string;
  /** Called with the answer before the dialog closes. */
  made?(answer: unknown): void;
  close(): void;
  ready: boolean;
  children: ReactNode;
}) {
  const client = useQueryClient();
  const once = useOneAtATime();
  const change = useMutation({
    mutationFn: () => request(path, { method: 'POST', body: body() }),
    onSuccess: (answer) => {
      sayDone(done, title);
      made?.(answer);
      close();
      for (const key of ['funds', 'tasks']) void client.invalidateQueries({ queryKey: [key] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready) once(() => change.mutateAsync());
  };
  return (
    <Modal opened onClose={close} closeOnClickOutside={false} title={title} transitionProps={{ duration: 80 }}>
      <form onSubmit={submit} className="stack">
        {children}
        {change.error && <Refusal error={change.error} />}
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" disabled={!ready} loading={change.isPending}>
            {send}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

/** An amount or a rate as people type it. */
export const decimal = /^\d{1,11}([.,]\d{1,6})?$/;
/** What was typed, with a point. */
export const plain = (text: string) => text.trim().replace(',', '.');

/** Puts money into a fund, or takes it out. */
export function DepositDialog({ fund, close }: { fund: Fund; close(): void }) {
  const [direction, setDirection] = useState<'in' | 'out'>('in');
  const [amount, setAmount] = useState('');
  const [note, setNote] = useState('');
  const signed = `${direction === 'out' ? '-' : ''}${plain(amount)}`;
  return (
    <FundDialog
      title={`Deposit: ${fund.name}`}
      send={direction === 'in' ? 'Deposit' : 'Take out'}
      path={`/funds/${fund.id}/entries`}
      body={() => ({ amount: { amount: signed, currency: fund.currency }, note })}
      done={direction === 'in' ? 'Deposited' : 'Taken out'}
      close={close}
      ready={decimal.test(amount.trim())}
    >
      <NativeSelect
        label="What"
        data={[
          { value: 'in', label: 'Put money in' },
          { value: 'out', label: 'Take money out' },
        ]}
        value={direction}
        onChange={(event) => setDirection(event.currentTarget.value as 'in' | 'out')}
      />
      <TextInput
        label={`Amount (${fund.currency})`}
        data-autofocus
        required
        inputMode="decimal"
        value={amount}
        onChange={(event) => setAmount(event.currentTarget.value)}
      />
      <Textarea label="Note" value={note} onChange={(event) => setNote(event.currentTarget.value)} />
    </FundDialog>
  );
}

/** Proposes a transfer; somebody else decides it. */
export function TransferDialog({ fund, funds, close }: { fund: Fund; funds: readonly Fund[]; close(): void }) {
  const [toFundId, setToFundId] = useState<string | null>(null);
  const [amount, setAmount] = useState('');
  const [note, setNote] = useState('');
  const day = today();
  const targets = funds.filter(
    (one) => one.id !== fund.id && one.currency === fund.currency && one.validFrom <= day && day <= one.validTo,
  );
  return (
    <FundDialog
      title={`Transfer from ${fund.name}`}
      send="Propose"
      path={`/funds/${fund.id}/transfers`}
      body={() => ({ toFundId, amount: { amount: plain(amount), currency: fund.currency }, note })}
      done="Proposed; the money is held until somebody else decides"
      close={close}
      ready={toFundId !== null && decimal.test(amount.trim())}
    >
      <Select
        label="To"
        data-autofocus
        searchable
        required
        placeholder="Choose a fund"
        nothingFoundMessage={`No other fund in ${fund.currency} is valid today`}
        data={targets.map(({ id, name }) => ({ value: id, label: name }))}
        value={toFundId}
        onChange={setToFundId}
      />
      <TextInput
        label={`Amount (${fund.currency})`}
        description={
          <>
            Available: <CellValue of="funds.available" row={fund} value={fund.available} label="Available" />
          </>
        }
        required
        inputMode="decimal"
        value={amount}
        onChange={(event) => setAmount(event.currentTarget.value)}
      />
      <Textarea label="Why" value={note} onChange={(event) => setNote(event.currentTarget.value)} />
    </FundDialog>
  );
}

/** Sets the rate at which shipments fill a fund from a day on. */
export function RateDialog({ fund, close }: { fund: Fund; close(): void }) {
  const [per, setPer] = useState('case');
  const [amount, setAmount] = useState('');
  const [validFrom, setValidFrom] = useState(today());
  return (
    <FundDialog
      title={`Rate: ${fund.name}`}
      send="Set the rate"
      path={`/funds/${fund.id}/rates`}
      body={() => ({ per, amount: plain(amount), validFrom })}
      done="Rate set; a true-up applies it to weeks that are accrued already"
      close={close}
      ready={decimal.test(amount.trim()) && validFrom !== ''}
    >
      <NativeSelect
        label="Per"
        data={[
          { value: 'case', label: `${fund.currency} per case shipped` },
          { value: 'percent', label: 'Percent of list price' },
        ]}
        value={per}
        onChange={(event) => setPer(event.currentTarget.value)}
      />
      <TextInput
        label="Rate"
        data-autofocus
        required
        inputMode="decimal"
        value={amount}
        onChange={(event) => setAmount(event.currentTarget.value)}
      />
      <TextInput
        label="From"
        type="date"
        required
        value={validFrom}
        onChange={(event) => setValidFrom(event.currentTarget.value)}
      />
    </FundDialog>
  );
}
