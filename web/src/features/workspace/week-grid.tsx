import { SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import type { Plan } from '../../api/promotion-shapes.ts';
import { dateText } from '../../ui/format.ts';
import { Panel } from '../../ui/screen.tsx';
import { CellValue } from '../../ui/values.tsx';
import { labelOf } from '../evidence/plan-weeks.ts';
import { useProductNames } from './use-product-names.ts';

const kinds = [
  { value: 'predictedUnits', label: 'Predicted' },
  { value: 'baselineUnits', label: 'Baseline' },
  { value: 'incrementalUnits', label: 'Incremental' },
] as const;
type Kind = (typeof kinds)[number]['value'];

/** Products by fiscal week: what each would sell; every cell opens. The event's weeks are shaded. */
export function WeekGrid({ plan }: { plan: Plan }) {
  const nameOf = useProductNames();
  const [kind, setKind] = useState<Kind>('predictedUnits');
  const cells = new Map(plan.weeks.map((week) => [`${week.productId} ${week.weekStart}`, week]));
  const weeks = [...new Map(plan.weeks.map((week) => [week.weekStart, week])).values()].sort((a, b) =>
    a.weekStart < b.weekStart ? -1 : 1,
  );
  const versions = { modelVersion: plan.modelVersion, baselineVersion: plan.baselineVersion };
  return (
    <Panel
      title="Units by product and fiscal week"
      className="scrolls"
      aside={
        <SegmentedControl
          aria-label="Units shown"
          data={[...kinds]}
          value={kind}
          onChange={(value) => setKind(value as Kind)}
        />
      }
    >
      <table className="grid tight">
        <thead>
          <tr>
            <th>Product</th>
            {weeks.map(({ weekStart, fiscalWeek, promoted }) => (
              <th
                key={weekStart}
                className="right"
                title={dateText(weekStart)}
                style={promoted ? { background: 'var(--shade)' } : undefined}
              >
                {labelOf(fiscalWeek, weekStart)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {plan.products.map(({ productId }) => (
            <tr key={productId}>
              <td>{nameOf(productId)}</td>
              {weeks.map(({ weekStart, fiscalWeek, promoted }) => {
                const week = cells.get(`${productId} ${weekStart}`);
                return (
                  <td key={weekStart} className="right" style={promoted ? { background: 'var(--shade)' } : undefined}>
                    <CellValue
                      of={`plan.weeks.${kind}`}
                      row={{ ...week, ...versions }}
                      value={week?.[kind]}
                      label={`${nameOf(productId)}, ${labelOf(fiscalWeek, weekStart)}`}
                    />
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}
