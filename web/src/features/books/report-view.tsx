import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { customersQuery } from '../../api/queries.ts';
import { saveFile } from '../../api/request.ts';
import type { Figure } from '../../api/shapes.ts';
import { wordsOf } from '../../ui/format.ts';
import { Empty, Panel, Refusal, RowsLoading } from '../../ui/screen.tsx';
import { sayRefused } from '../../ui/toast.tsx';
import { FigureValueButton, MoneyValue } from '../../ui/values.tsx';
import { reportQuery } from './queries.ts';
import type { CloseReport, LiabilityRoll, Period } from './shapes.ts';

const roll = ['opening', 'earned', 'settled', 'released', 'closing', 'journals'] as const;

/** The closing liability with what it is made of. */
function closingFigure(of: LiabilityRoll, periodId: string): Figure {
  const source = `/accruals/entries?periodId=${periodId}`;
  return {
    value: of.closing,
    unit: 'money',
    formula: 'opening + earned − settled − released',
    formulaVersion: 'close-1',
    inputs: [
      { name: 'opening', value: of.opening.amount, source: 'entries of earlier periods' },
      { name: 'earned', value: of.earned.amount, source },
      { name: 'settled', value: of.settled.amount, source },
      { name: 'released', value: of.released.amount, source },
      { name: 'journals say', value: of.journals.amount, source: '/journals' },
    ],
  };
}

function RollCells({ of, periodId }: { of: LiabilityRoll; periodId: string }) {
  return roll.map((name) => (
    <td key={name} className="right">
      {name === 'closing' ? (
        <FigureValueButton figure={closingFigure(of, periodId)} label="Closing liability" currency={false} />
      ) : (
        <MoneyValue value={of[name]} currency={false} />
      )}
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

function Accounts({ books }: { books: CloseReport['currencies'][number] }) {
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
            {[row.opening, row.debits, row.credits, row.closing].map((amount, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the columns never move
              <td key={index} className="right">
                <MoneyValue value={amount} currency={false} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
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
        <Button variant="default" leftSection={<IconDownload size={14} />} loading={busy} onClick={save}>
          CSV
        </Button>
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
            <Accounts books={books} />
          </Panel>
        </div>
      ))}
    </>
  );
}
