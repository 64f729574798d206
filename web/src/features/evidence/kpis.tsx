import { Skeleton } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Plan } from '../../api/promotion-shapes.ts';
import type { Figure } from '../../api/shapes.ts';
import { volumeText } from '../../ui/format.ts';
import { CellValue, FigureValueButton, Interval, MoneyValue } from '../../ui/values.tsx';
import { rowsOf } from './plan-weeks.ts';

/** One number with its name and a line below it. */
export function Kpi({ label, value, below }: { label: string; value: ReactNode; below?: ReactNode }) {
  return (
    <div className="kpi">
      <span className="label">{label}</span>
      <span className="value num">{value}</span>
      {below ?? <span className="interval">&nbsp;</span>}
    </div>
  );
}

/** Incremental volume in units as shoppers buy them; what opens is counted in cases. */
export function IncrementalUnits({ units, figure }: { units: string | null | undefined; figure: Figure | undefined }) {
  const text = (
    <>
      {volumeText(units)} <span className="unit">units</span>
    </>
  );
  if (!figure) return text;
  return (
    <FigureValueButton figure={figure} label="Incremental, in cases">
      {text}
    </FigureValueButton>
  );
}

/** The numbers that decide about a plan. */
export function PlanKpis({ plan, stale }: { plan: Plan | undefined; stale?: boolean }) {
  if (!plan) {
    return (
      <div className="kpis" aria-busy="true">
        {['Incremental', 'Lift', 'Event spend', 'Net profit', 'Net ROI'].map((label) => (
          <Kpi key={label} label={label} value={<Skeleton height={18} mt={4} width={90} />} />
        ))}
      </div>
    );
  }
  const { totals, figures } = plan;
  const spend = figures.eventSpend;
  return (
    <div className={stale ? 'kpis stale' : 'kpis'}>
      <Kpi
        label="Incremental"
        value={<IncrementalUnits units={totals?.incrementalUnits} figure={figures.incrementalVolume} />}
        below={<Interval low={totals?.incrementalLow} high={totals?.incrementalHigh} />}
      />
      <Kpi
        label="Lift"
        value={<FigureValueButton figure={figures.lift} label="Lift" />}
        below={
          <span className="interval">
            on{' '}
            <CellValue
              of="plan.totals.baselineUnits"
              row={{ ...totals, ...rowsOf(plan) }}
              value={totals?.baselineUnits}
              label="Baseline"
            />{' '}
            baseline units
          </span>
        }
      />
      <Kpi
        label="Event spend"
        value={spend ? <FigureValueButton figure={spend} label="Event spend" /> : <MoneyValue value={plan.spend} />}
        below={<Interval low={spend?.low} high={spend?.high} />}
      />
      <Kpi
        label="Net profit"
        value={<FigureValueButton figure={figures.netProfit} label="Net profit" />}
        below={<Interval low={figures.netProfit?.low} high={figures.netProfit?.high} />}
      />
      <Kpi
        label="Net ROI"
        value={<FigureValueButton figure={figures.netRoi} label="Net ROI" />}
        below={<Interval low={figures.netRoi?.low} high={figures.netRoi?.high} unit="ratio" />}
      />
    </div>
  );
}
