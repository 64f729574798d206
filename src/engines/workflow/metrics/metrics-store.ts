import { type Context, systemActorId } from '#context';
import { sql, type TenantTx } from '#db';
import {
  type Cohort,
  cohortOf,
  inCohort,
  msOf,
  openingsOf,
  openMs,
  placeOf,
  rowsOf,
  type Spread,
  spread,
} from './cohort.ts';
import type { OpeningSums } from './opening-sums.ts';

type Tx = TenantTx<Context>;

const noSpread: Spread = { p50: null, p90: null, total: 0 };

/** How instances ended: their state, and the outcome where they have one. */
export interface Ending {
  state: 'completed' | 'cancelled' | 'failed';
  outcome: string | null;
  count: number;
}

type Whole = Pick<CohortFigures, 'instances' | 'cycleMs' | 'businessCycleMs'>;

/** What happened at one step of the instances of a cohort. */
export interface StepFigures {
  step: string;
  opened: number;
  decided: number;
  /** Tasks that were over undecided. */
  withdrawn: number;
  /** Decided after they were due. */
  late: number;
  /** From being opened to being decided … */
  cycleMs: Spread;
  /** … of that until somebody first did something, and from then on. */
  waitingMs: Spread;
  workingMs: Spread;
  /** The same in business time. */
  businessCycleMs: Spread;
  businessWaitingMs: Spread;
}

/** What one person did in a cohort; null: the process itself, where time ran out. */
export interface Load {
  personId: string | null;
  decided: number;
  voted: number;
  late: number;
  cycleMs: Spread;
}

/** What a cohort comes to. */
export interface CohortFigures {
  instances: number;
  cycleMs: Spread;
  businessCycleMs: Spread;
  endings: Ending[];
  versions: { hash: string; version: number | null; instances: number }[];
  steps: StepFigures[];
  stepOutcomes: { step: string; outcome: string; count: number }[];
  load: Load[];
}

/** People named at most; who decided most comes first. */
const mostPeople = 100;

/** When the earliest instance of a cohort began, and how many ended in its period. */
export async function sizeOf(tx: Tx, cohort: Cohort): Promise<{ since: Date | null; ended: number }> {
  return tx.one<{ since: Date | null; ended: number }>(sql`select min(started_at) as since, count(*)::int as ended
    from workflow.instance where ${inCohort(cohort)}`);
}

/** `timed`: the tasks of a cohort with what they took, in milliseconds. */
const timedOf = sql`spans as (
  select task.id, task.step, task.state, task.outcome, task.completed_by, task.completed_at > task.due_at as late,
    ${msOf(sql`task.created_at`)} as opened, ${msOf(sql`task.completed_at`)} as decided,
    ${msOf(sql`coalesce(task.taken_at, task.completed_at)`)} as acted
  from cohort join workflow.task on task.instance_id = cohort.id
), counted as materialized (
  select spans.*, ${openMs(sql`opened`, sql`opened_at`)} as open_opened, ${openMs(sql`acted`, sql`acted_at`)} as open_acted,
    ${openMs(sql`decided`, sql`decided_at`)} as open_decided
  from spans, openings, lateral (
    select ${placeOf(sql`opened`)} as opened_at, ${placeOf(sql`acted`)} as acted_at, ${placeOf(sql`decided`)} as decided_at
    offset 0) places
), timed as materialized (
  select id, step, state, outcome, completed_by, late, decided - opened as cycle, acted - opened as waiting,
    decided - acted as working, open_decided - open_opened as business_cycle, open_acted - open_opened as business_waiting
  from counted)`;

/** Where nobody decided a task, nothing of it took its time; `decided` alone tells the others. */
const decided = sql`filter (where state = 'completed')`;

const steps = sql`select step, count(*)::int as opened, (count(*) ${decided})::int as decided,
    (count(*) filter (where state = 'cancelled'))::int as withdrawn, (count(*) filter (where late))::int as late,
    ${spread(sql`cycle`, decided)} as "cycleMs", ${spread(sql`waiting`, decided)} as "waitingMs",
    ${spread(sql`working`, decided)} as "workingMs", ${spread(sql`business_cycle`, decided)} as "businessCycleMs",
    ${spread(sql`business_waiting`, decided)} as "businessWaitingMs"
  from timed group by step order by step`;

const stepOutcomes = sql`select step, outcome, count(*)::int as count from timed
  where state = 'completed' and outcome is not null group by step, outcome order by step, outcome`;

const load = sql`select nullif(person_id, ${systemActorId}) as "personId", (count(*) filter (where decides))::int as decided,
    (count(*) filter (where not decides))::int as voted, (count(*) filter (where late))::int as late,
    ${spread(sql`cycle`, sql`filter (where decides)`)} as "cycleMs"
  from (
    select completed_by as person_id, true as decides, late, cycle from timed where completed_by is not null
    union all select ballot.person_id, false, false, null from timed join workflow.ballot on ballot.task_id = timed.id
  ) acts group by person_id order by count(*) desc, person_id limit ${mostPeople}`;

const whole = sql`select count(*)::int as instances, ${spread(sql`ended - began`)} as "cycleMs",
    ${spread(sql`${openMs(sql`ended`, placeOf(sql`ended`))} - ${openMs(sql`began`, placeOf(sql`began`))}`)} as "businessCycleMs"
  from (select ${msOf(sql`started_at`)} as began, ${msOf(sql`ended_at`)} as ended from cohort) lives, openings`;

const endings = sql`select state, outcome, count(*)::int as count from cohort group by state, outcome order by state, outcome`;

const versions = sql`select counted.hash, process.version, counted.instances
  from (select definition_hash as hash, count(*)::int as instances from cohort group by 1) counted
  left join lateral (select max(version) as version from workflow.process where process.hash = counted.hash) process on true
  order by process.version desc nulls last, counted.hash`;

/** What a cohort comes to: one look at its tasks. */
export async function figuresOf(tx: Tx, cohort: Cohort, sums: OpeningSums): Promise<CohortFigures> {
  const row = await tx.one<Omit<CohortFigures, keyof Whole> & { whole: Whole[] }>(sql`
    with ${cohortOf(cohort)}, ${openingsOf(sums)}, ${timedOf}
    select ${rowsOf(whole)} as whole, ${rowsOf(endings)} as endings, ${rowsOf(versions)} as versions,
      ${rowsOf(steps)} as steps, ${rowsOf(stepOutcomes)} as "stepOutcomes", ${rowsOf(load)} as load`);
  const {
    whole: [all = { instances: 0, cycleMs: noSpread, businessCycleMs: noSpread }],
    ...rest
  } = row;
  return { ...all, ...rest };
}

/** What waits at the steps of a process now. */
export interface Queue {
  step: string;
  open: number;
  /** Claimed by somebody. */
  taken: number;
  late: number;
  oldestAt: Date;
  /** How long the tasks have waited that are open. */
  ageMs: Spread;
}

/** The open tasks of a process by step, whichever version they run on. */
export async function queuesOf(tx: Tx, process: string): Promise<Queue[]> {
  const now = tx.context.clock.now();
  return tx.many<Queue>(sql`
    select task.step, count(*)::int as open, (count(*) filter (where task.state = 'claimed'))::int as taken,
      (count(*) filter (where task.due_at < ${now}))::int as late, min(task.created_at) as "oldestAt",
      ${spread(sql`${msOf(sql`${now}::timestamptz`)} - ${msOf(sql`task.created_at`)}`)} as "ageMs"
    from workflow.task join workflow.instance on instance.tenant_id = task.tenant_id and instance.id = task.instance_id
    where task.state in ('open', 'claimed') and instance.definition = ${process}
    group by task.step order by task.step`);
}

/** A process at a glance: what ended in a period, and what runs. */
export interface Glance {
  process: string;
  ended: number;
  running: number;
  cycleMs: Spread;
  endings: Ending[];
}

/** Every process that an instance ever ran on, by what ended of it in a period. */
export async function glanceAt(tx: Tx, from: Date, to: Date): Promise<Glance[]> {
  return tx.many<Glance>(sql`
    select code as process, seen.*, (select count(*)::int from workflow.instance where definition = code and state = 'running') as running
    from (select distinct code from workflow.definition) known, lateral (
      with ${cohortOf({ process: sql`known.code`, from, to })}
      select count(*)::int as ended, ${spread(sql`${msOf(sql`ended_at`)} - ${msOf(sql`started_at`)}`)} as "cycleMs",
        ${rowsOf(endings)} as endings from cohort) seen
    order by seen.ended desc, code`);
}
