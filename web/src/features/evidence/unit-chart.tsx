import { useCallback } from 'react';
import { Chart } from '../../ui/chart.tsx';
import type { ChartColours } from '../../ui/echart.tsx';
import { volumeText } from '../../ui/format.ts';

/** A fiscal week of the chart, in POS units. */
export interface ChartWeek {
  label: string;
  baseline: number | null;
  /** Predicted or actual units. */
  units: number | null;
  low: number | null;
  high: number | null;
  shaded: boolean;
  dip?: boolean;
}

interface TooltipItem {
  dataIndex: number;
}

function tooltip(week: ChartWeek | undefined, kind: 'predicted' | 'actual'): string {
  if (!week) return '';
  const line = (name: string, value: number | null) =>
    `${name}  {value|${value === null ? 'not known' : volumeText(String(value), 0)}}`;
  const incremental = week.units !== null && week.baseline !== null ? week.units - week.baseline : null;
  const band =
    week.low !== null && week.high !== null
      ? [`90 % interval ${volumeText(String(week.low), 0)} … ${volumeText(String(week.high), 0)}`]
      : [];
  return [
    `{value|${week.label}}`,
    line('Baseline', week.baseline),
    line(kind === 'predicted' ? 'Predicted' : 'Actual', week.units),
    line('Incremental', incremental),
    ...band,
  ].join('\n');
}

function optionsOf(weeks: readonly ChartWeek[], kind: 'predicted' | 'actual', colours: ChartColours) {
  const above = (week: ChartWeek) =>
    week.units !== null && week.baseline !== null && (week.shaded || kind === 'actual')
      ? Math.max(0, week.units - week.baseline)
      : 0;
  const colour = kind === 'predicted' ? colours.incremental : colours.actual;
  const plain = { type: 'line', symbol: 'none', emphasis: { disabled: true } };
  return {
    grid: { left: 8, right: 12, top: 34, bottom: 4, containLabel: true },
    legend: {
      type: 'scroll',
      top: 2,
      left: 0,
      itemWidth: 16,
      itemHeight: 8,
      textStyle: { color: colours.text, fontSize: 11.5 },
      icon: 'roundRect',
      data: [
        'Baseline',
        'Incremental',
        kind === 'predicted' ? 'Predicted' : 'Actual',
        '90 % interval',
        'Promotion weeks',
      ],
    },
    tooltip: {
      trigger: 'axis',
      // Drawn on the canvas: the page's content security policy lets no text bring styles of its own.
      renderMode: 'richText',
      backgroundColor: colours.bg,
      borderColor: colours.line,
      textStyle: { color: colours.text, fontSize: 12, lineHeight: 18, rich: { value: { fontWeight: 600 } } },
      formatter: (items: TooltipItem[]) => tooltip(weeks[items[0]?.dataIndex ?? -1], kind),
    },
    xAxis: {
      type: 'category',
      boundaryGap: true,
      data: weeks.map((week) => week.label),
      axisLabel: { color: colours.text, fontSize: 11, hideOverlap: true },
      axisLine: { lineStyle: { color: colours.line } },
      axisTick: { show: false },
    },
    yAxis: [
      {
        type: 'value',
        axisLabel: { color: colours.text, fontSize: 11, formatter: (value: number) => volumeText(String(value), 0) },
        splitLine: { lineStyle: { color: colours.line } },
      },
      // The shading of promotion weeks: bars of full height on an axis of their own.
      { type: 'value', show: false, min: 0, max: 1 },
    ],
    series: [
      {
        type: 'bar',
        name: 'Promotion weeks',
        yAxisIndex: 1,
        z: 0,
        silent: true,
        barWidth: '100%',
        data: weeks.map((week) => (week.shaded ? 1 : null)),
        itemStyle: { color: colours.shade },
      },
      {
        ...plain,
        name: 'low',
        stack: 'band',
        data: weeks.map((week) => week.low),
        lineStyle: { opacity: 0 },
        silent: true,
      },
      {
        ...plain,
        name: '90 % interval',
        stack: 'band',
        data: weeks.map((week) => (week.low !== null && week.high !== null ? week.high - week.low : null)),
        lineStyle: { opacity: 0 },
        areaStyle: { color: colours.band },
        itemStyle: { color: colours.band },
      },
      {
        ...plain,
        name: 'Baseline',
        stack: 'units',
        z: 4,
        data: weeks.map((week) => week.baseline),
        lineStyle: { color: colours.baseline, width: 2 },
        itemStyle: { color: colours.baseline },
      },
      {
        ...plain,
        name: 'Incremental',
        stack: 'units',
        z: 3,
        data: weeks.map(above),
        lineStyle: { opacity: 0 },
        areaStyle: { color: colours.area },
        itemStyle: { color: colours.area },
      },
      {
        ...plain,
        name: kind === 'predicted' ? 'Predicted' : 'Actual',
        z: 5,
        data: weeks.map((week) => week.units),
        lineStyle: { color: colour, width: 2, type: kind === 'predicted' ? 'dashed' : 'solid' },
        itemStyle: { color: colour },
        ...(kind === 'actual' ? { symbol: 'circle', symbolSize: 5 } : {}),
      },
    ],
  };
}

/** Baseline as a line, incremental as the area above it, interval as a band, promotion weeks shaded. */
export function UnitChart({
  weeks,
  kind,
  heightPx = 260,
}: {
  weeks: readonly ChartWeek[];
  kind: 'predicted' | 'actual';
  heightPx?: number;
}) {
  const options = useCallback((colours: ChartColours) => optionsOf(weeks, kind, colours), [weeks, kind]);
  return (
    <Chart
      options={options}
      heightPx={heightPx}
      label={`Units per fiscal week: baseline and ${kind}, ${weeks.length} weeks. The table below holds the same figures.`}
    />
  );
}
