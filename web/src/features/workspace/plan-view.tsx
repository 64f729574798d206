import { Loader, Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useMemo, useState } from 'react';
import type { Plan } from '../../api/promotion-shapes.ts';
import { useMay } from '../../api/session.ts';
import { ExportButton } from '../../ui/export-button.tsx';
import { volumeText, wordsOf } from '../../ui/format.ts';
import { Panel, Refusal } from '../../ui/screen.tsx';
import { CellValue, FigureValueButton, Interval } from '../../ui/values.tsx';
import { PlanKpis } from '../evidence/kpis.tsx';
import { Ladder, RetailerLadder } from '../evidence/ladder.tsx';
import { FundNeeds, Guardrails } from '../evidence/lists.tsx';
import { chartWeeks, rowsOf } from '../evidence/plan-weeks.ts';
import { UnitChart } from '../evidence/unit-chart.tsx';
import { modelsQuery } from '../models/queries.ts';
import { useProductNames } from './use-product-names.ts';
import { WeekGrid } from './week-grid.tsx';

function Products({ plan }: { plan: Plan }) {
  const nameOf = useProductNames();
  return (
    <div className="grid-wrap">
      <table className="grid tight">
        <thead>
          <tr>
            <th>Product</th>
            <th className="right">Baseline units</th>
            <th className="right">Predicted</th>
            <th className="right">Incremental</th>
            <th className="right">90 % interval</th>
            <th className="right">Base price</th>
            <th className="right">Shelf price</th>
            <th className="right">Depth</th>
            <th className="right">Spend</th>
          </tr>
        </thead>
        <tbody>
          {plan.products.map((product) => {
            const name = nameOf(product.productId);
            const row = { ...product, ...rowsOf(plan), modelVersion: plan.modelVersion };
            const cell = (of: Exclude<keyof typeof product, 'productId' | 'low' | 'high'>, label: string) => (
              <CellValue
                of={`plan.products.${of}`}
                row={row}
                value={product[of]}
                label={`${label}, ${name}`}
                unit={of === 'depth' ? 'ratio' : of.endsWith('Price') ? 'money' : 'units'}
              />
            );
            return (
              <tr key={product.productId}>
                <td>{name}</td>
                <td className="right">{cell('baselineUnits', 'Baseline units')}</td>
                <td className="right">{cell('predictedUnits', 'Predicted units')}</td>
                <td className="right">{cell('incrementalUnits', 'Incremental units')}</td>
                <td className="right">
                  <Interval low={product.low} high={product.high} />
                </td>
                <td className="right">{cell('basePrice', 'Base price')}</td>
                <td className="right">{cell('shelfPrice', 'Shelf price')}</td>
                <td className="right">{cell('depth', 'Depth')}</td>
                <td className="right">{cell('spend', 'Spend')}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function SpendByTactic({ plan }: { plan: Plan }) {
  return (
    <table className="grid tight">
      <thead>
        <tr>
          <th>Tactic</th>
          <th className="right">Volume</th>
          <th className="right">{plan.currency}</th>
        </tr>
      </thead>
      <tbody>
        {plan.spendByTactic.map((tactic, place) => (
          <tr key={tactic.tacticId ?? place}>
            <td>
              {wordsOf(tactic.mechanic)}
              {tactic.volumeBasis && tactic.volumeBasis !== 'none' && (
                <span className="t-faint t-sm">
                  {' '}
                  on {tactic.volumeBasis === 'pos_units' ? 'POS units' : wordsOf(tactic.volumeBasis).toLowerCase()}
                </span>
              )}
              {tactic.assumption && (
                <div className="t-faint t-sm" style={{ whiteSpace: 'normal' }}>
                  {tactic.assumption}
                </div>
              )}
            </td>
            <td className="right">
              <CellValue
                of="plan.tactics.volume"
                row={{ ...tactic, ...rowsOf(plan) }}
                value={tactic.volume}
                label={`Volume, ${wordsOf(tactic.mechanic)}`}
              >
                {volumeText(tactic.volume)} {tactic.unit ? `${tactic.unit}s` : ''}
              </CellValue>
            </td>
            <td className="right">
              {tactic.figure ? (
                <FigureValueButton figure={tactic.figure} label={wordsOf(tactic.mechanic)} currency={false} />
              ) : (
                <CellValue
                  of="plan.tactics.spend"
                  row={{ ...tactic, ...rowsOf(plan) }}
                  value={tactic.spend}
                  label={wordsOf(tactic.mechanic)}
                  currency={false}
                />
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function ChartPanel({ plan }: { plan: Plan }) {
  const nameOf = useProductNames();
  const [picked, setPicked] = useState<string | null>(null);
  const productId = picked !== null && plan.products.some((product) => product.productId === picked) ? picked : null;
  const weeks = useMemo(() => chartWeeks(plan, productId), [plan, productId]);
  const choices = [
    { value: '', label: 'All products' },
    ...plan.products.map((product) => ({ value: product.productId, label: nameOf(product.productId) })),
  ];
  const aside = plan.products.length > 1 && (
    <div className="row">
      {productId === null && <span className="t-faint t-sm">band: summed bounds, wider than the total’s interval</span>}
      <Select
        aria-label="Product of the chart"
        w={200}
        allowDeselect={false}
        data={choices}
        value={productId ?? ''}
        onChange={(id) => setPicked(id || null)}
      />
    </div>
  );
  return (
    <Panel title="Units per fiscal week" aside={aside}>
      <div className="panel-body" style={{ minHeight: 284 }}>
        {weeks.length > 0 ? (
          <UnitChart weeks={weeks} kind="predicted" />
        ) : (
          <div className="empty">{plan.refusal ?? 'No weeks to show.'}</div>
        )}
      </div>
    </Panel>
  );
}

/** The versions that the figures rest on: the model by its number where the person may see the models. */
function Versions({ plan }: { plan: Plan }) {
  const may = useMay();
  const models = useQuery({ ...modelsQuery, enabled: may('analytics:read') });
  const number = models.data?.items.find((model) => model.id === plan.modelVersion)?.number;
  return (
    <span title={`Model ${plan.modelVersion}`}>
      Model version {number ?? `…${String(plan.modelVersion).slice(-6)}`} · baseline {plan.baselineVersion} · formulas{' '}
      {plan.formulaVersion}
    </span>
  );
}

/** The plan's units, a row a product and week. */
function ExportWeeks({ plan }: { plan: Plan }) {
  const nameOf = useProductNames();
  const units = (value: string) => ({ decimal: value });
  const exported = () => ({
    head: [
      ...['product', 'week_start', 'fiscal_week', 'promoted', 'baseline_units', 'predicted_units', 'incremental_units'],
      ...['low', 'high'],
    ],
    rows: plan.weeks.map((week) => [
      ...[nameOf(week.productId), week.weekStart, week.fiscalWeek, week.promoted ? 'yes' : 'no'],
      ...[units(week.baselineUnits), units(week.predictedUnits), units(week.incrementalUnits)],
      ...[units(week.low), units(week.high)],
    ]),
  });
  return <ExportButton name="plan-by-week" disabled={plan.weeks.length === 0} table={exported} />;
}

/** A plan: numbers, chart, P&L of both sides, funds, guardrails, products. */
export function PlanView({
  plan,
  busy,
  error,
  conflicts,
  hint,
}: {
  plan: Plan | undefined;
  busy: boolean;
  error: unknown;
  conflicts?: ReactNode;
  hint?: ReactNode;
}) {
  return (
    <div className="stack" style={{ gap: 12 }}>
      <div className="row spread t-sm t-dim" style={{ minHeight: 18 }}>
        <span>{plan?.modelVersion && <Versions plan={plan} />}</span>
        {busy && (
          <span className="row">
            <Loader size={12} /> calculating
          </span>
        )}
      </div>
      {hint}
      {error !== null && error !== undefined && <Refusal error={error} />}
      {(plan || hint === undefined) && <PlanKpis plan={plan} stale={busy || hint !== undefined} />}
      {plan && (
        <>
          {plan.refusal && (
            <div className="panel">
              <div className="notice" data-severity="warn">
                No prediction: {plan.refusal}
              </div>
            </div>
          )}
          <ChartPanel plan={plan} />
          <div className="two">
            <Panel className="scrolls">
              <Ladder plan={plan} />
            </Panel>
            <div className="stack" style={{ gap: 12 }}>
              <Panel title="Guardrails">
                <Guardrails plan={plan} />
              </Panel>
              {conflicts}
              <Panel title="Funds before and after" className="scrolls">
                <FundNeeds plan={plan} />
              </Panel>
              <Panel className="scrolls">
                <SpendByTactic plan={plan} />
              </Panel>
              <Panel className="scrolls">
                <RetailerLadder plan={plan} />
              </Panel>
            </div>
          </div>
          <Panel title="Products" aside={<ExportWeeks plan={plan} />}>
            <Products plan={plan} />
          </Panel>
          {plan.weeks.length > 0 && <WeekGrid plan={plan} />}
        </>
      )}
    </div>
  );
}
