import { ActionIcon, Button, Select, TextInput, Tooltip } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconChevronLeft, IconChevronRight, IconPlus, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useRef, useState } from 'react';
import type { PromotionRow } from '../../api/promotion-shapes.ts';
import { customersQuery, promotionsQuery, weeksQuery } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import type { Customer, FiscalWeek } from '../../api/shapes.ts';
import { ExportButton } from '../../ui/export-button.tsx';
import { dateText, daysBetween, movedBy, today, wordsOf } from '../../ui/format.ts';
import { useKeys } from '../../ui/keys.ts';
import { Empty, Refusal, RowsLoading, Screen } from '../../ui/screen.tsx';
import { promotionStates } from '../promotions/promotion-states.ts';
import { CustomerPicker, inTreeOrder } from '../workspace/pickers.tsx';
import { Bar } from './bar.tsx';
import { parentsOf, placeBars, related } from './lanes.ts';
import { type Dates, MoveCard } from './move-card.tsx';

const weekWidthPx = 62;
const dayWidthPx = weekWidthPx / 7;
const barStepPx = 26;
const weeksShown = 26;
const weeksBefore = 4;

interface Row {
  customer: Customer;
  depth: number;
  bars: ReturnType<typeof placeBars>;
}

function useWindow(weeks: readonly FiscalWeek[], from: string | undefined): FiscalWeek[] {
  return useMemo(() => {
    const start = from ?? movedBy(today(), -7 * weeksBefore);
    const first = weeks.findIndex((week) => week.endsOn >= start);
    if (first < 0) return weeks.slice(-weeksShown);
    return weeks.slice(first, first + weeksShown);
  }, [weeks, from]);
}

function useRows(weeks: readonly FiscalWeek[]) {
  const search = useSearch({ from: '/app/calendar' });
  const first = weeks[0]?.startsOn;
  const last = weeks.at(-1)?.endsOn;
  const customers = useQuery(customersQuery);
  const promotions = useQuery({ ...promotionsQuery({ from: first, to: last }), enabled: first !== undefined });
  const rows = useMemo(() => {
    const parents = parentsOf(customers.data ?? []);
    const text = (search.search ?? '').toLowerCase();
    const names = new Map((customers.data ?? []).map((customer) => [customer.id, customer.name]));
    const fits = (promotion: PromotionRow) =>
      (!search.state || promotion.state === search.state) &&
      (!search.customer || related(promotion.customerId, search.customer, parents)) &&
      (!text ||
        `${promotion.code} ${promotion.name} ${names.get(promotion.customerId) ?? ''}`.toLowerCase().includes(text));
    const byCustomer = Map.groupBy((promotions.data ?? []).filter(fits), (promotion) => promotion.customerId);
    const shown = new Set(search.customer ? [search.customer] : []);
    for (const id of byCustomer.keys()) {
      for (let at: string | null | undefined = id; at && !shown.has(at); at = parents.get(at)) shown.add(at);
    }
    return inTreeOrder(customers.data ?? [])
      .filter(({ item }) => shown.has(item.id))
      .map(({ item, depth }): Row => ({ customer: item, depth, bars: placeBars(byCustomer.get(item.id) ?? []) }));
  }, [customers.data, promotions.data, search]);
  return { customers, promotions, rows, search };
}

/** The bars as a list, in the order in which they stand, with the fiscal weeks that they lie in. */
function exported(rows: readonly Row[], weeks: readonly FiscalWeek[]) {
  const weekOf = (date: string) => {
    const week = weeks.find(({ startsOn, endsOn }) => startsOn <= date && date <= endsOn);
    return week && `FY${week.fiscalYear} W${String(week.week).padStart(2, '0')}`;
  };
  return {
    head: [
      ...['customer_code', 'customer', 'code', 'name', 'state', 'mechanics', 'starts_on', 'ends_on'],
      ...['first_week', 'last_week', 'event_spend', 'net_profit', 'net_roi'],
    ],
    rows: rows.flatMap(({ customer, bars }) =>
      bars.bars.map(({ promotion: one }) => [
        ...[customer.code, customer.name, one.code, one.name, one.state, (one.mechanics ?? []).join(' ')],
        ...[one.startsOn, one.endsOn, weekOf(one.startsOn), weekOf(one.endsOn)],
        ...[one.plannedSpend, one.netProfit, { ratio: one.netRoi }],
      ]),
    ),
  };
}

function Head({ weeks }: { weeks: readonly FiscalWeek[] }) {
  const now = today();
  return (
    <div className="cal-head">
      <div className="cal-corner" style={{ background: 'var(--bg-sub)' }} />
      {weeks.map((week) => (
        <div
          key={week.startsOn}
          className="cal-week"
          style={{ width: weekWidthPx }}
          data-now={week.startsOn <= now && now <= week.endsOn}
          title={`FY${week.fiscalYear} period ${week.period} week ${week.week}`}
        >
          <b>W{String(week.week).padStart(2, '0')}</b>
          {dateText(week.startsOn, false)}
        </div>
      ))}
    </div>
  );
}

/** Customers × fiscal weeks: what is planned and what runs, movable with its conflicts and profit in sight. */
export function Calendar() {
  const weeksAll = useQuery(weeksQuery);
  const { from } = useSearch({ from: '/app/calendar' });
  const weeks = useWindow(weeksAll.data ?? [], from);
  const { customers, promotions, rows, search } = useRows(weeks);
  const navigate = useNavigate();
  const may = useMay();
  const filter = useRef<HTMLInputElement>(null);
  const [move, setMove] = useState<{ id: string; dates: Dates } | null>(null);
  const put = (members: Partial<typeof search>) => {
    const next = Object.fromEntries(Object.entries({ ...search, ...members }).filter(([, value]) => value));
    void navigate({ to: '/calendar', search: next, replace: true });
  };
  const putText = useDebouncedCallback((text: string) => put({ search: text }), 150);

  const bars = rows.flatMap((row) => row.bars.bars.map((bar) => bar.promotion));
  const picked = promotions.data?.find((promotion) => promotion.id === search.promotion);
  const pickedAt = bars.findIndex((promotion) => promotion.id === search.promotion);
  const datesOf = (promotion: PromotionRow): Dates =>
    move?.id === promotion.id ? move.dates : { startsOn: promotion.startsOn, endsOn: promotion.endsOn };
  const pick = (id: string | undefined) => {
    if (id !== move?.id) setMove(null);
    put({ promotion: id ?? '' });
  };
  const step = (by: number) => {
    const next = bars[Math.min(Math.max(pickedAt + by, 0), bars.length - 1)];
    if (next) pick(next.id);
  };
  const shift = (by: number) => {
    const all = weeksAll.data ?? [];
    const at = all.findIndex((week) => week.startsOn === weeks[0]?.startsOn);
    const to = all[Math.min(Math.max(at + by, 0), Math.max(0, all.length - 4))];
    if (to) put({ from: to.startsOn });
  };
  useKeys({
    j: () => step(1),
    k: () => step(-1),
    '/': () => filter.current?.focus(),
    escape: () => pick(undefined),
    enter: () => picked && void navigate({ to: '/promotions/$id', params: { id: picked.id } }),
    e: () => picked && void navigate({ to: '/promotions/$id', params: { id: picked.id } }),
    arrowleft: () => shift(-4),
    arrowright: () => shift(4),
  });

  const first = weeks[0]?.startsOn;
  const width = weeks.length * weekWidthPx;
  const todayAt = first ? daysBetween(first, today()) * dayWidthPx : -1;
  const error = weeksAll.error ?? promotions.error ?? customers.error;
  const loading = weeksAll.isPending || customers.isPending || (first !== undefined && promotions.isPending);
  const actions = (
    <>
      <ExportButton
        name="trade-calendar"
        disabled={bars.length === 0}
        table={() => exported(rows, weeksAll.data ?? [])}
      />
      {may('promotions:create') && (
        <Button
          leftSection={<IconPlus size={14} />}
          onClick={() =>
            void navigate({ to: '/promotions/new', search: search.customer ? { customer: search.customer } : {} })
          }
        >
          New promotion
        </Button>
      )}
    </>
  );
  return (
    <Screen
      title="Trade calendar"
      sub={<span className="num">{promotions.data ? `${bars.length} promotions` : ''}</span>}
      actions={actions}
      flush
    >
      <div style={{ display: 'flex', flexDirection: 'column', height: '100%', position: 'relative' }}>
        <div className="filters">
          <TextInput
            ref={filter}
            w={220}
            aria-label="Filter promotions"
            placeholder="Name, code or customer"
            leftSection={<IconSearch size={14} />}
            rightSection={<span className="kbd">/</span>}
            defaultValue={search.search}
            onChange={(event) => putText(event.currentTarget.value)}
            onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
          />
          <div style={{ width: 220 }}>
            <CustomerPicker
              label=""
              value={search.customer ?? ''}
              clearable
              onChange={(customer) => put({ customer })}
            />
          </div>
          <Select
            w={140}
            aria-label="State"
            placeholder="Any state"
            clearable
            data={promotionStates.map((state) => ({ value: state, label: wordsOf(state) }))}
            value={search.state ?? null}
            onChange={(state) => put({ state: state ?? '' })}
          />
          <div className="row" style={{ marginLeft: 'auto', gap: 4 }}>
            <Tooltip label="Four weeks back (←)">
              <ActionIcon variant="default" size={30} aria-label="Four weeks back" onClick={() => shift(-4)}>
                <IconChevronLeft size={16} />
              </ActionIcon>
            </Tooltip>
            <Button variant="default" onClick={() => put({ from: '' })}>
              Today
            </Button>
            <Tooltip label="Four weeks on (→)">
              <ActionIcon variant="default" size={30} aria-label="Four weeks on" onClick={() => shift(4)}>
                <IconChevronRight size={16} />
              </ActionIcon>
            </Tooltip>
          </div>
        </div>
        {error && (
          <div style={{ padding: 16 }}>
            <Refusal error={error} retry={() => void promotions.refetch()} />
          </div>
        )}
        {loading && !error && <RowsLoading rows={14} heightPx={38} />}
        {weeksAll.data && weeks.length === 0 && (
          <Empty title="No fiscal calendar">Import one (kind “calendars”); promotions are placed by its weeks.</Empty>
        )}
        {!loading && weeks.length > 0 && (
          <div className="cal">
            <div style={{ width: 'max-content', minHeight: '100%', position: 'relative' }}>
              <Head weeks={weeks} />
              {rows.length === 0 && (
                <Empty title="No promotion in these weeks">Clear a filter, go to other weeks, or plan one.</Empty>
              )}
              {rows.map((row) => (
                <div className="cal-row" key={row.customer.id} style={{ height: row.bars.lanes * barStepPx + 8 }}>
                  <div
                    className="cal-name"
                    style={{ paddingLeft: 12 + Math.min(row.depth, 3) * 12 }}
                    title={row.customer.name}
                  >
                    <span className={row.bars.bars.length > 0 ? 'cut' : 'cut t-dim'}>{row.customer.name}</span>
                  </div>
                  <div className="cal-lane" style={{ width, backgroundSize: `${weekWidthPx}px 100%` }}>
                    {todayAt >= 0 && todayAt < width && <span className="cal-today" style={{ left: todayAt }} />}
                    {row.bars.bars.map(({ promotion, lane }) => {
                      const dates = datesOf(promotion);
                      const left = daysBetween(first ?? dates.startsOn, dates.startsOn) * dayWidthPx;
                      const end = Math.min(
                        width,
                        (daysBetween(first ?? dates.startsOn, dates.endsOn) + 1) * dayWidthPx,
                      );
                      const start = Math.max(0, left);
                      if (end <= start) return null;
                      return (
                        <Bar
                          key={promotion.id}
                          promotion={promotion}
                          mechanics={promotion.mechanics ?? []}
                          left={start + 1}
                          width={end - start - 2}
                          top={4 + lane * barStepPx}
                          dayWidthPx={dayWidthPx}
                          current={promotion.id === search.promotion}
                          moving={move?.id === promotion.id}
                          movable={promotion.state === 'draft' && may('promotions:update')}
                          pick={() => pick(promotion.id)}
                          move={(to) => setMove({ id: promotion.id, dates: to })}
                        />
                      );
                    })}
                  </div>
                </div>
              ))}
            </div>
          </div>
        )}
        {picked && (
          <MoveCard
            key={`${picked.id}:${picked.version}`}
            promotion={picked}
            customerName={customers.data?.find((customer) => customer.id === picked.customerId)?.name ?? ''}
            dates={datesOf(picked)}
            setDates={(dates) => setMove({ id: picked.id, dates })}
            close={() => pick(undefined)}
          />
        )}
      </div>
    </Screen>
  );
}
