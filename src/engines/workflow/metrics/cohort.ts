import { type RawBuilder, sql, type TenantTx } from '#db';
import type { OpeningSums } from './opening-sums.ts';

/** Which ended instances are looked at. */
export interface Cohort {
  /** Its code. */
  process: string | RawBuilder<unknown>;
  /** Ended from this instant on … */
  from: Date;
  /** … and before this one. */
  to: Date;
  /** Content hash of the version that they ran on; absent: every version. */
  hash?: string | undefined;
}

/** Instances that one look counts at most, the newest first: what a look costs has an end. */
export const mostInstances = 200_000;

/** What holds of the instances of a cohort. */
export const inCohort = ({ process, from, to, hash }: Cohort): RawBuilder<unknown> =>
  sql`instance.definition = ${process} and instance.ended_at >= ${from} and instance.ended_at < ${to}
    ${hash === undefined ? sql`` : sql`and instance.definition_hash = ${hash}`}`;

/** `cohort`: the instances themselves. */
export const cohortOf = (cohort: Cohort): RawBuilder<unknown> => sql`cohort as materialized (
  select id, state, outcome, started_at, ended_at, definition_hash, subject_type, subject_id, parent_instance_id
  from workflow.instance where ${inCohort(cohort)} order by ended_at desc, id desc limit ${mostInstances})`;

/** An instant as milliseconds since 1970, which a `float8` holds exactly. */
export const msOf = (instant: RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`round(date_part('epoch', ${instant}) * 1000)`;

/** `openings`: what {@link openMs} counts by. */
export const openingsOf = ({ starts, lengths, before }: OpeningSums): RawBuilder<unknown> =>
  sql`openings as materialized (
    select ${starts}::float8[] as starts, ${lengths}::float8[] as lengths, ${before}::float8[] as before)`;

/** The place of an instant in milliseconds among the openings, for {@link openMs}; 0: before the first. */
export const placeOf = (ms: RawBuilder<unknown>): RawBuilder<unknown> => sql`width_bucket(${ms}, openings.starts)`;

/** Milliseconds of opening before an instant that is given in milliseconds and by its place. */
export const openMs = (ms: RawBuilder<unknown>, at: RawBuilder<unknown>): RawBuilder<unknown> =>
  // An array holds nothing at 0.
  sql`coalesce(openings.before[${at}] + least(${ms} - openings.starts[${at}], openings.lengths[${at}]), 0)`;

/** Durations in milliseconds: the middle one, what nine of ten stay within (nearest rank), and their sum; null of none. */
export interface Spread {
  p50: number | null;
  p90: number | null;
  total: number;
}

/** A figure of durations in milliseconds as JSON: the middle, what nine of ten stay within, and the sum. */
export const spread = (duration: RawBuilder<unknown>, of: RawBuilder<unknown> = sql``): RawBuilder<unknown> =>
  sql`jsonb_build_object('p50', percentile_disc(0.5) within group (order by ${duration}) ${of},
    'p90', percentile_disc(0.9) within group (order by ${duration}) ${of}, 'total', coalesce(sum(${duration}) ${of}, 0))`;

/** The rows of a query as one JSON list, so that one look gives several. */
export const rowsOf = (query: RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`(select coalesce(jsonb_agg(to_jsonb(each)), '[]') from (${query}) each)`;

/**
 * Lets the statements of a transaction sort and hash a cohort in memory, and keeps them from being compiled, which takes longer
 * than they do.
 */
export async function makeRoom(tx: TenantTx): Promise<void> {
  await tx.run(sql`select set_config('work_mem', '64MB', true), set_config('jit', 'off', true)`);
}
