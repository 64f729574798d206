import { useCallback } from 'react';
import { Chart } from '../../ui/chart.tsx';
import type { ChartColours } from '../../ui/echart.tsx';
import { volumeText } from '../../ui/format.ts';
import { columnNames, lineNames, valueText } from './lines.ts';
import type { PlanColumn, PlanLine, PlanValue, Pnl } from './shapes.ts';

/** From list to contribution: totals stand on the ground, what is taken off hangs from the total before. */
const steps: readonly [line: PlanLine, kind: 'total' | 'less'][] = [
  ['grossSales', 'total'],
  ['onInvoiceTerms', 'less'],
  ['invoiceSales', 'total'],
  ['offInvoiceTerms', 'less'],
  ['netSales', 'total'],
  ['tacticSpend', 'less'],
  ['pocketSales', 'total'],
  ['cost', 'less'],
  ['contribution', 'total'],
];

interface Step {
  line: PlanLine;
  kind: 'total' | 'less';
  value: PlanValue;
  /** For drawing only. */
  base: number;
  size: number;
}

/** A float places a bar; figures are shown from the exact text. */
const forDrawing = (value: PlanValue): number =>
  value !== null && typeof value === 'object' ? Number(value.amount) : 0;

function stepsOf(pnl: Pnl, period: number | undefined, column: PlanColumn): Step[] {
  const at = pnl.periods.findIndex((one) => one.period === period);
  let level = 0;
  return steps.map(([line, kind]) => {
    const row = pnl.lines.find((one) => one.line === line);
    const value = (row?.periods[at] ?? row?.year)?.[column] ?? null;
    const size = forDrawing(value);
    if (kind === 'total') {
      level = size;
      return { line, kind, value, base: Math.min(0, size), size: Math.abs(size) };
    }
    level -= size;
    return { line, kind, value, base: level, size };
  });
}

function optionsOf(shown: readonly Step[], colours: ChartColours) {
  return {
    grid: { left: 8, right: 12, top: 26, bottom: 22, containLabel: true },
    xAxis: {
      type: 'category',
      data: shown.map(({ line }) => lineNames[line]),
      axisLabel: { color: colours.text, fontSize: 10, interval: 0, width: 62, overflow: 'break' },
      axisLine: { lineStyle: { color: colours.line } },
      axisTick: { show: false },
    },
    yAxis: {
      type: 'value',
      axisLabel: { color: colours.text, fontSize: 11, formatter: (value: number) => volumeText(String(value), 0) },
      splitLine: { lineStyle: { color: colours.line } },
    },
    series: [
      {
        type: 'bar',
        stack: 'step',
        silent: true,
        itemStyle: { color: 'transparent' },
        data: shown.map(({ base }) => base),
      },
      {
        type: 'bar',
        stack: 'step',
        barWidth: '58%',
        label: {
          show: true,
          position: 'top',
          color: colours.text,
          fontSize: 10.5,
          formatter: ({ dataIndex }: { dataIndex: number }) => {
            const step = shown[dataIndex];
            return step
              ? `${step.kind === 'less' && step.size > 0 ? '\u2212' : ''}${valueText(step.line, step.value)}`
              : '';
          },
        },
        data: shown.map(({ kind, size }) => ({
          value: size,
          itemStyle: { color: kind === 'total' ? colours.incremental : colours.dip },
        })),
      },
    ],
  };
}

/** The way from list price to pocket and contribution. */
export function Waterfall({ pnl, period, column }: { pnl: Pnl; period: number | undefined; column: PlanColumn }) {
  const options = useCallback(
    (colours: ChartColours) => optionsOf(stepsOf(pnl, period, column), colours),
    [pnl, period, column],
  );
  const shown = stepsOf(pnl, period, column);
  const said = shown.map(({ line, value }) => `${lineNames[line]} ${valueText(line, value)}`).join(', ');
  return <Chart options={options} heightPx={270} label={`Waterfall, ${columnNames[column]}: ${said}`} />;
}
