import { NativeSelect, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { weeksQuery } from '../../api/queries.ts';
import { useUser } from '../../api/session.ts';
import type { FiscalWeek, Fund } from '../../api/shapes.ts';
import { today } from '../../ui/format.ts';
import { ProductSelect } from '../terms/product-select.tsx';
import { CustomerPicker } from '../workspace/pickers.tsx';
import { decimal, FundDialog, plain } from './dialogs.tsx';

const kinds = [
  { value: 'fixed', label: 'Fixed', what: 'A budget from above: its opening balance and what is deposited later.' },
  {
    ...{ value: 'live_accrual', label: 'Live accrual' },
    what: 'Shipments of its scope put money in by a rate as they arrive.',
  },
  {
    ...{ value: 'prior_period_accrual', label: 'Prior-period accrual' },
    what: 'Shipments of past weeks put money in by a rate.',
  },
  {
    value: 'rolling',
    label: 'Rolling',
    what: 'Shipments of the last whole fiscal periods fill it by a rate, anew each period.',
  },
  {
    value: 'vendor_funded',
    label: 'Vendor funded',
    what: 'Money of a supplier: its opening balance and what is deposited later.',
  },
] as const;

/** The days of the fiscal year that a day lies in, or of one so many years away. */
function yearOf(weeks: readonly FiscalWeek[], day: string, away = 0): { from: string; to: string } | undefined {
  const now = weeks.find(({ startsOn, endsOn }) => startsOn <= day && day <= endsOn)?.fiscalYear;
  const year = weeks.filter(({ fiscalYear }) => now !== undefined && fiscalYear === now + away);
  const [first, last] = [year[0], year.at(-1)];
  return first && last && { from: first.startsOn, to: last.endsOn };
}

/** What stands in the form. */
interface Draft {
  code: string;
  name: string;
  kind: string;
  currency: string;
  customerId: string;
  productId: string;
  validFrom: string;
  validTo: string;
  amount: string;
  per: string;
  rate: string;
  sourceFrom: string;
  sourceTo: string;
  windowPeriods: string;
}

const filledByShipments = ['live_accrual', 'prior_period_accrual', 'rolling'];

/** The body of POST /funds. */
function bodyOf(draft: Draft) {
  const { code, name, kind, currency, customerId, productId, validFrom, validTo, amount, rate, per } = draft;
  const filled = filledByShipments.includes(kind);
  return {
    ...{ code: code.trim(), name: name.trim(), kind, currency, validFrom, validTo },
    ...(customerId ? { customerId } : {}),
    ...(productId ? { productId } : {}),
    ...(amount.trim() ? { amount: plain(amount) } : {}),
    ...(filled && rate.trim() ? { rate: { per, amount: plain(rate) } } : {}),
    ...(kind === 'prior_period_accrual' ? { sourceFrom: draft.sourceFrom, sourceTo: draft.sourceTo } : {}),
    ...(kind === 'rolling' ? { windowPeriods: Number(draft.windowPeriods) } : {}),
  };
}

/** Whether a draft holds what its kind needs. */
function isReady(draft: Draft): boolean {
  const said = draft.code.trim() !== '' && draft.name.trim() !== '' && draft.currency.length === 3;
  const dated = draft.validFrom !== '' && draft.validTo >= draft.validFrom;
  const amounts = [draft.amount, draft.rate].every((text) => text.trim() === '' || decimal.test(text.trim()));
  const past = draft.kind !== 'prior_period_accrual' || (draft.sourceFrom !== '' && draft.sourceTo >= draft.sourceFrom);
  const window = draft.kind !== 'rolling' || /^([1-9]|1\d|2[0-6])$/.test(draft.windowPeriods);
  return said && dated && amounts && past && window;
}

type Field = (name: keyof Draft, label: ReactNode, more?: { type?: 'date'; description?: string }) => ReactNode;

function Filling({ draft, put, field }: { draft: Draft; put(members: Partial<Draft>): void; field: Field }) {
  if (!filledByShipments.includes(draft.kind)) return null;
  return (
    <>
      <div className="fields">
        {field('rate', 'Rate of shipments (optional)', { description: 'It can be set or changed later' })}
        <NativeSelect
          label="Per"
          description={'\u00a0'}
          data={[
            { value: 'case', label: `${draft.currency} per case shipped` },
            { value: 'percent', label: 'Percent of list price' },
          ]}
          value={draft.per}
          onChange={(event) => put({ per: event.currentTarget.value })}
        />
      </div>
      {draft.kind === 'prior_period_accrual' && (
        <div className="fields">
          {field('sourceFrom', 'Filled by shipments from', { type: 'date' })}
          {field('sourceTo', 'until', { type: 'date' })}
        </div>
      )}
      {draft.kind === 'rolling' &&
        field('windowPeriods', 'Filled by the last whole fiscal periods', { description: '1 to 26' })}
    </>
  );
}

/** Opens a fund of any kind: dates, scope, what fills it, and its opening balance. */
export function OpenFund({ close, opened }: { close(): void; opened(id: string): void }) {
  const weeks = useQuery(weeksQuery).data ?? [];
  const home = useUser()?.tenant?.currency ?? 'USD';
  const [touched, setTouched] = useState<Partial<Draft>>({});
  const [year, before] = [yearOf(weeks, today()), yearOf(weeks, today(), -1)];
  const draft: Draft = {
    ...{ code: '', name: '', kind: 'fixed', currency: home, customerId: '', productId: '', amount: '' },
    ...{ validFrom: year?.from ?? '', validTo: year?.to ?? '', per: 'case', rate: '', windowPeriods: '3' },
    ...{ sourceFrom: before?.from ?? '', sourceTo: before?.to ?? '' },
    ...touched,
  };
  const put = (members: Partial<Draft>) => setTouched({ ...touched, ...members });
  const field: Field = (name, label, more) => (
    <TextInput
      label={label}
      {...more}
      value={draft[name]}
      onChange={(event) => put({ [name]: event.currentTarget.value })}
    />
  );
  return (
    <FundDialog
      title="Open a fund"
      send="Open"
      path="/funds"
      body={() => bodyOf(draft)}
      done="Opened"
      made={(answer) => opened((answer as Fund).id)}
      close={close}
      ready={isReady(draft)}
    >
      <NativeSelect
        label="Kind"
        description={kinds.find(({ value }) => value === draft.kind)?.what}
        data={kinds.map(({ value, label }) => ({ value, label }))}
        value={draft.kind}
        onChange={(event) => put({ kind: event.currentTarget.value })}
        data-autofocus
      />
      <div className="fields">
        {field('code', 'Code')}
        {field('name', 'Name')}
        {field('validFrom', 'Valid from', { type: 'date' })}
        {field('validTo', 'Valid to', { type: 'date' })}
      </div>
      <CustomerPicker
        label="For customer (and all below)"
        value={draft.customerId}
        clearable
        onChange={(customerId) => put({ customerId })}
      />
      <ProductSelect
        label="For product (and all below)"
        value={draft.productId}
        onChange={(productId) => put({ productId })}
      />
      <div className="fields">
        {field('amount', 'Opening balance (optional)')}
        <TextInput
          label="Currency"
          maxLength={3}
          value={draft.currency}
          onChange={(event) => put({ currency: event.currentTarget.value.toUpperCase() })}
        />
      </div>
      <Filling draft={draft} put={put} field={field} />
    </FundDialog>
  );
}
