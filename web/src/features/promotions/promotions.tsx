import { Button, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconPlus, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { PromotionRow } from '../../api/promotion-shapes.ts';
import { customersQuery, promotionsQuery } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import type { Money } from '../../api/shapes.ts';
import { ExportButton } from '../../ui/export-button.tsx';
import { amountText, rangeText, wordsOf } from '../../ui/format.ts';
import { useKeys } from '../../ui/keys.ts';
import { Empty, Refusal, RowsLoading, Screen } from '../../ui/screen.tsx';
import { compareValues, SortHead } from '../../ui/sort.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { CellValue } from '../../ui/values.tsx';
import { ToleranceButton } from '../amendments/tolerance.tsx';
import { CustomerPicker } from '../workspace/pickers.tsx';
import { BulkBar } from './bulk-bar.tsx';
import { BulkCopies } from './bulk-copies.tsx';
import { SelectBox, type Selection, useSelection } from './bulk-selection.tsx';
import { promotionStates } from './promotion-states.ts';

interface Row extends PromotionRow {
  customerName: string;
}

const columnValue: Record<string, (row: Row) => string | number | null> = {
  code: (row) => row.code,
  name: (row) => row.name,
  customer: (row) => row.customerName,
  state: (row) => promotionStates.indexOf(row.state),
  startsOn: (row) => row.startsOn,
  spend: (row) => (row.plannedSpend ? Number(row.plannedSpend.amount) : null),
  profit: (row) => (row.netProfit ? Number(row.netProfit.amount) : null),
  roi: (row) => (row.netRoi === null ? null : Number(row.netRoi)),
};

function useRows() {
  const search = useSearch({ from: '/app/promotions' });
  const promotions = useQuery(promotionsQuery());
  const customers = useQuery(customersQuery);
  const rows = useMemo(() => {
    const names = new Map((customers.data ?? []).map((customer) => [customer.id, customer]));
    const below = (id: string | null): boolean =>
      id !== null && (id === search.customer || below(names.get(id)?.parentId ?? null));
    const text = (search.search ?? '').toLowerCase();
    const sort = search.sort ?? '-startsOn';
    const falling = sort.startsWith('-');
    const value = columnValue[falling ? sort.slice(1) : sort] ?? ((row: Row) => row.startsOn);
    return (promotions.data ?? [])
      .map((promotion): Row => ({ ...promotion, customerName: names.get(promotion.customerId)?.name ?? '' }))
      .filter((row) => (!search.state || row.state === search.state) && (!search.customer || below(row.customerId)))
      .filter((row) => !text || `${row.code} ${row.name} ${row.customerName}`.toLowerCase().includes(text))
      .sort((a, b) => compareValues(value(a), value(b), falling));
  }, [promotions.data, customers.data, search]);
  return { promotions, rows, search };
}

function exported(rows: readonly Row[]) {
  return {
    head: ['code', 'name', 'customer', 'state', 'starts_on', 'ends_on', 'planned_spend', 'net_profit', 'net_roi'],
    rows: rows.map((row) => [
      ...[row.code, row.name, row.customerName, row.state, row.startsOn, row.endsOn],
      ...[row.plannedSpend, row.netProfit, { ratio: row.netRoi }],
    ]),
  };
}

const rowHeightPx = 34;

/** Amounts longer than this, "−99,999,999.00", are shown in whole units. */
const longestAmount = 14;

/** How a column of money is shown so that none of its amounts is ever cut: its width, and whether in whole units. */
function moneyColumn(values: readonly (Money | null)[]): { width: string; whole: boolean } {
  const longest = values.reduce<Money | null>(
    (most, value) => (value && value.amount.length > (most?.amount.length ?? 0) ? value : most),
    null,
  );
  const whole = amountText(longest).length > longestAmount;
  const characters = Math.max(amountText(longest, whole).length, 10);
  // Besides the figures: the currency's code and the padding of the cell.
  return { width: `calc(${characters}ch + 62px)`, whole };
}

function RowsTable({
  rows,
  sort,
  picked,
  selection,
  setSort,
  open,
}: {
  rows: readonly Row[];
  sort: string;
  picked: string | undefined;
  selection: Selection;
  setSort(sort: string): void;
  open(id: string): void;
}) {
  const host = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => host.current,
    estimateSize: () => rowHeightPx,
    overscan: 12,
  });
  const at = rows.findIndex((row) => row.id === picked);
  useEffect(() => {
    if (at >= 0) virtual.scrollToIndex(at);
  }, [at, virtual]);
  const items = virtual.getVirtualItems();
  const before = items[0]?.start ?? 0;
  const after = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  const head = { sort, change: setSort };
  const spend = useMemo(() => moneyColumn(rows.map((row) => row.plannedSpend)), [rows]);
  const profit = useMemo(() => moneyColumn(rows.map((row) => row.netProfit)), [rows]);
  return (
    <div ref={host} className="grid-wrap" style={{ height: '100%' }}>
      <table className="grid fixed" style={{ minWidth: 1120 }} aria-rowcount={rows.length}>
        <colgroup>
          <col style={{ width: 34 }} />
          <col style={{ width: 92 }} />
          <col style={{ minWidth: 200 }} />
          <col style={{ width: '16%' }} />
          <col style={{ width: 124 }} />
          <col style={{ width: 214 }} />
          <col style={{ width: spend.width }} />
          <col style={{ width: profit.width }} />
          <col style={{ width: 98 }} />
        </colgroup>
        <thead>
          <tr>
            <th aria-label="Pick" />
            <SortHead {...head} field="code">
              Code
            </SortHead>
            <SortHead {...head} field="name">
              Name
            </SortHead>
            <SortHead {...head} field="customer">
              Customer
            </SortHead>
            <SortHead {...head} field="state">
              State
            </SortHead>
            <SortHead {...head} field="startsOn">
              In store
            </SortHead>
            <SortHead {...head} field="spend" right>
              Planned spend
            </SortHead>
            <SortHead {...head} field="profit" right>
              Net profit
            </SortHead>
            <SortHead {...head} field="roi" right>
              Net ROI
            </SortHead>
          </tr>
        </thead>
        <tbody>
          {before > 0 && (
            <tr style={{ height: before }}>
              <td colSpan={9} />
            </tr>
          )}
          {items.map(({ index }) => {
            const row = rows[index];
            if (!row) return null;
            return (
              <tr key={row.id} data-link="" aria-selected={row.id === picked} onClick={() => open(row.id)}>
                <td>
                  <SelectBox selection={selection} id={row.id} name={row.code} />
                </td>
                <td className="num t-dim">{row.code}</td>
                <td>
                  <Link to="/promotions/$id" params={{ id: row.id }} className="quiet" title={row.name}>
                    {row.name}
                  </Link>
                </td>
                <td>{row.customerName}</td>
                <td>
                  <StateBadge state={row.state} />
                </td>
                <td className="num">{rangeText(row.startsOn, row.endsOn)}</td>
                <td className="right">
                  <CellValue
                    of="promotions.plannedSpend"
                    row={row}
                    value={row.plannedSpend}
                    label={`Planned spend, ${row.code}`}
                    whole={spend.whole}
                  />
                </td>
                <td className="right">
                  <CellValue
                    of="promotions.netProfit"
                    row={row}
                    value={row.netProfit}
                    label={`Net profit, ${row.code}`}
                    whole={profit.whole}
                  />
                </td>
                <td className="right">
                  <CellValue
                    of="promotions.netRoi"
                    row={row}
                    value={row.netRoi}
                    label={`Net ROI, ${row.code}`}
                    unit="ratio"
                  />
                </td>
              </tr>
            );
          })}
          {after > 0 && (
            <tr style={{ height: after }}>
              <td colSpan={9} />
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}

/** All promotions, filtered and sorted in the address. */
export function Promotions() {
  const { promotions, rows, search } = useRows();
  const navigate = useNavigate();
  const may = useMay();
  const selection = useSelection(rows);
  const [fromTemplate, setFromTemplate] = useState(false);
  const filter = useRef<HTMLInputElement>(null);
  const put = (members: Partial<typeof search>) => {
    const next = Object.fromEntries(Object.entries({ ...search, ...members }).filter(([, value]) => value));
    void navigate({ to: '/promotions', search: next, replace: true });
  };
  const putText = useDebouncedCallback((text: string) => put({ search: text }), 150);
  const open = (id: string) => void navigate({ to: '/promotions/$id', params: { id } });
  const at = rows.findIndex((row) => row.id === search.row);
  const step = (by: number) => {
    const next = rows[Math.min(Math.max(at + by, 0), rows.length - 1)];
    if (next) put({ row: next.id });
  };
  useKeys({
    j: () => step(1),
    k: () => step(-1),
    enter: () => search.row && open(search.row),
    e: () => search.row && open(search.row),
    x: () => search.row && selection.toggle(search.row),
    '/': () => filter.current?.focus(),
  });
  const actions = (
    <>
      <ExportButton name="promotions" disabled={rows.length === 0} table={() => exported(rows)} />
      <ToleranceButton label="Tolerance" />
      {may('promotions:create') && (
        <Button variant="default" onClick={() => setFromTemplate(true)}>
          From a template
        </Button>
      )}
      {may('promotions:create') && (
        <Button leftSection={<IconPlus size={14} />} onClick={() => void navigate({ to: '/promotions/new' })}>
          New promotion
        </Button>
      )}
    </>
  );
  return (
    <Screen
      title="Promotions"
      sub={<span className="num">{promotions.data ? `${rows.length} of ${promotions.data.length}` : ''}</span>}
      actions={actions}
      flush
    >
      <div style={{ display: 'flex', flexDirection: 'column', height: '100%' }}>
        <div className="filters">
          <TextInput
            ref={filter}
            w={240}
            aria-label="Filter by name, code or customer"
            placeholder="Name, code or customer"
            leftSection={<IconSearch size={14} />}
            rightSection={<span className="kbd">/</span>}
            defaultValue={search.search}
            onChange={(event) => putText(event.currentTarget.value)}
            onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
          />
          <Select
            w={150}
            aria-label="State"
            placeholder="Any state"
            clearable
            data={promotionStates.map((state) => ({ value: state, label: wordsOf(state) }))}
            value={search.state ?? null}
            onChange={(state) => put({ state: state ?? '' })}
          />
          <div style={{ width: 240 }}>
            <CustomerPicker
              label=""
              value={search.customer ?? ''}
              clearable
              onChange={(customer) => put({ customer })}
            />
          </div>
        </div>
        <BulkBar rows={rows} selection={selection} />
        {fromTemplate && <BulkCopies source={null} close={() => setFromTemplate(false)} />}
        <div style={{ flex: 1, minHeight: 0 }}>
          {promotions.error && !promotions.data && (
            <Refusal error={promotions.error} retry={() => void promotions.refetch()} />
          )}
          {promotions.isPending && <RowsLoading rows={16} />}
          {promotions.data && rows.length === 0 && (
            <Empty title={promotions.data.length === 0 ? 'No promotions yet' : 'No promotion matches'}>
              {promotions.data.length === 0
                ? 'Plan the first one, or import your plans.'
                : 'Clear a filter to see more.'}
            </Empty>
          )}
          {rows.length > 0 && (
            <RowsTable
              rows={rows}
              sort={search.sort ?? '-startsOn'}
              picked={search.row}
              selection={selection}
              setSort={(sort) => put({ sort })}
              open={open}
            />
          )}
        </div>
      </div>
    </Screen>
  );
}
