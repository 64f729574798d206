import { instantOf, todayIn } from '#clock';
import type { Context } from '#context';
import type { TenantTx } from '#db';
import { Problem } from '#problem';
import type { Body } from '../definitions/process-model.ts';
import * as instances from '../instances/instance-store.ts';
import { modelByHash } from '../instances/running-model.ts';
import { defaultCalendarCode } from '../time/business-calendar.ts';
import { calendarOf } from '../time/calendar-store.ts';
import { type Cohort, makeRoom } from './cohort.ts';
import { type CohortFigures, figuresOf, type Queue, queuesOf, sizeOf } from './metrics-store.ts';
import { openingSums } from './opening-sums.ts';
import { type Paths, pathsOf, type Repeat } from './path-store.ts';

type Tx = TenantTx<Context>;

/** A step that instances came to again, whichever version they ran on. */
type Rework = Omit<Repeat, 'hash'>;

/** Business dates, both inside the period, in the tenant's time zone. */
export interface Period {
  from?: string | undefined;
  to?: string | undefined;
}

/** Which instances are asked about. */
export interface Asked extends Period {
  process: string;
  hash?: string | undefined;
}

const dayMs = 86_400_000;
/** Looked at where nobody names a period. */
const usualDays = 90;
/** A longer period compares what no longer works the same way. */
const mostDays = 731;

const shifted = (date: string, days: number) => new Date(Date.parse(date) + days * dayMs).toISOString().slice(0, 10);

/** The dates and the instants of a period; the ninety days until today where none is named. Throws `request.malformed`. */
export function spanOf({ tenant, clock }: Context, period: Period) {
  const to = period.to ?? todayIn(clock, tenant.timeZone);
  const from = period.from ?? shifted(to, 1 - usualDays);
  const days = (Date.parse(to) - Date.parse(from)) / dayMs + 1;
  if (days < 1 || days > mostDays) {
    throw new Problem('request.malformed', {
      errors: [{ path: 'from', message: `must lie at most ${mostDays} days before the end of the period` }],
    });
  }
  const instant = (date: string) => instantOf(date, tenant.timeZone);
  return { from, to, span: { from: instant(from), to: instant(shifted(to, 1)) } };
}

/** The ended instances that somebody asks about. */
export const cohortOfAsked = (context: Context, { process, hash, ...period }: Asked): Cohort => ({
  ...{ process, hash },
  ...spanOf(context, period).span,
});

/** What a process came to in a period. */
export interface ProcessMetrics extends CohortFigures {
  /** How many ended in the period; above `instances` where only the newest were counted. */
  ended: number;
  queues: Queue[];
}

/** Steps, load and queues of a process, business time by one of the tenant's calendars. Throws `not_found` for the calendar. */
export async function readMetrics(tx: Tx, asked: Asked & { calendar?: string | undefined }): Promise<ProcessMetrics> {
  const cohort = cohortOfAsked(tx.context, asked);
  const calendar = await calendarOf(tx, asked.calendar ?? defaultCalendarCode);
  await makeRoom(tx);
  const { since, ended } = await sizeOf(tx, cohort);
  const sums = openingSums(calendar, since ?? cohort.from, cohort.to);
  return { ...(await figuresOf(tx, cohort, sums)), ended, queues: await queuesOf(tx, asked.process) };
}

/** The steps that run once for each of several by design: coming to one again is no rework. */
const stepsForEach = (body: Body, isInside = false): string[] =>
  body.nodes.flatMap((node) => {
    const isForEach = isInside || ('multi' in node && node.multi !== undefined);
    const below = node.kind === 'sub-process' ? stepsForEach(node.body, isForEach) : [];
    return isForEach ? [node.id, ...below] : below;
  });

/** What instances came to again, over all versions. */
async function reworkOf(tx: Tx, process: string, repeats: readonly Repeat[]): Promise<Rework[]> {
  const found = new Map<string, Rework>();
  for (const { hash, step, instances: count, extra } of repeats) {
    const { model } = await modelByHash(hash, () => instances.readDefinition(tx, process, hash));
    if (stepsForEach(model.body).includes(step)) continue;
    const sum = found.get(step) ?? { step, instances: 0, extra: 0 };
    found.set(step, { step, instances: sum.instances + count, extra: sum.extra + extra });
  }
  return [...found.values()].sort((a, b) => b.extra - a.extra);
}

/** The ways that the instances of a process took in a period, most taken first. */
export async function readPaths(tx: Tx, asked: Asked): Promise<Omit<Paths, 'repeats'> & { repeats: Rework[] }> {
  await makeRoom(tx);
  const paths = await pathsOf(tx, cohortOfAsked(tx.context, asked));
  return { ...paths, repeats: await reworkOf(tx, asked.process, paths.repeats) };
}
