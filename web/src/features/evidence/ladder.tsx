import type { ReactNode } from 'react';
import type { Plan } from '../../api/promotion-shapes.ts';
import { figureText } from '../../ui/format.ts';
import { CellValue, FigureValueButton, Interval } from '../../ui/values.tsx';

/** The rungs of the P&L, in the words of the domain. */
const rungs: readonly { key: string; label: string; strong?: boolean; sub?: boolean }[] = [
  { key: 'incrementalContribution', label: 'Incremental contribution' },
  { key: 'eventSpend', label: 'Event spend' },
  { key: 'subsidisedBase', label: 'of which subsidised base', sub: true },
  { key: 'grossProfit', label: 'Gross profit', strong: true },
  { key: 'grossRoi', label: 'Gross ROI', sub: true },
  { key: 'dipContribution', label: '− Dip after the event', sub: true },
  { key: 'cannibalisationContribution', label: '− Cannibalisation', sub: true },
  { key: 'haloContribution', label: '+ Halo', sub: true },
  { key: 'netIncrementalContribution', label: 'Net incremental contribution' },
  { key: 'netProfit', label: 'Net profit', strong: true },
  { key: 'netRoi', label: 'Net ROI', strong: true },
  { key: 'costPerIncrementalUnit', label: 'Cost per incremental case' },
  { key: 'breakEvenLift', label: 'Break-even lift' },
  { key: 'tradeRate', label: 'Trade rate' },
  { key: 'merchandisingEfficiency', label: 'Merchandising efficiency' },
  { key: 'eventMargin', label: 'Margin of the event' },
];

function Row({
  label,
  value,
  interval,
  strong,
  sub,
}: {
  label: string;
  value: ReactNode;
  interval?: ReactNode;
  strong?: boolean;
  sub?: boolean;
}) {
  return (
    <tr className={strong ? 'strong' : undefined}>
      <td style={sub ? { paddingLeft: 26 } : undefined} className={sub ? 't-dim' : undefined}>
        {label}
      </td>
      <td className="right">{value}</td>
      <td className="right">{interval}</td>
    </tr>
  );
}

/** Components that a model may lack: they are then said to be not estimated, never zero. */
const estimated = new Set(['dipContribution', 'cannibalisationContribution', 'haloContribution']);

/** Our P&L of the event, from contribution to net ROI; every figure opens. */
export function Ladder({ plan }: { plan: Pick<Plan, 'currency' | 'figures'> }) {
  return (
    <table className="grid tight">
      <thead>
        <tr>
          <th>Ours</th>
          <th className="right">{plan.currency}</th>
          <th className="right">90 % interval</th>
        </tr>
      </thead>
      <tbody>
        {rungs.map((rung) => {
          const figure = plan.figures[rung.key];
          return (
            <Row
              key={rung.key}
              label={rung.label}
              strong={rung.strong ?? false}
              sub={rung.sub ?? false}
              value={
                estimated.has(rung.key) && figure?.value === null ? (
                  <span className="t-faint">not estimated</span>
                ) : (
                  <FigureValueButton figure={figure} label={rung.label} currency={false}>
                    {/* The label names the case: saying it twice takes the interval off the screen. */}
                    {figure?.per ? figureText(figure.value, figure.unit) : undefined}
                  </FigureValueButton>
                )
              }
              interval={<Interval low={figure?.low} high={figure?.high} unit={figure?.unit} />}
            />
          );
        })}
      </tbody>
    </table>
  );
}

type RetailerPart = 'marginBefore' | 'marginAfter' | 'percentBefore' | 'percentAfter';

/** A number of the retailer's margin; of plans that were kept before it explained itself, its formula alone. */
export function RetailerFigure({
  retailer,
  of,
  label,
  currency = false,
}: {
  retailer: Plan['retailer'];
  of: RetailerPart;
  label: string;
  currency?: boolean;
}) {
  const figure = retailer?.figures?.[of];
  if (figure) return <FigureValueButton figure={figure} label={label} currency={currency} />;
  const unit = of.startsWith('percent') ? 'ratio' : 'money';
  return (
    <CellValue
      of={`plan.retailer.${of}`}
      row={{ ...retailer }}
      value={retailer?.[of]}
      label={label}
      unit={unit}
      currency={currency}
    />
  );
}

/** The retailer's margin before and after the event. */
export function RetailerLadder({ plan }: { plan: Plan }) {
  const { retailer } = plan;
  const opens = (of: RetailerPart, label: string) => <RetailerFigure retailer={retailer} of={of} label={label} />;
  return (
    <table className="grid tight">
      <thead>
        <tr>
          <th>The retailer’s margin</th>
          <th className="right">{plan.currency}</th>
          <th className="right">of sales</th>
        </tr>
      </thead>
      <tbody>
        <tr>
          <td>Before</td>
          <td className="right">{opens('marginBefore', 'The retailer’s margin before')}</td>
          <td className="right">{opens('percentBefore', 'The retailer’s margin of sales before')}</td>
        </tr>
        <tr className="strong">
          <td>After</td>
          <td className="right">{opens('marginAfter', 'The retailer’s margin after')}</td>
          <td className="right">{opens('percentAfter', 'The retailer’s margin of sales after')}</td>
        </tr>
        {retailer?.note && (
          <tr>
            <td colSpan={3} className="t-dim t-sm">
              {retailer.note}
            </td>
          </tr>
        )}
      </tbody>
    </table>
  );
}
