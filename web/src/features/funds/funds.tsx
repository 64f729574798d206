import { Button, SegmentedControl, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { fundsQuery } from '../../api/queries.ts';
import type { Fund } from '../../api/shapes.ts';
import { ExportButton } from '../../ui/export-button.tsx';
import { wordsOf } from '../../ui/format.ts';
import { useKeys } from '../../ui/keys.ts';
import { Empty, Refusal, RowsLoading, Screen } from '../../ui/screen.tsx';
import { MoneyValue } from '../../ui/values.tsx';
import { Alarms } from './alarms.tsx';
import { FundDetail } from './fund-detail.tsx';
import { KeyedCheckbooks } from './keyed-checkbooks.tsx';
import { keys } from './shapes.ts';

const exportHead = ['code', 'name', 'kind', 'currency', 'valid_from', 'valid_to', 'budgeted', 'available', 'alarms'];

const exportCells = (fund: Fund) => [
  ...[fund.code, fund.name, fund.kind, fund.currency, fund.validFrom, fund.validTo],
  ...[fund.budgeted.amount, fund.available.amount, fund.alarms.join(' ')],
];

/** The instant of a local date and time field, as the API takes it. */
const instantOf = (local: string): string | undefined => (local ? new Date(local).toISOString() : undefined);

/** An instant as a local date and time field shows it. */
function localOf(instant: string | undefined): string {
  const at = new Date(instant ?? '');
  if (Number.isNaN(at.getTime())) return '';
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function FundItem({ fund, current, pick }: { fund: Fund; current: boolean; pick(): void }) {
  return (
    <button type="button" className="item" aria-current={current} onClick={pick}>
      <div className="title cut">{fund.name}</div>
      <div className="row spread t-sm">
        <span className="t-dim">{wordsOf(fund.kind)}</span>
        <span>
          <span className="t-faint">available </span>
          <MoneyValue value={fund.available} />
        </span>
      </div>
      <Alarms fund={fund} />
    </button>
  );
}

/** Funds with their checkbooks; and the checkbook by account, brand and fiscal period. */
export function Funds() {
  const search = useSearch({ from: '/app/funds' });
  const navigate = useNavigate();
  const funds = useQuery(fundsQuery);
  const text = (search.search ?? '').toLowerCase();
  const by = keys.find((key) => key === search.by);
  const all = funds.data ?? [];
  const items = all.filter(
    (fund) =>
      `${fund.code} ${fund.name}`.toLowerCase().includes(text) && (search.alarms !== 'yes' || fund.alarms.length > 0),
  );
  const put = (members: Partial<typeof search>) => {
    const next = Object.fromEntries(Object.entries({ ...search, ...members }).filter(([, value]) => value));
    void navigate({ to: '/funds', search: next, replace: true });
  };
  const at = items.findIndex((fund) => fund.id === search.fund);
  const shown = items[at] ?? items[0];
  const pick = (fund: Fund) => put({ fund: fund.id, column: undefined, kind: undefined, tab: undefined });
  const step = (steps: number) => {
    const next = items[Math.min(Math.max(Math.max(at, 0) + steps, 0), items.length - 1)];
    if (next) pick(next);
  };
  useKeys({ j: () => step(1), k: () => step(-1) }, by === undefined);
  const alarmed = all.filter((fund) => fund.alarms.length > 0).length;
  const actions = (
    <>
      <span className="row t-sm t-dim">
        As of
        <TextInput
          aria-label="As of a past moment; empty: now"
          type="datetime-local"
          size="xs"
          value={localOf(search.asOf)}
          onChange={(event) => put({ asOf: instantOf(event.currentTarget.value) })}
        />
      </span>
      {search.asOf && (
        <Button size="xs" variant="default" onClick={() => put({ asOf: '' })}>
          Now
        </Button>
      )}
      {!by && (
        <ExportButton
          name="funds"
          disabled={items.length === 0}
          table={() => ({ head: exportHead, rows: items.map(exportCells) })}
        />
      )}
    </>
  );
  const filter = (
    <TextInput
      aria-label="Filter by name"
      placeholder={by ? 'Filter by name' : 'Filter funds'}
      leftSection={<IconSearch size={14} />}
      value={search.search ?? ''}
      onChange={(event) => put({ search: event.currentTarget.value })}
    />
  );
  return (
    <Screen
      title="Funds and checkbook"
      sub={
        <>
          <SegmentedControl
            size="xs"
            aria-label="Checkbook by"
            data={[
              { value: '', label: 'Funds' },
              { value: 'customer', label: 'Accounts' },
              { value: 'product', label: 'Brands' },
              { value: 'period', label: 'Periods' },
            ]}
            value={by ?? ''}
            onChange={(next) => put({ by: next })}
          />
          {funds.data && !by && <span>{items.length} funds</span>}
          {(alarmed > 0 || search.alarms === 'yes') && !by && (
            <button
              type="button"
              className="plain t-sm"
              aria-pressed={search.alarms === 'yes'}
              onClick={() => put({ alarms: search.alarms === 'yes' ? '' : 'yes', fund: '' })}
            >
              <span className="tag" style={{ color: 'var(--warn)' }}>
                {search.alarms === 'yes' ? 'show all' : `${alarmed} with alarms`}
              </span>
            </button>
          )}
        </>
      }
      actions={actions}
      flush
    >
      {by ? (
        <KeyedCheckbooks by={by} asOf={search.asOf} text={text} filter={filter} />
      ) : funds.error && !funds.data ? (
        <Refusal error={funds.error} retry={() => void funds.refetch()} />
      ) : (
        <div className="panes" data-picked={search.fund !== undefined}>
          <div className="pane-list">
            <div style={{ padding: 8 }}>{filter}</div>
            {funds.isPending && <RowsLoading rows={8} heightPx={52} />}
            {funds.data && items.length === 0 && (
              <Empty title="No funds">
                {text && 'No fund matches the filter.'}
                {!text && search.alarms === 'yes' && 'No fund has an alarm.'}
                {!text && search.alarms !== 'yes' && 'Import them, or ask finance to set up a budget.'}
              </Empty>
            )}
            {items.map((fund) => (
              <FundItem key={fund.id} fund={fund} current={fund.id === shown?.id} pick={() => pick(fund)} />
            ))}
          </div>
          <div className="pane-detail">
            {shown && (
              <FundDetail
                key={shown.id}
                fund={shown}
                funds={all}
                search={search}
                put={put}
                back={() => put({ fund: '' })}
              />
            )}
          </div>
        </div>
      )}
    </Screen>
  );
}
