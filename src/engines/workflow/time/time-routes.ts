import { z } from 'zod';
import { zoneOffsetMs } from '#clock';
import { type FailedTimer, listFailedTimers, retryTimer } from '#events';
import { type AnyRoute, dateSchema, idParams, idSchema, listQueryShape, nameSchema, pageOf, route } from '#http';
import { notFound } from '#problem';
import { recordAudit } from '#security';
import { alwaysOpenCode, weekdays } from './business-calendar.ts';
import { listCalendars, type StoredCalendar } from './calendar-store.ts';
import { maxHoursADay, maxSpecialDays, maxWeeks } from './check-calendar.ts';
import { importHolidays, saveCalendar } from './save-calendar.ts';

function isZone(timeZone: string): boolean {
  try {
    zoneOffsetMs(timeZone, 0);
    return true;
  } catch (error) {
    // RangeError is how Intl says that it knows no such zone.
    if (error instanceof RangeError) return false;
    throw error;
  }
}

const codeSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,59}$/, 'must be small letters, digits and hyphens')
  .refine((code) => code !== alwaysOpenCode, `"${alwaysOpenCode}" stands for plain time`);
const clock = /^([01]\d|2[0-3]):[0-5]\d$/;
const hoursSchema = z
  .array(
    z.strictObject({
      from: z.string().regex(clock, 'must be HH:MM'),
      to: z.string().regex(new RegExp(`${clock.source}|^24:00$`), 'must be HH:MM, at most 24:00'),
    }),
  )
  .max(maxHoursADay);
const calendarBody = z.strictObject({
  code: codeSchema,
  name: nameSchema,
  timeZone: z.string().max(60).refine(isZone, 'is not an IANA time zone'),
  weeks: z
    .array(z.strictObject({ from: dateSchema, hours: z.partialRecord(z.enum(weekdays), hoursSchema) }))
    .min(1)
    .max(maxWeeks),
  days: z
    .array(
      z.strictObject({
        date: dateSchema,
        name: nameSchema,
        hours: z.union([z.enum(['closed', 'half']), hoursSchema.min(1)]),
      }),
    )
    .max(maxSpecialDays)
    .default([]),
});
const calendarSchema = calendarBody.extend({ version: z.int() });

const calendarJson = ({ calendar, version }: StoredCalendar) => ({ ...calendar, version });
const answerCalendar = (stored: StoredCalendar) => ({ version: stored.version, body: calendarJson(stored) });

const timerSchema = z.object({
  id: idSchema,
  kind: z.string(),
  subjectId: idSchema,
  dueAt: z.iso.datetime(),
  data: z.record(z.string(), z.unknown()),
  attempts: z.int(),
  error: z.string(),
  retryAt: z.iso.datetime().nullable(),
  failedAt: z.iso.datetime().nullable(),
});

const timerJson = (timer: FailedTimer) => ({
  ...timer,
  dueAt: timer.dueAt.toISOString(),
  retryAt: timer.retryAt?.toISOString() ?? null,
  failedAt: timer.failedAt?.toISOString() ?? null,
});

/** Business calendars, which may be read by whoever acts on tasks. */
const calendarRoutes: readonly AnyRoute[] = [
  route({
    method: 'GET',
    path: '/workflows/calendars',
    summary: 'The business calendars in which durations and deadlines are counted',
    access: 'workflows:act',
    answers: { 200: pageOf(calendarSchema) },
    handle: async (context) => {
      const items = await context.db.read(context, listCalendars);
      return { body: { items: items.map(calendarJson), nextCursor: null } };
    },
  }),
  route({
    method: 'PUT',
    path: '/workflows/calendars',
    summary: 'Write a business calendar, new or in the place of the one with its code',
    access: 'workflows:design',
    body: calendarBody,
    answers: { 200: calendarSchema },
    handle: async (context, { body, ifMatch }) => answerCalendar(await saveCalendar(context, body, ifMatch)),
  }),
  route({
    method: 'POST',
    path: '/workflows/calendars/holidays',
    summary: 'Add holidays and half days to a business calendar from lines: date; name; half',
    access: 'workflows:design',
    body: z.strictObject({ code: codeSchema, lines: z.string().min(1).max(400_000) }),
    answers: { 200: calendarSchema },
    handle: async (context, { body, ifMatch }) => answerCalendar(await importHolidays(context, body, ifMatch)),
  }),
];

/** Timers that failed, for whoever mends what they were to do. */
const timerRoutes: readonly AnyRoute[] = [
  route({
    method: 'GET',
    path: '/workflows/timers',
    summary: 'Timers that were given up, or those that failed and are tried again, with the error',
    ...{ access: 'workflows:design', reach: 'tenant' },
    query: z.strictObject({ ...listQueryShape, state: z.enum(['failed', 'retrying']).default('failed') }),
    answers: { 200: pageOf(timerSchema) },
    handle: async (context, { query }) => {
      const page = await context.db.read(context, (tx) => listFailedTimers(tx, query.state, query));
      return { body: { ...page, items: page.items.map(timerJson) } };
    },
  }),
  route({
    method: 'POST',
    path: '/workflows/timers/:id/retry',
    summary: 'Let a timer that was given up try anew, at once',
    ...{ access: 'workflows:design', reach: 'tenant' },
    params: idParams,
    answers: { 200: timerSchema },
    handle: async (context, { params }) =>
      context.db.transact(context, async (tx) => {
        const timer = (await retryTimer(tx, params.id)) ?? notFound('failed timer', params.id);
        const of = { kind: timer.kind, subjectId: timer.subjectId, error: timer.error };
        await recordAudit(tx, { action: 'timer.retried', entityType: 'timer', entityId: timer.id, before: of });
        return { body: timerJson(timer) };
      }),
  }),
];

/** The routes of business time. */
export const timeRoutes: readonly AnyRoute[] = [...calendarRoutes, ...timerRoutes];
