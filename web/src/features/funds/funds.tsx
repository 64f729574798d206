import { Button, TextInput } from '@mantine/core';
import { IconDownload, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { checkbookQuery, entriesQuery, fundsQuery, promotionsQuery } from '../../api/queries.ts';
import type { Checkbook, Fund, Money } from '../../api/shapes.ts';
import { exportRows } from '../../ui/export-rows.ts';
import { amountText, dateText, instantText, isNegative, wordsOf } from '../../ui/format.ts';
import { useKeys } from '../../ui/keys.ts';
import { Empty, Panel, Refusal, RowsLoading, Screen } from '../../ui/screen.tsx';
import { MoneyValue } from '../../ui/values.tsx';

const columns: readonly [keyof Checkbook, string, string][] = [
  ['budgeted', 'Budgeted', 'Deposits, transfers and adjustments'],
  ['planned', 'Planned', 'Drafts; takes nothing'],
  ['reserved', 'Reserved', 'Submitted, not decided'],
  ['committed', 'Committed', 'Approved'],
  ['earned', 'Earned', 'Shipped or scanned'],
  ['paid', 'Paid', 'Settled'],
  ['available', 'Available', 'Budgeted − Σ per tactic max(Reserved + Committed, Earned)'],
];

function Bar({ book }: { book: Checkbook }) {
  const total = Number(book.budgeted.amount);
  if (!(total > 0)) return null;
  const share = (money: Money) => `${Math.max(0, Math.min(100, (Number(money.amount) / total) * 100))}%`;
  return (
    <div
      style={{ display: 'flex', height: 8, borderRadius: 4, overflow: 'hidden', background: 'var(--bg-hover)' }}
      aria-hidden="true"
    >
      <span style={{ width: share(book.committed), background: 'var(--accent)' }} />
      <span style={{ width: share(book.reserved), background: 'var(--chart-area)' }} />
    </div>
  );
}

function Entries({ fund }: { fund: Fund }) {
  const entries = useQuery(entriesQuery(fund.id));
  const promotions = useQuery(promotionsQuery());
  const names = useMemo(() => new Map((promotions.data ?? []).map((each) => [each.id, each])), [promotions.data]);
  if (entries.error) return <Refusal error={entries.error} retry={() => void entries.refetch()} />;
  if (!entries.data) return <RowsLoading rows={6} />;
  if (entries.data.items.length === 0)
    return (
      <Empty title="No entries yet">Deposits, reservations and commitments appear here; none is ever changed.</Empty>
    );
  return (
    <table className="grid tight">
      <thead>
        <tr>
          <th>When</th>
          <th>Kind</th>
          <th>From → to</th>
          <th>Promotion</th>
          <th>Note</th>
          <th className="right">Amount</th>
        </tr>
      </thead>
      <tbody>
        {entries.data.items.map((entry) => (
          <tr key={entry.id}>
            <td className="num">{instantText(entry.occurredAt)}</td>
            <td>{wordsOf(entry.kind)}</td>
            <td className="t-dim">
              {wordsOf(entry.fromAccount)} → {wordsOf(entry.toAccount)}
            </td>
            <td>
              {entry.promotionId && (
                <Link to="/promotions/$id" params={{ id: entry.promotionId }}>
                  {names.get(entry.promotionId)?.code ?? 'Promotion'}
                </Link>
              )}
            </td>
            <td className="t-dim">{entry.note}</td>
            <td className="right">
              <MoneyValue value={entry.amount} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function FundDetail({ fund, back }: { fund: Fund; back(): void }) {
  const book = useQuery(checkbookQuery(fund.id));
  return (
    <div className="stack" style={{ gap: 12 }}>
      <div>
        <Button variant="subtle" className="back" onClick={back}>
          ‹ All funds
        </Button>
        <h2 style={{ fontSize: 16 }}>{fund.name}</h2>
        <div className="t-dim">
          {fund.code} · {wordsOf(fund.kind)} · {fund.currency} · {dateText(fund.validFrom)} – {dateText(fund.validTo)}
        </div>
      </div>
      {book.error && <Refusal error={book.error} retry={() => void book.refetch()} />}
      <div className="kpis seven">
        {columns.map(([key, label, what]) => {
          const value = book.data?.[key] as Money | undefined;
          return (
            <div className="kpi" key={key} title={what}>
              <span className="label">{label}</span>
              <span className={value && isNegative(value) ? 'value num neg' : 'value num'} style={{ fontSize: 15 }}>
                {value ? amountText(value, true) : '\u00a0'}
              </span>
              <span className="interval">{fund.currency}</span>
            </div>
          );
        })}
      </div>
      {book.data && <Bar book={book.data} />}
      <div className="t-dim t-sm">
        Available = Budgeted ± transfers ± adjustments − Σ per tactic max(Reserved + Committed, Earned)
        {book.data ? `, as of ${instantText(book.data.asOf)}` : ''}
      </div>
      <Panel title="Entries" className="scrolls">
        <Entries fund={fund} />
      </Panel>
    </div>
  );
}

/** Funds with their checkbooks. */
export function Funds() {
  const search = useSearch({ from: '/app/funds' });
  const navigate = useNavigate();
  const funds = useQuery(fundsQuery);
  const text = (search.search ?? '').toLowerCase();
  const items = (funds.data ?? []).filter((fund) => `${fund.code} ${fund.name}`.toLowerCase().includes(text));
  const put = (members: Partial<typeof search>) => {
    const next = Object.fromEntries(Object.entries({ ...search, ...members }).filter(([, value]) => value));
    void navigate({ to: '/funds', search: next, replace: true });
  };
  const at = items.findIndex((fund) => fund.id === search.fund);
  const shown = items[at] ?? items[0];
  const step = (by: number) => {
    const next = items[Math.min(Math.max(Math.max(at, 0) + by, 0), items.length - 1)];
    if (next) put({ fund: next.id });
  };
  useKeys({ j: () => step(1), k: () => step(-1) });
  const exportAll = () =>
    exportRows(
      'funds',
      ['code', 'name', 'kind', 'currency', 'valid_from', 'valid_to', 'available'],
      items.map((fund) => [
        fund.code,
        fund.name,
        fund.kind,
        fund.currency,
        fund.validFrom,
        fund.validTo,
        fund.available.amount,
      ]),
    );
  const actions = (
    <Button
      variant="default"
      leftSection={<IconDownload size={14} />}
      onClick={exportAll}
      disabled={items.length === 0}
    >
      Export
    </Button>
  );
  return (
    <Screen
      title="Funds and checkbook"
      sub={<span>{funds.data ? `${items.length} funds` : ''}</span>}
      actions={actions}
      flush
    >
      {funds.error && !funds.data ? (
        <Refusal error={funds.error} retry={() => void funds.refetch()} />
      ) : (
        <div className="panes" data-picked={search.fund !== undefined}>
          <div className="pane-list">
            <div style={{ padding: 8 }}>
              <TextInput
                aria-label="Filter funds"
                placeholder="Filter funds"
                leftSection={<IconSearch size={14} />}
                value={search.search ?? ''}
                onChange={(event) => put({ search: event.currentTarget.value })}
              />
            </div>
            {funds.isPending && <RowsLoading rows={8} heightPx={52} />}
            {funds.data && items.length === 0 && (
              <Empty title="No funds">Import them, or ask finance to set up a budget.</Empty>
            )}
            {items.map((fund) => (
              <button
                type="button"
                key={fund.id}
                className="item"
                aria-current={fund.id === shown?.id}
                onClick={() => put({ fund: fund.id })}
              >
                <div className="title cut">{fund.name}</div>
                <div className="row spread t-sm">
                  <span className="t-dim">{wordsOf(fund.kind)}</span>
                  <span>
                    <span className="t-faint">available </span>
                    <MoneyValue value={fund.available} />
                  </span>
                </div>
              </button>
            ))}
          </div>
          <div className="pane-detail">
            {shown && <FundDetail key={shown.id} fund={shown} back={() => put({ fund: '' })} />}
          </div>
        </div>
      )}
    </Screen>
  );
}
