import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { request } from '../../api/request.ts';
import { useMay } from '../../api/session.ts';
import type { Fund, Money } from '../../api/shapes.ts';
import { ExportButton } from '../../ui/export-button.tsx';
import { dateText, instantText, moneyText } from '../../ui/format.ts';
import { Empty, Panel, Refusal, RowsLoading } from '../../ui/screen.tsx';
import { sayDone, sayRefused } from '../../ui/toast.tsx';
import { CellValue } from '../../ui/values.tsx';
import { RateDialog } from './dialogs.tsx';
import { accruedWeeksQuery, ratesQuery } from './queries.ts';

const rateText = (per: 'case' | 'percent', rate: string, currency: string) =>
  per === 'case' ? `${rate} ${currency} per case` : `${rate} % of list price`;

function TrueUp({ fund }: { fund: Fund }) {
  const client = useQueryClient();
  const trueUp = useMutation({
    mutationFn: () => request<{ deposited: Money; weeks: number }>(`/funds/${fund.id}/true-up`, { method: 'POST' }),
    onSuccess: ({ deposited, weeks }) => {
      sayDone('Trued up', weeks === 0 ? 'Nothing had changed.' : `${moneyText(deposited)} over ${weeks} weeks`);
      void client.invalidateQueries({ queryKey: ['funds'] });
    },
    onError: sayRefused,
  });
  return (
    <Button size="xs" variant="default" loading={trueUp.isPending} onClick={() => trueUp.mutate()}>
      True up
    </Button>
  );
}

/** The rates at which shipments fill a fund, and what each week has put in. */
export function Accruals({ fund }: { fund: Fund }) {
  const rates = useQuery(ratesQuery(fund.id));
  const weeks = useQuery(accruedWeeksQuery(fund.id));
  const [setting, setSetting] = useState(false);
  const writes = useMay()('funds:write');
  const exported = () => ({
    head: ['week_start', 'cases', 'per', 'rate', 'accrued_at', 'amount'],
    rows: (weeks.data ?? []).map((week) => [
      ...[week.weekStart, { decimal: week.cases }, week.per, { decimal: week.rate }, week.accruedAt, week.amount],
    ]),
  });
  const aside = (
    <span className="row">
      {writes && (
        <>
          <Button size="xs" variant="default" onClick={() => setSetting(true)}>
            Set a rate
          </Button>
          <TrueUp fund={fund} />
        </>
      )}
      <ExportButton name={`deposits of ${fund.code}`} disabled={!weeks.data?.length} table={exported} />
    </span>
  );
  return (
    <>
      <Panel title="Deposits by shipments" aside={aside} className="scrolls">
        {(rates.error ?? weeks.error) && (
          <Refusal error={rates.error ?? weeks.error} retry={() => void weeks.refetch()} />
        )}
        {weeks.isPending && <RowsLoading rows={6} />}
        {rates.data && (
          <div className="panel-body t-sm t-dim">
            {rates.data.items.length === 0
              ? 'No rate yet: shipments put nothing in until one is set.'
              : rates.data.items
                  .map((rate) => `from ${dateText(rate.validFrom)} ${rateText(rate.per, rate.amount, fund.currency)}`)
                  .join(' · ')}
            {fund.sourceFrom && ` · filled by the weeks of ${dateText(fund.sourceFrom)} – ${dateText(fund.sourceTo)}`}
            {fund.windowPeriods && ` · filled by the last ${fund.windowPeriods} whole fiscal periods`}
          </div>
        )}
        {weeks.data?.length === 0 && (
          <Empty title="No week has put anything in">Deposits appear when shipments arrive, or with a true-up.</Empty>
        )}
        {weeks.data && weeks.data.length > 0 && (
          <table className="grid tight">
            <thead>
              <tr>
                <th>Week of</th>
                <th className="right">Cases</th>
                <th>Rate</th>
                <th>Accrued</th>
                <th className="right">Amount</th>
              </tr>
            </thead>
            <tbody>
              {weeks.data.map((week) => (
                <tr key={week.weekStart}>
                  <td className="num">{dateText(week.weekStart)}</td>
                  <td className="right">
                    <CellValue of="funds.accrued.cases" row={{ ...week, fund }} value={week.cases} label="Cases" />
                  </td>
                  <td className="t-dim">× {rateText(week.per, week.rate, fund.currency)}</td>
                  <td className="num t-dim">{instantText(week.accruedAt)}</td>
                  <td className="right">
                    <CellValue of="funds.accrued.amount" row={{ ...week, fund }} value={week.amount} label="Deposit" />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Panel>
      {setting && <RateDialog fund={fund} close={() => setSetting(false)} />}
    </>
  );
}
