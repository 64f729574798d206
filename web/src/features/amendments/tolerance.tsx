import { Button, Modal, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { request } from '../../api/request.ts';
import { useMay } from '../../api/session.ts';
import { ratioText } from '../../ui/format.ts';
import { useOneAtATime } from '../../ui/one-at-a-time.ts';
import { Refusal } from '../../ui/screen.tsx';
import { sayDone } from '../../ui/toast.tsx';
import { shifted } from '../workspace/draft.ts';
import { toleranceQuery } from './queries.ts';
import type { Tolerance } from './shapes.ts';

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;

function Form({ tolerance, close }: { tolerance: Tolerance; close(): void }) {
  const client = useQueryClient();
  const once = useOneAtATime();
  const [percent, setPercent] = useState(shifted(tolerance.spendRatio, 2));
  const [days, setDays] = useState(String(tolerance.dateDays));
  const [products, setProducts] = useState(String(tolerance.productCount));
  const save = useMutation({
    mutationFn: () =>
      request<Tolerance>('/promotions/amendment-tolerance', {
        method: 'PUT',
        body: { spendRatio: shifted(percent, -2), dateDays: Number(days), productCount: Number(products) },
        ifMatch: tolerance.version,
      }),
    onSuccess: ({ version }) => {
      sayDone('Tolerance set', `version ${version}; open amendments keep the one they were proposed under`);
      void client.invalidateQueries({ queryKey: toleranceQuery.queryKey });
      void client.invalidateQueries({ queryKey: ['preview', 'amend'] });
      close();
    },
  });
  const ready =
    /^\d{1,3}(\.\d{1,4})?$/.test(percent) &&
    Number(percent) <= 100 &&
    /^\d{1,3}$/.test(days) &&
    /^\d{1,4}$/.test(products);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready) once(() => save.mutateAsync());
  };
  const field = (label: string, unit: string, value: string, set: (text: string) => void) => (
    <TextInput
      label={label}
      inputMode="decimal"
      rightSection={<span className="unit">{unit}</span>}
      rightSectionWidth={64}
      value={value}
      onChange={(event) => set(event.currentTarget.value.replace(',', '.').replace(/[^\d.]/g, ''))}
    />
  );
  return (
    <Modal
      opened
      onClose={close}
      closeOnClickOutside={false}
      title="Amendments without approval"
      transitionProps={{ duration: 80 }}
    >
      <form onSubmit={submit} className="stack">
        <div className="t-dim">
          What changes more than this of an approved promotion goes through approval again. 0: any change does.
        </div>
        {field('Planned spend, up or down by at most', '%', percent, setPercent)}
        {field('Dates, moved by at most', 'days', days, setDays)}
        {field('Products, added or taken out, at most', 'products', products, setProducts)}
        {save.error && <Refusal error={save.error} />}
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" disabled={!ready} loading={save.isPending}>
            Set
          </Button>
        </div>
      </form>
    </Modal>
  );
}

/** Opens the form of the tolerance; nothing for those who may not change it. */
export function ToleranceButton({ label, size }: { label: string; size?: string }) {
  const tolerance = useQuery(toleranceQuery);
  const designs = useMay()('workflows:design');
  const [changing, setChanging] = useState(false);
  if (!designs || !tolerance.data) return null;
  return (
    <>
      <Button {...(size ? { size } : {})} variant="default" onClick={() => setChanging(true)}>
        {label}
      </Button>
      {changing && <Form tolerance={tolerance.data} close={() => setChanging(false)} />}
    </>
  );
}

/** How far an amendment may go without approval, in one line; who designs workflows changes it here. */
export function ToleranceNote() {
  const tolerance = useQuery(toleranceQuery);
  if (tolerance.error) return <Refusal error={tolerance.error} retry={() => void tolerance.refetch()} />;
  if (!tolerance.data) return null;
  const { spendRatio, dateDays, productCount, version } = tolerance.data;
  return (
    <div className="row spread t-dim t-sm">
      <span>
        Without approval: spend ±{' '}
        <span data-plain="a setting: its version stands beside it">{ratioText(spendRatio, 0)}</span>, dates by{' '}
        {counted(dateDays, 'day')}, products by {productCount} (tolerance version {version})
      </span>
      <ToleranceButton label="Change the tolerance" size="compact-xs" />
    </div>
  );
}
