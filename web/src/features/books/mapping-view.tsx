import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { customersQuery } from '../../api/queries.ts';
import { request } from '../../api/request.ts';
import { useMay } from '../../api/session.ts';
import { ExportButton } from '../../ui/export-button.tsx';
import { dateText, wordsOf } from '../../ui/format.ts';
import { useOneAtATime } from '../../ui/one-at-a-time.ts';
import { Panel, Refusal, RowsLoading } from '../../ui/screen.tsx';
import { sayDone } from '../../ui/toast.tsx';
import { mechanics } from '../workspace/mechanics.ts';
import { mappingQuery } from './queries.ts';
import type { GlMapping, GlMappingLine, Period } from './shapes.ts';

const movements = [
  ...['accrue', 'release', 'settle_receivables', 'settle_payables', 'tax_receivables', 'tax_payables', 'write_off'],
  'open',
];

interface Row extends GlMappingLine {
  key: number;
}

let lastKey = 0;
const keyed = (line: GlMappingLine): Row => {
  lastKey += 1;
  return { ...line, key: lastKey };
};

function LineRow({
  row,
  change,
  remove,
  customers,
}: {
  row: Row;
  change(members: Partial<GlMappingLine>): void;
  remove(): void;
  customers: readonly { value: string; label: string }[];
}) {
  const account = (name: 'debitAccount' | 'creditAccount' | 'costCentre', label: string) => (
    <td>
      <TextInput
        aria-label={label}
        value={row[name] ?? ''}
        onChange={(event) => change({ [name]: event.currentTarget.value || (name === 'costCentre' ? null : '') })}
      />
    </td>
  );
  return (
    <tr>
      <td>
        <NativeSelect
          aria-label="Movement"
          value={row.movement}
          data={movements.map((value) => ({ value, label: wordsOf(value) }))}
          onChange={(event) => change({ movement: event.currentTarget.value })}
        />
      </td>
      <td>
        <NativeSelect
          aria-label="Mechanic"
          value={row.mechanic ?? ''}
          data={[{ value: '', label: 'any' }, ...mechanics.map(({ value, label }) => ({ value, label }))]}
          onChange={(event) => change({ mechanic: event.currentTarget.value || null })}
        />
      </td>
      <td>
        <NativeSelect
          aria-label="Customer"
          value={row.customerId ?? ''}
          data={[{ value: '', label: 'any' }, ...customers]}
          onChange={(event) => change({ customerId: event.currentTarget.value || null })}
        />
      </td>
      {account('debitAccount', 'Debit account')}
      {account('creditAccount', 'Credit account')}
      {account('costCentre', 'Cost centre')}
      <td className="right">
        <Button variant="subtle" onClick={remove} aria-label="Remove the line">
          Remove
        </Button>
      </td>
    </tr>
  );
}

const newLine: GlMappingLine = {
  ...{ movement: 'accrue', mechanic: null, customerId: null, debitAccount: '', creditAccount: '', costCentre: null },
};

function Editor({ mapping, from }: { mapping: GlMapping; from: string }) {
  const client = useQueryClient();
  const may = useMay();
  const once = useOneAtATime();
  const customerList = useQuery(customersQuery);
  const [rows, setRows] = useState<Row[]>(() => mapping.lines.map(keyed));
  const [validFrom, setValidFrom] = useState(from);
  const save = useMutation({
    mutationFn: () =>
      request<GlMapping>('/gl-mappings', {
        method: 'PUT',
        body: { validFrom, lines: rows.map(({ key: _key, ...line }) => line) },
        ifMatch: mapping.version,
      }),
    onSuccess: ({ version }) => {
      sayDone(`Mapping version ${version} recorded`);
      void client.invalidateQueries({ queryKey: ['books'] });
    },
  });
  const customers = (customerList.data ?? []).map(({ id, name }) => ({ value: id, label: name }));
  const complete = rows.length > 0 && rows.every(({ debitAccount, creditAccount }) => debitAccount && creditAccount);
  const change = (key: number, members: Partial<GlMappingLine>) =>
    setRows(rows.map((row) => (row.key === key ? { ...row, ...members } : row)));
  return (
    <>
      <table className="grid tight">
        <thead>
          <tr>
            <th style={{ minWidth: 190 }}>Movement</th>
            <th style={{ minWidth: 220 }}>Mechanic</th>
            <th>Customer and below</th>
            <th>Debit</th>
            <th>Credit</th>
            <th>Cost centre</th>
            <th />
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <LineRow
              key={row.key}
              row={row}
              customers={customers}
              change={(members) => change(row.key, members)}
              remove={() => setRows(rows.filter(({ key }) => key !== row.key))}
            />
          ))}
        </tbody>
      </table>
      {may('accruals:post') && (
        <div className="panel-body stack">
          {save.error && <Refusal error={save.error} />}
          <div className="row spread">
            <Button variant="default" onClick={() => setRows([...rows, keyed(newLine)])}>
              Add a line
            </Button>
            <div className="row">
              <TextInput
                type="date"
                aria-label="Holds from"
                value={validFrom}
                onChange={(event) => setValidFrom(event.currentTarget.value)}
              />
              <Button
                disabled={!complete || validFrom === ''}
                loading={save.isPending}
                onClick={() => once(() => save.mutateAsync())}
              >
                Record the next version
              </Button>
            </div>
          </div>
        </div>
      )}
    </>
  );
}

function exported({ version, validFrom, lines }: GlMapping, codes: ReadonlyMap<string, string>) {
  return {
    head: [
      ...['version', 'valid_from', 'movement', 'mechanic', 'customer_code', 'debit_account', 'credit_account'],
      'cost_centre',
    ],
    rows: lines.map((line) => [
      ...[version, validFrom, line.movement, line.mechanic, line.customerId && codes.get(line.customerId)],
      ...[line.debitAccount, line.creditAccount, line.costCentre],
    ]),
  };
}

/** The accounts of the general ledger that movements go to; a change is a new version. */
export function MappingView({ period }: { period: Period }) {
  const mapping = useQuery(mappingQuery);
  const customers = useQuery(customersQuery);
  if (mapping.error) return <Refusal error={mapping.error} retry={() => void mapping.refetch()} />;
  if (!mapping.data) return <RowsLoading rows={10} />;
  const { version, validFrom } = mapping.data;
  const codes = new Map((customers.data ?? []).map(({ id, code }) => [id, code]));
  return (
    <Panel
      title="Accounts of the general ledger"
      className="scrolls"
      aside={
        <span className="row">
          <span className="t-dim">
            {version === 0 ? 'as they come with the house' : `version ${version}, from ${dateText(validFrom)}`}; the
            nearest customer goes first, then the mechanic
          </span>
          <ExportButton name="gl-accounts" table={() => exported(mapping.data, codes)} />
        </span>
      }
    >
      <Editor key={version} mapping={mapping.data} from={period.startsOn} />
    </Panel>
  );
}
