import { Button, SegmentedControl, Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import { Chart } from '../../ui/chart.tsx';
import type { ChartColours } from '../../ui/echart.tsx';
import { ExportButton } from '../../ui/export-button.tsx';
import { countText, moneyText, rangeText, ratioText, volumeText } from '../../ui/format.ts';
import { Empty, Panel, Refusal, RowsLoading } from '../../ui/screen.tsx';
import { figureCell } from '../../ui/sheet-rows.ts';
import { CellValue, FigureValueButton } from '../../ui/values.tsx';
import { CustomerPicker } from '../workspace/pickers.tsx';
import type { FiscalPeriod } from './periods.ts';
import { ProductSelect } from './product-select.tsx';
import { waterfallQuery } from './queries.ts';
import type { Waterfall, WaterfallStep } from './shapes.ts';
import { WaterfallRows } from './waterfall-rows.tsx';

const stepWords: Readonly<Record<string, string>> = {
  list: 'Gross sales at list',
  on_invoice: 'On-invoice terms',
  invoice: 'Invoice',
  off_invoice: 'Off-invoice terms',
  conditional: 'Conditional terms',
  growth: 'Growth rebates',
  volume_rebate: 'Volume rebates',
  net: 'Net',
  tactic_spend: 'Tactic spend',
  pocket: 'Pocket',
};
/** The same for under the bars. */
const barWords: Readonly<Record<string, string>> = {
  ...stepWords,
  ...{ list: 'List', on_invoice: 'On-invoice', off_invoice: 'Off-invoice', conditional: 'Conditional' },
  ...{ growth: 'Growth', volume_rebate: 'Volume', tactic_spend: 'Tactics' },
};
const levels: ReadonlySet<string> = new Set(['list', 'invoice', 'net', 'pocket']);

type Shown = 'amount' | 'ofList' | 'perCase';

const amountIn = (step: WaterfallStep): number => {
  const { value } = step.amount;
  return value !== null && typeof value === 'object' ? Number(value.amount) : 0;
};

/** Where the axis begins: near the lowest level where little is taken off, so that single terms can be seen. */
function axisStart({ total }: Waterfall): number {
  const sizes = total.steps.filter(({ step }) => levels.has(step)).map(amountIn);
  const [most, least] = [Math.max(...sizes), Math.min(...sizes)];
  if (least < 0.6 * most) return 0;
  const step = 10 ** Math.floor(Math.log10(most - least || 1));
  return Math.max(0, Math.floor((least - 0.4 * (most - least)) / step) * step);
}

/** Bars from list to pocket: levels stand on the ground, what is taken off hangs from the level before. */
function chartOf(data: Waterfall, colours: ChartColours) {
  const { total } = data;
  const start = axisStart(data);
  let top = 0;
  const bars = total.steps.map((step) => {
    const size = amountIn(step);
    if (levels.has(step.step)) {
      top = size;
      return { ground: 0, size, colour: colours.baseline };
    }
    top -= size;
    return {
      ground: Math.max(0, Math.min(top, top + size)),
      size: Math.abs(size),
      colour: step.step === 'tactic_spend' ? colours.incremental : colours.dip,
    };
  });
  const axis = { axisLine: { lineStyle: { color: colours.line } }, axisLabel: { color: colours.text } };
  return {
    grid: { left: 8, right: 12, top: 22, bottom: 4, containLabel: true },
    tooltip: { show: false },
    xAxis: {
      type: 'category',
      data: total.steps.map(({ step }) => barWords[step] ?? step),
      ...axis,
      axisLabel: { color: colours.text, interval: 0, fontSize: 11, width: 84, overflow: 'break' },
    },
    yAxis: { type: 'value', min: start, ...axis, splitLine: { lineStyle: { color: colours.line } } },
    series: [
      {
        type: 'bar',
        stack: 'w',
        data: bars.map(({ ground }) => ground),
        itemStyle: { color: 'transparent' },
        silent: true,
      },
      {
        ...{ type: 'bar', stack: 'w', barWidth: '58%' },
        data: bars.map(({ size, colour }, i) => ({
          value: size,
          itemStyle: { color: colour },
          label: {
            show: true,
            position: 'top',
            color: colours.text,
            fontSize: 11,
            formatter: ratioText(total.steps[i]?.ofList.value as string | null),
          },
        })),
      },
    ],
  };
}

const head = (period: { period: number }) => `P${period.period}`;

function Table({ data, shown }: { data: Waterfall; shown: Shown }) {
  const steps = data.total.steps.map(({ step }) => step);
  const cell = (of: readonly WaterfallStep[], step: string, where: string) => {
    const figure = of.find((one) => one.step === step)?.[shown];
    const label = `${stepWords[step] ?? step}, ${where}`;
    if (figure?.value === null && figure.notEstimated?.length) return <span className="t-faint">not estimated</span>;
    return (
      <FigureValueButton figure={figure} label={label} currency={false}>
        {shown === 'ofList' ? ratioText(figure?.value as string | null) : undefined}
      </FigureValueButton>
    );
  };
  const cases = (of: Waterfall['total'], where: string) => (
    <CellValue of="terms.waterfall.cases" row={of} value={of.cases} label={`Cases, ${where}`}>
      {volumeText(of.cases, 0)}
    </CellValue>
  );
  return (
    <table className="grid tight">
      <thead>
        <tr>
          <th>{shown === 'amount' ? data.currency : shown === 'ofList' ? '% of list' : `${data.currency} per case`}</th>
          <th className="right">Total</th>
          {data.periods.map((period) => (
            <th key={period.startsOn} className="right" title={rangeText(period.startsOn, period.endsOn)}>
              {head(period)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {steps.map((step) => (
          <tr key={step} className={levels.has(step) ? 'strong' : undefined}>
            <td>
              {levels.has(step) ? '' : '− '}
              {stepWords[step] ?? step}
            </td>
            <td className="right strong">{cell(data.total.steps, step, 'total')}</td>
            {data.periods.map((period) => (
              <td key={period.startsOn} className="right">
                {cell(period.steps, step, head(period))}
              </td>
            ))}
          </tr>
        ))}
        <tr className="t-dim">
          <td>Cases</td>
          <td className="right">{cases(data.total, 'total')}</td>
          {data.periods.map((period) => (
            <td key={period.startsOn} className="right">
              {cases(period, head(period))}
            </td>
          ))}
        </tr>
      </tbody>
    </table>
  );
}

/** The table as it is shown: a row a step, a column a period. */
function exported(data: Waterfall, shown: Shown) {
  const ofStep = (of: readonly WaterfallStep[], name: string) =>
    figureCell(of.find(({ step }) => step === name)?.[shown]);
  return {
    head: ['step', 'total', ...data.periods.map(({ fiscalYear, period }) => `FY${fiscalYear} P${period}`)],
    rows: [
      ...data.total.steps.map(({ step }) => [
        ...[stepWords[step] ?? step, ofStep(data.total.steps, step)],
        ...data.periods.map(({ steps }) => ofStep(steps, step)),
      ]),
      ['Cases', { decimal: data.total.cases }, ...data.periods.map(({ cases }) => ({ decimal: cases }))],
    ],
  };
}

/** List → invoice → net → pocket of an account, a product and a fiscal year, by period; every figure opens. */
export function WaterfallView({
  customerId,
  productId,
  periods,
  put,
}: {
  customerId: string;
  productId: string;
  periods: readonly FiscalPeriod[];
  put(members: { at?: string; product?: string; period?: string }): void;
}) {
  const [shown, setShown] = useState<Shown>('amount');
  const [period, setPeriod] = useState<string | null>(null);
  const [rowsShown, setRowsShown] = useState(false);
  const only = periods.find(({ startsOn }) => startsOn === period);
  const from = (only ?? periods[0])?.startsOn ?? '';
  const to = (only ?? periods.at(-1))?.endsOn ?? '';
  const scope = { customerId, productId: productId || undefined, from, to };
  const waterfall = useQuery({ ...waterfallQuery(scope), enabled: customerId !== '' && from !== '' });
  const data = waterfall.data;
  const options = useCallback((colours: ChartColours) => (data ? chartOf(data, colours) : {}), [data]);
  const sold = data !== undefined && Number(data.total.cases) > 0;
  return (
    <div className="stack" style={{ gap: 12 }}>
      <div className="row" style={{ flexWrap: 'wrap' }}>
        <CustomerPicker label="" value={customerId} onChange={(id) => put({ at: id })} />
        <ProductSelect value={productId} onChange={(id) => put({ product: id })} />
        <Select
          aria-label="Fiscal period"
          placeholder="Whole year"
          clearable
          data={periods.map((one) => ({
            value: one.startsOn,
            label: `P${one.period} · ${rangeText(one.startsOn, one.endsOn)}`,
          }))}
          value={period}
          onChange={setPeriod}
        />
        <SegmentedControl
          value={shown}
          onChange={(value) => setShown(value as Shown)}
          data={[
            { value: 'amount', label: 'Money' },
            { value: 'ofList', label: '% of list' },
            { value: 'perCase', label: 'Per case' },
          ]}
        />
        <ExportButton
          name="waterfall"
          disabled={data === undefined || !sold}
          table={() => (data ? exported(data, shown) : { head: [], rows: [] })}
        />
      </div>
      {waterfall.error && <Refusal error={waterfall.error} retry={() => void waterfall.refetch()} />}
      {waterfall.isPending && !waterfall.error && <RowsLoading rows={10} />}
      {data && !sold && (
        <Empty title="Nothing was shipped">Choose another customer, product or fiscal year, or import shipments.</Empty>
      )}
      {data && sold && (
        <div className={waterfall.isPlaceholderData ? 'stack stale' : 'stack'} style={{ gap: 12 }}>
          <Panel
            title={`List to pocket, ${rangeText(from, to)}`}
            aside={
              <span className="t-dim t-sm">
                share of gross sales at list
                {axisStart(data) > 0 && `; the axis begins at ${countText(axisStart(data))} ${data.currency}`}
              </span>
            }
          >
            <Chart
              heightPx={240}
              options={options}
              label={data.total.steps
                .map((step) => `${stepWords[step.step] ?? step.step} ${moneyText(step.amount.value as never)}`)
                .join(', ')}
            />
          </Panel>
          <Panel className="scrolls">
            <Table data={data} shown={shown} />
          </Panel>
          <div className="t-dim t-sm">
            What was shipped, at the price and under the terms of its week; rebates by tiers at what their year is
            expected to reach. {data.notes.join(' ')}
          </div>
          <div>
            <Button variant="default" onClick={() => setRowsShown(!rowsShown)}>
              {rowsShown ? 'Hide the rows' : 'Show the rows behind it'}
            </Button>
          </div>
          {rowsShown && <WaterfallRows scope={scope} />}
        </div>
      )}
    </div>
  );
}
