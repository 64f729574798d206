import type { Context } from '#context';
import { keysetPage, type ListRequest, type Page, type RawBuilder, sql, type TenantTx } from '#db';
import { type Cohort, cohortOf, inCohort, msOf, rowsOf, type Spread, spread } from './cohort.ts';

type Tx = TenantTx<Context>;

/** A way that instances took: the steps that were decided, in that order, and how it ended. */
export interface Variant {
  /** Names the way in {@link listCohort}. */
  key: string;
  steps: string[];
  /** How many steps it has; `steps` holds the first two hundred. */
  length: number;
  ending: string;
  instances: number;
  cycleMs: Spread;
}

/** How often one step was decided right after another; null: the beginning, or the end. */
export interface Follow {
  from: string | null;
  to: string | null;
  count: number;
}

/** A step that instances of a version came to again after it had been decided. */
export interface Repeat {
  hash: string;
  step: string;
  instances: number;
  /** Decisions on it beyond the first. */
  extra: number;
}

/** Instances after which the same process began anew on the same subject: returned and submitted again. */
export interface Return {
  ending: string;
  /** The step that was decided last. */
  step: string | null;
  instances: number;
  /** From the end of one to the beginning of the next. */
  gapMs: Spread;
}

/** The ways of a cohort. */
export interface Paths {
  /** How many different ways there are; the most taken are named. */
  ways: number;
  variants: Variant[];
  follows: Follow[];
  repeats: Repeat[];
  returns: Return[];
  /** How many subjects took so many rounds by now. */
  rounds: { rounds: number; subjects: number }[];
}

/** Variants named at most: further ones are taken by few. */
const mostVariants = 50;
/** Edges named at most. */
const mostFollows = 500;
/** Steps of a variant that are shown. */
const mostSteps = sql.lit(200);

const ending = sql`coalesce(outcome, state)`;

/** What names a way: no step has a comma in its id. */
const keyOf = (steps: RawBuilder<unknown>, how: RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`md5(coalesce(${steps}, '') || '=' || ${how})`;

/** In the order of being decided. */
const inOrder = sql`order by task.completed_at, task.id`;

/** `decisions`: each decided task of a cohort with its place, and whether its step had been decided when it was opened. */
const decisionsOf = sql`decisions as materialized (
  select instance_id, task.step, row_number() over way as place, lead(task.step) over way as next,
    task.created_at >= min(task.completed_at) over (partition by task.instance_id, task.step ${inOrder}
      rows between unbounded preceding and 1 preceding) as again
  from cohort join workflow.task on task.instance_id = cohort.id
  where task.state = 'completed' window way as (partition by task.instance_id ${inOrder}))`;

/** `ways`: each instance with its steps in order. */
const waysOf = sql`ways as materialized (
  select cohort.*, ${ending} as ending, taken.steps, taken.last
  from cohort left join (select instance_id, array_agg(step order by place) as steps,
      max(step) filter (where next is null) as last from decisions group by 1) taken on taken.instance_id = cohort.id)`;

const variants = sql`select ${keyOf(sql`array_to_string(steps, ',')`, sql`ending`)} as key, ending, count(*)::int as instances,
    coalesce(steps[1:${mostSteps}], '{}') as steps, coalesce(array_length(steps, 1), 0) as length,
    ${spread(sql`${msOf(sql`ended_at`)} - ${msOf(sql`started_at`)}`)} as "cycleMs"
  from ways group by steps, ending order by count(*) desc, steps, ending limit ${mostVariants}`;

const follows = sql`
  select "from", "to", count(*)::int as count from (
    select step as "from", next as "to" from decisions
    union all select null, step from decisions where place = 1
    union all select null, null from ways where steps is null) edges
  group by 1, 2 order by count(*) desc, 1, 2 limit ${mostFollows}`;

const repeats = sql`select definition_hash as hash, step, count(distinct instance_id)::int as instances, count(*)::int as extra
  from decisions join cohort on cohort.id = decisions.instance_id where again group by 1, 2 order by count(*) desc, 1, 2`;

/** `rounds`: everything of the process on the subjects of a cohort, each with when the next began; what is called counts with its caller. */
const roundsOf = ({ process }: Cohort) => sql`rounds as materialized (
  select id, subject_type, subject_id,
    lead(started_at) over (partition by subject_type, subject_id order by started_at, id) as next_at
  from workflow.instance where definition = ${process} and parent_instance_id is null and (subject_type, subject_id) in (
    select subject_type, subject_id from cohort where parent_instance_id is null))`;

const returns = sql`select ways.ending, ways.last as step, count(*)::int as instances,
    ${spread(sql`${msOf(sql`next_at`)} - ${msOf(sql`ended_at`)}`)} as "gapMs"
  from ways join rounds on rounds.id = ways.id where next_at is not null group by 1, 2 order by count(*) desc, 1, 2`;

const roundCounts = sql`select rounds, count(*)::int as subjects from (
  select count(*)::int as rounds from rounds group by subject_type, subject_id) counted group by 1 order by 1`;

/** The ways of a cohort: one look at its decided tasks. */
export async function pathsOf(tx: Tx, cohort: Cohort): Promise<Paths> {
  return tx.one<Paths>(sql`
    with ${cohortOf(cohort)}, ${decisionsOf}, ${waysOf}, ${roundsOf(cohort)}
    select (select count(*)::int from (select distinct steps, ending from ways) different) as ways,
      ${rowsOf(variants)} as variants, ${rowsOf(follows)} as follows, ${rowsOf(repeats)} as repeats,
      ${rowsOf(returns)} as returns, ${rowsOf(roundCounts)} as rounds`);
}

/** Which instances of a cohort are asked for. */
export interface Narrowing {
  /** Of one way. */
  way?: string | undefined;
  /** That decided a step … */
  step?: string | undefined;
  /** … at all, after it was due, or once more after it had been decided … */
  what: 'decided' | 'late' | 'again';
  /** … or right before this one. */
  next?: string | undefined;
}

/** An ended instance in a list. */
export interface Ended {
  id: string;
  title: string;
  subjectType: string;
  subjectId: string;
  state: string;
  outcome: string | null;
  startedAt: Date;
  endedAt: Date;
}

const itsTasks = sql`from workflow.task where task.tenant_id = instance.tenant_id and task.instance_id = instance.id
  and task.state = 'completed'`;

function narrowed({ way, step, what, next }: Narrowing): RawBuilder<unknown>[] {
  const where: RawBuilder<unknown>[] = [];
  if (way !== undefined) {
    where.push(sql`${way} = ${keyOf(sql`(select string_agg(task.step, ',' ${inOrder}) ${itsTasks})`, ending)}`);
  }
  if (step === undefined) return where;
  if (next !== undefined) {
    where.push(sql`exists (select from (select task.step, lead(task.step) over (${inOrder}) as next ${itsTasks}) taken
      where taken.step = ${step} and taken.next = ${next})`);
  } else if (what === 'again') {
    where.push(sql`exists (select from (select task.created_at >= min(task.completed_at) over (${inOrder}
        rows between unbounded preceding and 1 preceding) as again ${itsTasks} and task.step = ${step}) taken where again)`);
  } else {
    const isLate = what === 'late' ? sql`and task.completed_at > task.due_at` : sql``;
    where.push(sql`exists (select ${itsTasks} and task.step = ${step} ${isLate})`);
  }
  return where;
}

/** A page of a cohort, what ended last first. */
export async function listCohort(
  tx: Tx,
  cohort: Cohort,
  narrowing: Narrowing,
  request: ListRequest,
): Promise<Page<Ended>> {
  return keysetPage<Ended>(
    tx,
    {
      columns: sql`instance.id, instance.title, instance.subject_type as "subjectType", instance.subject_id as "subjectId",
        instance.state, instance.outcome, instance.started_at as "startedAt", instance.ended_at as "endedAt"`,
      from: sql`workflow.instance`,
      where: [inCohort(cohort), ...narrowed(narrowing)],
      sortable: { endedAt: sql`instance.ended_at` },
      id: sql`instance.id`,
      defaultSort: '-endedAt',
    },
    request,
  );
}
