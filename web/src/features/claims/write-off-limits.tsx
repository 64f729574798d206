import { Button, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useMay, useUser } from '../../api/session.ts';
import { ExportButton } from '../../ui/export-button.tsx';
import { moneyText } from '../../ui/format.ts';
import { Empty, Panel, Refusal, RowsLoading } from '../../ui/screen.tsx';
import { isAmount, plainAmount } from './amounts.ts';
import { writeOffLimitsQuery } from './queries.ts';
import type { WriteOffLimit } from './shapes.ts';
import { usePut } from './use-put.ts';

function Limit({ of, close }: { of: WriteOffLimit; close(): void }) {
  const [amount, setAmount] = useState(of.limit.amount);
  const { currency } = of.limit;
  const sending = usePut(`/write-off-limits/${of.personId}`, `${of.name}: limit set`, close);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isAmount(amount)) sending.put({ limit: { amount: plainAmount(amount), currency } });
  };
  return (
    <form onSubmit={submit} className="stack" style={{ padding: '4px 12px' }}>
      <div className="row" style={{ alignItems: 'flex-end' }}>
        <TextInput
          className="grow"
          label={`${of.name} may write off at most, ${currency}`}
          description="An item; 0: nothing. What the person may approve limits it as well."
          inputMode="decimal"
          data-autofocus
          value={amount}
          onChange={(event) => setAmount(event.currentTarget.value)}
        />
        <Button variant="default" onClick={close}>
          Cancel
        </Button>
        <Button type="submit" disabled={!isAmount(amount)} loading={sending.busy}>
          Set
        </Button>
      </div>
      {sending.error && <Refusal error={sending.error} />}
    </form>
  );
}

/** What each person may write off at most; somebody else than that person sets it. */
export function WriteOffLimits() {
  const may = useMay();
  const user = useUser();
  const limits = useQuery(writeOffLimitsQuery);
  const [changing, setChanging] = useState<string | null>(null);
  const items = limits.data?.items ?? [];
  const exported = () => ({
    head: ['name', 'limit', 'by_default'],
    rows: items.map(({ name, limit, isOwn }) => [name, limit, isOwn ? 'no' : 'yes']),
  });
  return (
    <Panel
      title="Write-off limits"
      aside={<ExportButton name="write-off-limits" disabled={items.length === 0} table={exported} />}
    >
      {limits.error && <Refusal error={limits.error} retry={() => void limits.refetch()} />}
      {limits.isPending && <RowsLoading rows={2} />}
      {limits.data && items.length === 0 && (
        <Empty title="Nobody may write off">Give somebody a role that holds claims:writeoff.</Empty>
      )}
      {items.map((one) =>
        changing === one.personId ? (
          <Limit key={one.personId} of={one} close={() => setChanging(null)} />
        ) : (
          <div className="row spread" key={one.personId} style={{ padding: '4px 12px' }}>
            <span>{one.name}</span>
            <span className="row">
              <span className="num" data-plain="a setting: the audit tells who changed it">
                {moneyText(one.limit)} {!one.isOwn && <span className="t-dim">by default</span>}
              </span>
              {may('users:manage') && one.personId !== user?.id && (
                <Button
                  size="compact-xs"
                  variant="default"
                  aria-label={`Change the write-off limit of ${one.name}`}
                  onClick={() => setChanging(one.personId)}
                >
                  Change
                </Button>
              )}
            </span>
          </div>
        ),
      )}
      {!may('users:manage') && <div className="panel-body t-dim t-sm">Who manages people sets them.</div>}
    </Panel>
  );
}
