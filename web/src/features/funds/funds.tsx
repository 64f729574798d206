import { Button, SegmentedControl, TextInput } from '@mantine/core';
import { IconPlus, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { fundsQuery } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import type { Fund } from '../../api/shapes.ts';
import { AsOfField } from '../../ui/as-of-field.tsx';
import { ExportButton } from '../../ui/export-button.tsx';
import { wordsOf } from '../../ui/format.ts';
import { useKeys } from '../../ui/keys.ts';
import { ListItem } from '../../ui/list-item.tsx';
import { Empty, Refusal, RowsLoading, Screen } from '../../ui/screen.tsx';
import { CellValue } from '../../ui/values.tsx';
import { Alarms } from './alarms.tsx';
import { FundDetail } from './fund-detail.tsx';
import { KeyedCheckbooks } from './keyed-checkbooks.tsx';
import { OpenFund } from './open-fund.tsx';
import { keys } from './shapes.ts';

const exportHead = ['code', 'name', 'kind', 'currency', 'valid_from', 'valid_to', 'budgeted', 'available', 'alarms'];

const exportCells = (fund: Fund) => [
  ...[fund.code, fund.name, fund.kind, fund.currency, fund.validFrom, fund.validTo],
  ...[fund.budgeted.amount, fund.available.amount, fund.alarms.join(' ')],
];

function FundItem({ fund, current, pick }: { fund: Fund; current: boolean; pick(): void }) {
  return (
    <ListItem title={fund.name} current={current} pick={pick}>
      <div className="row spread t-sm">
        <span className="t-dim">{wordsOf(fund.kind)}</span>
        <span>
          <span className="t-faint">available </span>
          <CellValue of="funds.available" row={fund} value={fund.available} label={`Available of ${fund.name}`} />
        </span>
      </div>
      <Alarms fund={fund} />
    </ListItem>
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
  const opens = useMay()('funds:write');
  const [opening, setOpening] = useState(false);
  const alarmed = all.filter((fund) => fund.alarms.length > 0).length;
  const actions = (
    <>
      <AsOfField asOf={search.asOf} put={(asOf) => put({ asOf })} />
      {!by && (
        <ExportButton
          name="funds"
          disabled={items.length === 0}
          table={() => ({ head: exportHead, rows: items.map(exportCells) })}
        />
      )}
      {opens && (
        <Button leftSection={<IconPlus size={14} />} onClick={() => setOpening(true)}>
          Open a fund
        </Button>
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
                {!text && search.alarms !== 'yes' && (opens ? 'Open one, or import them.' : 'Finance opens them.')}
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
      {opening && <OpenFund close={() => setOpening(false)} opened={(id) => put({ fund: id, by: '', search: '' })} />}
    </Screen>
  );
}
