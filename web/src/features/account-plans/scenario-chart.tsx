import { useCallback } from 'react';
import { Chart } from '../../ui/chart.tsx';
import type { ChartColours } from '../../ui/echart.tsx';
import { volumeText } from '../../ui/format.ts';
import { lineNames, valueText } from './lines.ts';
import type { ComparedColumn } from './shapes.ts';

interface Point {
  name: string;
  volume: number;
  contribution: number;
}

/** A float places a point; figures are shown from the exact text. */
function pointOf({ name, figures }: ComparedColumn): Point | null {
  const volume = figures.plan.volume.value;
  const contribution = figures.plan.contribution.value;
  if (typeof volume !== 'string' || contribution === null || typeof contribution !== 'object') return null;
  return { name, volume: Number(volume), contribution: Number(contribution.amount) };
}

/** Points that no other beats in volume and contribution at once, by volume. */
function frontierOf<P extends { volume: number; contribution: number }>(points: readonly P[]): P[] {
  const best = points.filter(
    (one) =>
      !points.some(
        (other) =>
          other !== one &&
          other.volume >= one.volume &&
          other.contribution >= one.contribution &&
          (other.volume > one.volume || other.contribution > one.contribution),
      ),
  );
  return best.sort((a, b) => a.volume - b.volume);
}

function optionsOf(points: readonly Point[], colours: ChartColours) {
  const frontier = frontierOf(points);
  const axis = (name: string) => ({
    type: 'value',
    scale: true,
    name,
    nameLocation: 'middle',
    nameTextStyle: { color: colours.text, fontSize: 11 },
    axisLabel: { color: colours.text, fontSize: 11, formatter: (value: number) => volumeText(String(value), 0) },
    splitLine: { lineStyle: { color: colours.line } },
  });
  const place = ({ volume, contribution }: Point) => [volume, contribution];
  return {
    grid: { left: 30, right: 70, top: 26, bottom: 26, containLabel: true },
    xAxis: { ...axis('Volume, cases'), nameGap: 26 },
    yAxis: { ...axis('Contribution'), nameGap: 78 },
    series: [
      {
        type: 'line',
        data: frontier.map(place),
        symbol: 'none',
        silent: true,
        lineStyle: { color: colours.baseline, type: 'dashed', width: 1 },
      },
      {
        type: 'line',
        data: points.map((point) => ({
          value: place(point),
          itemStyle: { color: frontier.includes(point) ? colours.incremental : colours.dip },
        })),
        symbolSize: 11,
        symbol: 'circle',
        lineStyle: { opacity: 0 },
        label: {
          show: true,
          position: 'top',
          color: colours.text,
          fontSize: 11,
          formatter: ({ dataIndex }: { dataIndex: number }) => points[dataIndex]?.name ?? '',
        },
      },
    ],
  };
}

/** Volume against contribution of the plan and its scenarios: those on the dashed line are beaten by none in both. */
export function ScenarioChart({ columns }: { columns: readonly ComparedColumn[] }) {
  const options = useCallback(
    (colours: ChartColours) =>
      optionsOf(
        columns.flatMap((column) => pointOf(column) ?? []),
        colours,
      ),
    [columns],
  );
  const said = columns
    .map(({ name, figures }) => {
      const [volume, contribution] = [figures.plan.volume.value, figures.plan.contribution.value];
      return `${name}: ${valueText('volume', volume)} cases, ${lineNames.contribution.toLowerCase()} ${valueText('contribution', contribution)}`;
    })
    .join('; ');
  return <Chart options={options} heightPx={300} label={`Volume and contribution. ${said}`} />;
}
