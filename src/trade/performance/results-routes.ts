import { z } from 'zod';
import {
  type AnyRoute,
  dateSchema,
  figureSchema,
  idSchema,
  listQueryShape,
  moneyAnswerSchema,
  pageOf,
  route,
} from '#http';
import { type Decimal, type Money, ratio, toJson } from '#money';
import { Problem } from '#problem';
import type { MeasuredEvent } from './domain/event-rollup.ts';
import { groupedEvents, rollUpBy, rollUpResults } from './roll-up-results.ts';

const decisionSchema = z.enum(['repeat', 'fix', 'stop']);
const ratioSchema = z.string().nullable();

const groupShape = {
  currency: z.string(),
  events: z.int(),
  earned: z.int().describe('Events that earned money'),
  figures: z.record(z.string(), figureSchema),
  prediction: z.object({
    events: z.int().describe('Events that had a prediction'),
    predictedNetProfit: figureSchema.nullable(),
    error: ratioSchema.describe('Σ |predicted − measured| / Σ |measured|, incremental units'),
    naiveError: ratioSchema.describe('The same by the mean lift of earlier events of the same mechanics'),
    errorOnNaive: ratioSchema.describe('The error on the events that the naive prediction covers'),
    naiveEvents: z.int(),
  }),
  verdict: z.object({ decision: decisionSchema, reasons: z.array(z.string()) }),
};

const resultsSchema = z.object({
  items: z.array(z.object({ key: z.string(), id: idSchema.nullable(), label: z.string(), ...groupShape })),
  total: z.array(z.object(groupShape)),
});

const eventSchema = z.object({
  promotionId: idSchema,
  measurementVersion: z.int(),
  customerId: idSchema,
  mechanics: z.array(z.string()),
  startsOn: dateSchema,
  endsOn: dateSchema,
  group: z.object({ key: z.string(), label: z.string() }),
  decision: decisionSchema.nullable(),
  incrementalUnits: z.string(),
  lift: ratioSchema,
  spend: moneyAnswerSchema,
  grossProfit: moneyAnswerSchema,
  netIncrementalContribution: moneyAnswerSchema,
  subsidisedBase: moneyAnswerSchema.nullable(),
  dip: moneyAnswerSchema.nullable().describe('Null, like the ones below: not estimated'),
  cannibalisation: moneyAnswerSchema.nullable(),
  halo: moneyAnswerSchema.nullable(),
  netProfit: moneyAnswerSchema,
  netProfitLow: moneyAnswerSchema,
  netProfitHigh: moneyAnswerSchema,
  netRoi: ratioSchema,
  predictedUnits: z.string().nullable(),
  predictedNetProfit: moneyAnswerSchema.nullable(),
  naiveUnits: z.string().nullable(),
});

const optional = (amount: Money | null) => amount && toJson(amount);
const shown = (units: Decimal) => units.toDecimalPlaces(3).toFixed();

function eventJson(event: MeasuredEvent, group: { key: string; label: string }, naive: Decimal | undefined) {
  const { predicted, baselineUnits, incrementalUnits } = event;
  return {
    promotionId: event.promotionId,
    measurementVersion: event.measurementVersion,
    customerId: event.customerId,
    mechanics: [...new Set(event.mechanics)],
    ...{ startsOn: event.startsOn, endsOn: event.endsOn },
    group: { key: group.key, label: group.label },
    decision: event.decision,
    incrementalUnits: shown(incrementalUnits),
    lift: baselineUnits.gt(0) ? incrementalUnits.div(baselineUnits).toFixed(4) : null,
    ...{ spend: toJson(event.spend), grossProfit: toJson(event.grossProfit) },
    netIncrementalContribution: toJson(event.netIncrementalContribution),
    ...{ subsidisedBase: optional(event.subsidisedBase), dip: optional(event.dip) },
    ...{ cannibalisation: optional(event.cannibalisation), halo: optional(event.halo) },
    netProfit: toJson(event.netProfit),
    netProfitLow: toJson(event.netProfitLow),
    netProfitHigh: toJson(event.netProfitHigh),
    netRoi: ratio(event.netProfit, event.spend),
    predictedUnits: predicted && shown(predicted.incrementalUnits),
    predictedNetProfit: predicted && toJson(predicted.netProfit),
    naiveUnits: naive ? shown(naive) : null,
  };
}

const queryShape = {
  by: z.enum(rollUpBy).default('mechanic'),
  from: dateSchema.optional(),
  to: dateSchema.optional(),
};

/** The place in the list after the promotion that the cursor names. */
function placeAfter(events: readonly { event: MeasuredEvent }[], cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  const at = events.findIndex(({ event }) => event.promotionId === cursor);
  if (at >= 0) return at + 1;
  throw new Problem('request.malformed', { errors: [{ path: 'cursor', message: 'is not a cursor of this list' }] });
}

/** Measured events, one by one and rolled up. */
export const resultsRoutes: AnyRoute[] = [
  route({
    method: 'GET',
    path: '/performance/results',
    summary: 'Measured promotions rolled up: sums, ratios recomputed from them, intervals, predictions and verdicts',
    access: 'analytics:read',
    query: z.strictObject(queryShape),
    answers: { 200: resultsSchema },
    handle: async (context, { query }) => ({ body: await context.db.read(context, (tx) => rollUpResults(tx, query)) }),
  }),
  route({
    method: 'GET',
    path: '/performance/results/events',
    summary: 'The measured promotions behind a roll-up, those that ended last first',
    access: 'analytics:read',
    query: z.strictObject({
      ...queryShape,
      key: z.string().max(500).optional(),
      limit: listQueryShape.limit,
      cursor: idSchema.optional(),
    }),
    answers: { 200: pageOf(eventSchema) },
    handle: async (context, { query }) => {
      const { events, naive } = await context.db.read(context, (tx) => groupedEvents(tx, query));
      const wanted = events.filter(({ group }) => query.key === undefined || group.key === query.key);
      const first = placeAfter(wanted, query.cursor);
      const page = wanted.slice(first, first + query.limit);
      const items = page.map(({ event, group }) => eventJson(event, group, naive.get(event.promotionId)));
      const more = first + query.limit < wanted.length;
      return { body: { items, nextCursor: more ? (page.at(-1)?.event.promotionId ?? null) : null } };
    },
  }),
];
