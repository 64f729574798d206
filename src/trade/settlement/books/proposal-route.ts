import { z } from 'zod';
import type { Figure } from '#figure';
import { type AnyRoute, figureSchema, idSchema, moneyAnswerSchema, route } from '#http';
import { type Money, toJson } from '#money';
import type { EarningsPort } from '../ports.ts';
import { type AccrualProposal, groupProposal, type ProposedTactic, proposeAccruals } from './propose-accruals.ts';

/** Tactics listed, the largest amounts first; the groups hold all of them. */
const maxListed = 200;

const amounts = { due: figureSchema, forecast: moneyAnswerSchema, lastRun: moneyAnswerSchema };
const groupSchema = z.object({
  kind: z.enum(['accrual', 'release']),
  glAccount: z.string(),
  costCentre: z.string().nullable(),
  mechanic: z.string(),
  customerId: idSchema,
  tactics: z.int(),
  ...amounts,
  variance: figureSchema,
  earnedToDate: moneyAnswerSchema,
  plan: moneyAnswerSchema.nullable(),
});
const tacticSchema = z.object({
  kind: z.enum(['accrual', 'release']),
  tacticId: idSchema,
  promotionId: idSchema,
  promotionCode: z.string(),
  customerId: idSchema,
  mechanic: z.string(),
  glAccount: z.string(),
  ...amounts,
  earnedToDate: moneyAnswerSchema,
  accruedBefore: moneyAnswerSchema,
  plan: moneyAnswerSchema.nullable(),
  againstPlan: figureSchema.nullable(),
});
const proposalSchema = z.object({
  periodId: idSchema,
  glMapping: z.int(),
  lastRun: z.object({ id: idSchema, periodId: idSchema, startedAt: z.iso.datetime() }).nullable(),
  totals: z.array(z.object({ currency: z.string(), ...amounts })),
  groups: z.array(groupSchema),
  tactics: z.array(tacticSchema),
  tacticCount: z.int(),
});

/** Version of the formulas below. */
const formulaVersion = 'accrual-1';

function moneyFigure(value: Money, formula: string, inputs: readonly [name: string, Money, source: string][]): Figure {
  return {
    ...{ value: toJson(value), unit: 'money', formula, formulaVersion },
    inputs: inputs.map(([name, amount, source]) => ({ name, value: toJson(amount).amount, source })),
  };
}

const dueOf = (tactic: ProposedTactic): Figure =>
  tactic.kind === 'release'
    ? moneyFigure(tactic.due, '−(earned − settled − released), once the claim-by date has come', [
        ['earned to date', tactic.earnedToDate, 'what the tactic earned so far'],
      ])
    : {
        ...moneyFigure(tactic.due, 'earned through the period’s end − accrued before', [
          ['earned through the period’s end', tactic.earnedToDate, 'volumes × rates of the approved tactic'],
          ['of it on forecast volumes', tactic.forecast, 'the submitted plan, where actual weeks are late'],
          ['accrued before', tactic.accruedBefore, 'accrual entries'],
        ]),
        rows: `/api/v1/accruals/entries?tacticId=${tactic.tacticId}`,
      };

const difference = (a: Money, b: Money): Money => ({ minor: a.minor - b.minor, currency: a.currency });

function tacticJson(tactic: ProposedTactic): z.input<typeof tacticSchema> {
  const { tacticId, promotionId, promotionCode, customerId, mechanic, glAccount, kind, plan, earnedToDate } = tactic;
  return {
    ...{ kind, tacticId, promotionId, promotionCode, customerId, mechanic, glAccount, due: dueOf(tactic) },
    ...{ forecast: toJson(tactic.forecast), lastRun: toJson(tactic.lastRun), earnedToDate: toJson(earnedToDate) },
    ...{ accruedBefore: toJson(tactic.accruedBefore), plan: plan && toJson(plan) },
    againstPlan:
      plan &&
      moneyFigure(difference(earnedToDate, plan), 'earned to date − plan', [
        ['earned to date', earnedToDate, 'volumes × rates of the approved tactic'],
        ['plan', plan, 'what the funds committed at approval'],
      ]),
  };
}

const sumFigure = (due: Money, tactics: number): Figure =>
  moneyFigure(due, `Σ due of ${tactics} tactics`, [['due', due, 'the tactics below']]);

function proposalJson({ period, glMapping, lastRun, tactics }: AccrualProposal): z.input<typeof proposalSchema> {
  const groups = groupProposal(tactics);
  const currencies = [...new Set(tactics.map(({ due }) => due.currency))].sort();
  const total = (currency: string, name: 'due' | 'forecast' | 'lastRun'): Money => ({
    minor: groups.filter((each) => each.currency === currency).reduce((sum, each) => sum + each[name].minor, 0n),
    currency,
  });
  const size = ({ due }: ProposedTactic) => (due.minor < 0n ? -due.minor : due.minor);
  const largest = tactics.toSorted((a, b) => (size(a) === size(b) ? 0 : size(a) < size(b) ? 1 : -1));
  return {
    ...{ periodId: period.id, glMapping, tacticCount: tactics.length },
    lastRun: lastRun && { ...lastRun, startedAt: lastRun.startedAt.toISOString() },
    totals: currencies.map((currency) => ({
      currency,
      due: sumFigure(total(currency, 'due'), tactics.filter(({ due }) => due.currency === currency).length),
      ...{ forecast: toJson(total(currency, 'forecast')), lastRun: toJson(total(currency, 'lastRun')) },
    })),
    groups: groups.map(({ currency: _currency, due, lastRun: last, ...group }) => ({
      ...{ ...group, due: sumFigure(due, group.tactics), lastRun: toJson(last), forecast: toJson(group.forecast) },
      variance: moneyFigure(difference(due, last), 'due − what the last run booked for the same tactics', [
        ['due', due, 'this proposal'],
        ['last run', last, 'what the last run booked'],
      ]),
      ...{ earnedToDate: toJson(group.earnedToDate), plan: group.plan && toJson(group.plan) },
    })),
    tactics: largest.slice(0, maxListed).map(tacticJson),
  };
}

/** The route of the proposal, for the ports that feed it. */
export const proposalRoute = (ports: EarningsPort): AnyRoute =>
  route({
    method: 'GET',
    path: '/accruals/proposal',
    summary: 'What preparing a period would book, by account, mechanic and customer, with variances; nothing is stored',
    access: 'accruals:read',
    reach: 'tenant',
    query: z.strictObject({ periodId: idSchema }),
    answers: { 200: proposalSchema },
    handle: async (context, { query }) => ({
      body: proposalJson(await proposeAccruals(context, ports, query.periodId)),
    }),
  });
