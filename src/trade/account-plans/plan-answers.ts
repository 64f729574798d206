import { z } from 'zod';
import { dateSchema, decimalSchema, idSchema, moneyAnswerSchema, nameSchema } from '#http';
import type { AccountPlan } from './domain/account-plan.ts';
import { type FigureOrigin, figureValue } from './domain/plan-figure.ts';
import { lineFormulas, type PlanColumn, planColumns, planLines } from './domain/plan-lines.ts';
import type { PeriodFigures, PlanFigures } from './domain/plan-result.ts';
import type { SnapshotHead } from './plan-store.ts';

/** Most periods of a fiscal year. */
const mostPeriods = 13;
const mostChanges = 200;

/** Targets of a period as a planner sends them. */
const targetSchema = z.strictObject({
  period: z.int().min(1).max(mostPeriods),
  volume: decimalSchema.optional(),
  grossSales: decimalSchema.optional(),
  tradeSpend: decimalSchema.optional(),
  contribution: decimalSchema.optional(),
});

/** A change of baselines as a planner sends it. */
export const baselineChangeSchema = z.strictObject({
  accountId: idSchema.nullable(),
  productId: idSchema.nullable(),
  percent: decimalSchema,
});

/** What a planner states of a plan. */
export const planTermsShape = {
  targets: z.array(targetSchema).max(mostPeriods).optional(),
  baselineChanges: z.array(baselineChangeSchema).max(mostChanges).optional(),
};

/** A new plan. */
export const planBody = z.strictObject({
  name: nameSchema,
  customerId: idSchema,
  fiscalYear: z.int().min(1900).max(2200),
  ...planTermsShape,
});

const valueSchema = z.union([moneyAnswerSchema, z.string()]).nullable();
const columnsSchema = z.object({
  target: valueSchema,
  plan: valueSchema,
  latestEstimate: valueSchema,
  actual: valueSchema,
  gap: valueSchema,
});

/** A plan without its figures. */
export const planSchema = z.object({
  id: idSchema,
  name: z.string(),
  customerId: idSchema,
  fiscalYear: z.int(),
  currency: z.string(),
  targets: z.array(targetSchema),
  baselineChanges: z.array(baselineChangeSchema),
  version: z.int(),
  snapshot: z.int().nullable(),
  refusal: z.string().nullable(),
  createdBy: idSchema,
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});

/** A plan as lists show it. */
export const planItemSchema = planSchema.extend({ contribution: columnsSchema.nullable() });

/** The customer P&L of a plan. */
export const pnlSchema = z.object({
  planId: idSchema,
  snapshot: z.int(),
  recordedAt: z.iso.datetime(),
  planVersion: z.int(),
  currency: z.string(),
  closedThrough: dateSchema.nullable(),
  baselineVersion: z.string().nullable(),
  modelVersion: z.string().nullable(),
  formulaVersion: z.string(),
  termVersions: z.array(z.string()),
  notes: z.array(z.string()),
  periods: z.array(
    z.object({
      period: z.int(),
      startsOn: dateSchema,
      endsOn: dateSchema,
      state: z.enum(['closed', 'running', 'open']),
    }),
  ),
  lines: z.array(
    z.object({
      line: z.enum(planLines),
      unit: z.enum(['money', 'ratio', 'units']),
      periods: z.array(columnsSchema),
      year: columnsSchema,
    }),
  ),
});

/** A plan as the API answers it. */
export function planJson(plan: AccountPlan) {
  return { ...plan, createdAt: plan.createdAt.toISOString(), updatedAt: plan.updatedAt.toISOString() };
}

function columnsJson(figures: PeriodFigures, line: (typeof planLines)[number], currency: string) {
  const value = (column: PlanColumn) => figureValue(figures, line, column, currency);
  return Object.fromEntries(planColumns.map((column) => [column, value(column)])) as Record<
    PlanColumn,
    ReturnType<typeof value>
  >;
}

/** The contribution of the year, as lists show it. */
export function contributionJson(year: PeriodFigures | null, currency: string) {
  return year && columnsJson(year, 'contribution', currency);
}

/** Figures by line, by period and for the year. */
export function linesJson(figures: PlanFigures, currency: string) {
  return planLines.map((line) => ({
    line,
    unit: lineFormulas[line].unit,
    periods: figures.periods.map((period) => columnsJson(period, line, currency)),
    year: columnsJson(figures.year, line, currency),
  }));
}

/** A snapshot as the API answers it. */
export function pnlJson({ planId, number, planVersion, recordedAt, inputs, figures }: SnapshotHead, currency: string) {
  const { closedThrough, baselineVersion, modelVersion, formulaVersion, termVersions, notes, periods } = inputs;
  return {
    ...{ planId, snapshot: number, recordedAt: recordedAt.toISOString(), planVersion, currency, closedThrough },
    ...{ baselineVersion, modelVersion, formulaVersion, termVersions, notes, periods },
    lines: linesJson(figures, currency),
  };
}

/** Where the figures of a snapshot come from. */
export function originOf(head: SnapshotHead, currency: string, rows?: string): FigureOrigin {
  const { inputs, number } = head;
  const { predicted, lastYear } = inputs.baselines;
  const model = inputs.baselineVersion ?? 'no model';
  const terms =
    inputs.termVersions.length === 0 ? 'no terms agreed' : `${inputs.termVersions.length} agreement versions`;
  const counted = inputs.promotions.filter((one) => one.counted).length;
  return {
    currency,
    sources: {
      target: `snapshot ${number}: as set by people`,
      plan: `snapshot ${number}: baseline ${model} for ${predicted} account × products, last year’s shipments for ${lastYear}; ${counted} promotions; ${terms}`,
      latestEstimate: `snapshot ${number}: facts through ${inputs.closedThrough ?? 'none'}, then plan`,
      actual: `snapshot ${number}: shipments and spend through ${inputs.closedThrough ?? 'none'}`,
      gap: `snapshot ${number}`,
    },
    notEstimated: inputs.spendUnknown.map((code) => `spend of ${code}`),
    rows,
  };
}
