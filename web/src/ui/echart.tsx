import { useMantineColorScheme } from '@mantine/core';
import { BarChart, LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TooltipComponent } from 'echarts/components';
import { type EChartsCoreOption, type EChartsType, init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { useEffect, useRef } from 'react';

use([BarChart, CanvasRenderer, GridComponent, LegendComponent, LineChart, TooltipComponent]);

/** The chart colours of the scheme in force; the same everywhere. */
export interface ChartColours {
  text: string;
  line: string;
  bg: string;
  baseline: string;
  incremental: string;
  area: string;
  band: string;
  actual: string;
  dip: string;
  shade: string;
}

function readColours(): ChartColours {
  const style = getComputedStyle(document.documentElement);
  const of = (name: string) => style.getPropertyValue(name).trim();
  return {
    text: of('--dim'),
    line: of('--line'),
    bg: of('--bg'),
    baseline: of('--chart-baseline'),
    incremental: of('--chart-incremental'),
    area: of('--chart-area'),
    band: of('--chart-band'),
    actual: of('--chart-actual'),
    dip: of('--chart-dip'),
    shade: of('--shade'),
  };
}

/** An ECharts canvas of fixed height whose options follow the colour scheme; `label` describes it for people who cannot see it. */
export default function EChart({
  options,
  heightPx,
  label,
}: {
  options(colours: ChartColours): EChartsCoreOption;
  heightPx: number;
  label: string;
}) {
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType>(undefined);
  const { colorScheme } = useMantineColorScheme();
  useEffect(() => {
    if (!host.current) return;
    const made = init(host.current);
    chart.current = made;
    const observer = new ResizeObserver(() => made.resize());
    observer.observe(host.current);
    return () => {
      observer.disconnect();
      made.dispose();
      chart.current = undefined;
    };
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the scheme changes what readColours reads
  useEffect(() => {
    const base = {
      animationDuration: 0,
      animationDurationUpdate: 180,
      textStyle: { fontFamily: 'Inter Variable, sans-serif' },
    };
    chart.current?.setOption({ ...base, ...options(readColours()) }, { replaceMerge: ['series'] });
  }, [options, colorScheme]);
  return <div ref={host} role="img" aria-label={label} style={{ height: heightPx, width: '100%' }} />;
}
