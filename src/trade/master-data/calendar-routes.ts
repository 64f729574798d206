import { z } from 'zod';
import type { Context } from '#context';
import type { TenantTx } from '#db';
import { addDays, fiscalPatterns } from '#fiscal-calendar';
import {
  type AnyRoute,
  codeSchema,
  dateSchema,
  idParams,
  idSchema,
  listQueryShape,
  nameSchema,
  pageOf,
  route,
} from '#http';
import { notFound, Problem } from '#problem';
import { type FiscalCalendar, findCalendar, listCalendars, weeksOf } from './calendar-store.ts';
import { changeCalendar, createCalendar } from './create-calendar.ts';
import { tenantToday } from './price-store.ts';

/** Longest range of weeks in one answer, in days: ten years of a chart. */
const maxRangeDays = 3_660;

const weekSchema = z.object({
  fiscalYear: z.number().int(),
  period: z.number().int(),
  week: z.number().int(),
  startsOn: dateSchema,
  endsOn: dateSchema,
});
const ruleSchema = z
  .strictObject({
    pattern: z.enum(fiscalPatterns),
    weekStartsOn: z.number().int().min(1).max(7).default(1),
    yearStartsNear: z
      .string()
      .regex(/^(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])$/, 'must be a month and day up to the 28th, like 02-01')
      .default('01-01'),
    namedBy: z.enum(['start', 'end']).default('start'),
  })
  .refine(({ pattern, yearStartsNear }) => pattern !== 'calendar-month' || yearStartsNear.endsWith('-01'), {
    path: ['yearStartsNear'],
    message: 'must be the first of a month for a calendar of months',
  });
const calendarSchema = z.object({
  id: idSchema,
  code: z.string(),
  name: z.string(),
  rule: z.unknown().nullable(),
  isDefault: z.boolean(),
  version: z.number().int(),
});
const withWeeks = calendarSchema.extend({ weeks: z.array(weekSchema) });
const rangeShape = { from: dateSchema.optional(), to: dateSchema.optional() };

/** The wanted range; without one, a year to either side of today. */
function rangeOf(tx: TenantTx<Context>, query: { from?: string | undefined; to?: string | undefined }) {
  const today = tenantToday(tx);
  const from = query.from ?? addDays(query.to ?? today, -366);
  const to = query.to ?? addDays(query.from ?? today, 366);
  if (to < from || to > addDays(from, maxRangeDays)) {
    const message = `must be a range of at most ${maxRangeDays} days`;
    throw new Problem('request.malformed', { errors: [{ path: 'to', message }] });
  }
  return { from, to };
}

async function addWeeks(tx: TenantTx<Context>, calendar: FiscalCalendar, range: { from: string; to: string }) {
  return { ...calendar, weeks: await weeksOf(tx, calendar.id, range.from, range.to) };
}

const list = route({
  method: 'GET',
  path: '/calendars',
  summary: 'Fiscal calendars with their weeks in a range (a year to either side of today when absent)',
  access: 'authenticated',
  query: z.strictObject({ ...listQueryShape, ...rangeShape }),
  answers: { 200: pageOf(withWeeks) },
  handle: async (context, { query }) => {
    const { from, to, ...request } = query;
    const body = await context.db.read(context, async (tx) => {
      const range = rangeOf(tx, { from, to });
      const page = await listCalendars(tx, request);
      const items = [];
      for (const calendar of page.items) items.push(await addWeeks(tx, calendar, range));
      return { ...page, items };
    });
    return { body };
  },
});

const get = route({
  method: 'GET',
  path: '/calendars/:id',
  summary: 'Read a fiscal calendar with its weeks in a range',
  access: 'authenticated',
  params: idParams,
  query: z.strictObject(rangeShape),
  answers: { 200: withWeeks },
  handle: async (context, { params, query }) => {
    const calendar = await context.db.read(context, async (tx) => {
      const found = (await findCalendar(tx, { id: params.id })) ?? notFound('calendar', params.id);
      return addWeeks(tx, found, rangeOf(tx, query));
    });
    return { version: calendar.version, body: calendar };
  },
});

const year = z.number().int().min(1950).max(2150);

const create = route({
  method: 'POST',
  path: '/calendars',
  summary: 'Generate a fiscal calendar by a rule; the first one is the default',
  access: 'products:write',
  reach: 'tenant',
  body: z.strictObject({ code: codeSchema, name: nameSchema, rule: ruleSchema, fromYear: year, toYear: year }),
  answers: { 201: calendarSchema },
  handle: async (context, { body }) => {
    const calendar = await createCalendar(context, body);
    return { version: calendar.version, body: calendar };
  },
});

const change = route({
  method: 'PATCH',
  path: '/calendars/:id',
  summary: 'Rename a calendar, make it the default, or generate further years; takes If-Match',
  access: 'products:write',
  reach: 'tenant',
  params: idParams,
  body: z.strictObject({ name: nameSchema, isDefault: z.literal(true), throughYear: year }).partial(),
  answers: { 200: calendarSchema },
  handle: async (context, { params, body, ifMatch }) => {
    const calendar = await changeCalendar(context, params.id, body, ifMatch);
    return { version: calendar.version, body: calendar };
  },
});

/** `/calendars`. */
export const calendarRoutes: readonly AnyRoute[] = [list, get, create, change];
