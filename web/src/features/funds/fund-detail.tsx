import { Button, Tabs } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { customersQuery, productsQuery } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import type { Fund } from '../../api/shapes.ts';
import { dateText, instantText, wordsOf } from '../../ui/format.ts';
import { Refusal } from '../../ui/screen.tsx';
import { Accruals } from './accruals.tsx';
import { Alarms } from './alarms.tsx';
import { BudgetDialog, BudgetRequests } from './budget-requests.tsx';
import { CheckbookKpis } from './checkbook.tsx';
import { DepositDialog, TransferDialog } from './dialogs.tsx';
import { Entries } from './entries.tsx';
import { fundCheckbookQuery } from './queries.ts';
import { type Column, columns } from './shapes.ts';
import { Transfers } from './transfers.tsx';

/** The part of the address that a fund's page reads and writes. */
export interface FundSearch {
  tab?: string | undefined;
  column?: string | undefined;
  kind?: string | undefined;
  asOf?: string | undefined;
}

const filledByShipments = ['live_accrual', 'prior_period_accrual', 'rolling'];

function Head({ fund, back }: { fund: Fund; back(): void }) {
  const customers = useQuery(customersQuery);
  const products = useQuery(productsQuery);
  const named = (items: readonly { id: string; name: string }[] | undefined, id: string | null, all: string) =>
    id ? (items?.find((one) => one.id === id)?.name ?? '…') : all;
  return (
    <div className="grow">
      <Button variant="subtle" className="back" onClick={back}>
        ‹ All funds
      </Button>
      <h2 style={{ fontSize: 16 }}>{fund.name}</h2>
      <div className="t-dim">
        {fund.code} · {wordsOf(fund.kind)} · {fund.currency} · {dateText(fund.validFrom)} – {dateText(fund.validTo)}
      </div>
      <div className="t-dim t-sm">
        {named(customers.data, fund.customerId, 'All customers')} ·{' '}
        {named(products.data, fund.productId, 'all products')}
      </div>
      <Alarms fund={fund} />
    </div>
  );
}

/** One fund: its checkbook, entries, transfers and rate-based deposits. */
export function FundDetail({
  fund,
  funds,
  search,
  put,
  back,
}: {
  fund: Fund;
  funds: readonly Fund[];
  search: FundSearch;
  put(members: FundSearch): void;
  back(): void;
}) {
  const book = useQuery(fundCheckbookQuery(fund.id, search.asOf));
  const [dialog, setDialog] = useState<'deposit' | 'transfer' | 'budget' | null>(null);
  const may = useMay();
  const accrues = filledByShipments.includes(fund.kind);
  const column = columns.find((one) => one === search.column) as Column | undefined;
  const tab =
    search.tab === 'transfers' || search.tab === 'budget' || (search.tab === 'shipments' && accrues)
      ? search.tab
      : 'entries';
  const close = () => setDialog(null);
  return (
    <div className="stack" style={{ gap: 12 }}>
      <div className="row" style={{ alignItems: 'flex-start' }}>
        <Head fund={fund} back={back} />
        <div className="actions-bar row">
          {may('funds:write') && (
            <Button size="sm" variant="default" onClick={() => setDialog('deposit')}>
              Deposit
            </Button>
          )}
          {may('workflows:act') && (
            <Button size="sm" variant="default" onClick={() => setDialog('budget')}>
              Ask for budget
            </Button>
          )}
          {may('funds:transfer') && (
            <Button size="sm" variant="default" onClick={() => setDialog('transfer')}>
              Transfer
            </Button>
          )}
        </div>
      </div>
      {book.error && <Refusal error={book.error} retry={() => void book.refetch()} />}
      <CheckbookKpis
        figures={book.data?.figures}
        currency={fund.currency}
        picked={column}
        pick={(next) => put({ column: next, tab: undefined })}
      />
      <div className="t-dim t-sm">
        Available = Budgeted ± transfers ± adjustments − Σ per tactic max(Reserved + Committed, Earned)
        {book.data ? `, as of ${instantText(book.data.asOf)}` : ''}
      </div>
      <Tabs value={tab} onChange={(next) => put({ tab: next === 'entries' ? undefined : (next ?? undefined) })}>
        <Tabs.List mb={8}>
          <Tabs.Tab value="entries">Entries</Tabs.Tab>
          <Tabs.Tab value="transfers">Transfers</Tabs.Tab>
          <Tabs.Tab value="budget">Budget requests</Tabs.Tab>
          {accrues && <Tabs.Tab value="shipments">Deposits by shipments</Tabs.Tab>}
        </Tabs.List>
        {tab === 'entries' && (
          <Entries
            fund={fund}
            filters={{ column, kind: search.kind, asOf: search.asOf }}
            pickKind={(kind) => put({ kind: kind || undefined })}
          />
        )}
        {tab === 'transfers' && <Transfers fund={fund} funds={funds} />}
        {tab === 'budget' && <BudgetRequests fund={fund} />}
        {tab === 'shipments' && <Accruals fund={fund} />}
      </Tabs>
      {dialog === 'deposit' && <DepositDialog fund={fund} close={close} />}
      {dialog === 'budget' && <BudgetDialog fund={fund} close={close} />}
      {dialog === 'transfer' && <TransferDialog fund={fund} funds={funds} close={close} />}
    </div>
  );
}
