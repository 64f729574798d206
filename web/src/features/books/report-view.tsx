import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { customersQuery } from '../../api/queries.ts';
import { saveFile } from '../../api/request.ts';
import { ExportButton } from '../../ui/export-button.tsx';
import { wordsOf } from '../../ui/format.ts';
import { Empty, Panel, Refusal, RowsLoading } from '../../ui/screen.tsx';
import { sayRefused } from '../../ui/toast.tsx';
import { CellValue } from '../../ui/values.tsx';
import { reportQuery } from './queries.ts';
import type { CloseReport, LiabilityRoll, Period } from './shapes.ts';

const roll = ['opening', 'earned', 'settled', 'released', 'closing', 'journals'] as const;

function RollCells({ of, periodId }: { of: LiabilityRoll; periodId: string }) {
  return roll.map((name) => (
    <td key={name} className="right">
      <CellValue
        of={`report.${name}`}
        row={{ ...of, periodId }}
        value={of[name]}
        label={`${wordsOf(name)}, liability`}
        currency={false}
      />
    </td>
  ));
}

function Liabilities({
  books,
  period,
  names,
}: {
  books: CloseReport['currencies'][number];
  period: Period;
  names: ReadonlyMap<string, string>;
}) {
  return (
    <table className="grid tight">
      <thead>
        <tr>
          <th>Customer</th>
          <th>Mechanic</th>
          {roll.map((name) => (
            <th key={name} className="right">
              {wordsOf(name)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {books.liabilities.map((row) => (
          <tr key={row.customerId + row.mechanic}>
            <td className="cut">{names.get(row.customerId) ?? row.customerCode}</td>
            <td>{wordsOf(row.mechanic)}</td>
            <RollCells of={row} periodId={period.id} />
          </tr>
        ))}
        <tr className="strong">
          <td>Total</td>
          <td>{books.currency}</td>
          <RollCells of={books.total} periodId={period.id} />
        </tr>
      </tbody>
    </table>
  );
}

const accountColumns = ['opening', 'debits', 'credits', 'closing'] as const;

function Accounts({ books, periodId }: { books: CloseReport['currencies'][number]; periodId: string }) {
  return (
    <table className="grid tight">
      <thead>
        <tr>
          <th>GL account</th>
          <th>Account</th>
          <th>Cost centre</th>
          <th className="right">Opening</th>
          <th className="right">Debits</th>
          <th className="right">Credits</th>
          <th className="right">Closing</th>
        </tr>
      </thead>
      <tbody>
        {books.accounts.map((row) => (
          <tr key={[row.account, row.glAccount, row.costCentre].join()}>
            <td className="num">{row.glAccount ?? '–'}</td>
            <td>{wordsOf(row.account)}</td>
            <td>{row.costCentre ?? ''}</td>
            {accountColumns.map((name) => (
              <td key={name} className="right">
                <CellValue
                  of={`report.account.${name}`}
                  row={{ ...row, periodId }}
                  value={row[name]}
                  label={`${wordsOf(name)}, ${wordsOf(row.account).toLowerCase()}`}
                  currency={false}
                />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The liabilities, then the accounts. */
function exported({ currencies }: CloseReport, names: ReadonlyMap<string, string>) {
  return {
    head: [
      ...['part', 'customer', 'mechanic', 'gl_account', 'account', 'cost_centre', 'opening', 'earned', 'settled'],
      ...['released', 'debits', 'credits', 'closing', 'journals_say'],
    ],
    rows: currencies.flatMap(({ liabilities, accounts }) => [
      ...liabilities.map((row) => [
        ...['liability', names.get(row.customerId) ?? row.customerCode, row.mechanic, null, null, null, row.opening],
        ...[row.earned, row.settled, row.released, null, null, row.closing, row.journals],
      ]),
      ...accounts.map((row) => [
        ...['account', null, null, row.glAccount, row.account, row.costCentre, row.opening, null, null, null],
        ...[row.debits, row.credits, row.closing, null],
      ]),
    ]),
  };
}

/** The close report of a period: liabilities and accounts rolled forward, tied to the journals. */
export function ReportView({ period }: { period: Period }) {
  const report = useQuery(reportQuery(period.id));
  const customers = useQuery(customersQuery);
  const [busy, setBusy] = useState(false);
  const names = useMemo(() => new Map((customers.data ?? []).map(({ id, name }) => [id, name])), [customers.data]);
  if (report.error) return <Refusal error={report.error} retry={() => void report.refetch()} />;
  if (!report.data) return <RowsLoading rows={8} />;
  const { currencies } = report.data;
  if (currencies.length === 0)
    return <Empty title="Nothing to report">No journal touches this period or an earlier one.</Empty>;
  const save = () => {
    setBusy(true);
    saveFile(`/periods/${period.id}/report?format=csv`)
      .catch(sayRefused)
      .finally(() => setBusy(false));
  };
  return (
    <>
      <div className="row spread">
        <span className="t-dim">
          {period.state === 'closed' ? 'As it was closed.' : 'Not closed yet: the figures still move.'} Balances are
          debits − credits.
        </span>
        <span className="row">
          <ExportButton name="close-report" table={() => exported(report.data, names)} />
          <Button variant="default" leftSection={<IconDownload size={14} />} loading={busy} onClick={save}>
            CSV
          </Button>
        </span>
      </div>
      {currencies.map((books) => (
        <div className="stack" style={{ gap: 12 }} key={books.currency}>
          <Panel
            title={`Open liability, ${books.currency}`}
            className="scrolls"
            aside={
              <span className={books.ties ? 't-dim' : 'neg'}>
                {books.ties ? '✓ ties to the journals to the cent' : 'does not tie to the journals'}
              </span>
            }
          >
            <Liabilities books={books} period={period} names={names} />
          </Panel>
          <Panel title={`Accounts, ${books.currency}`} className="scrolls">
            <Accounts books={books} periodId={period.id} />
          </Panel>
        </div>
      ))}
    </>
  );
}
