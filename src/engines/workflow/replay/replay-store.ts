import { keysetPage, type ListRequest, type Page, type RawBuilder, sql } from '#db';
import type { CandidateRule } from '../definitions/process-model.ts';
import { byPreference } from '../find-candidates.ts';
import type { Value } from '../instances/instance-state.ts';
import type { Tx } from '../instances/workflow-parts.ts';
import type { Kind, Version } from '../versions/version-store.ts';
import type { PastApproval, PastStep, ReplayedApproval } from './compare-approval.ts';
import type { ReplaySummary } from './replay-summary.ts';

/** A replay as it is kept. */
export interface Replay {
  id: string;
  kind: Kind;
  versionId: string;
  code: string;
  version: number;
  state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
  groupBy: string | null;
  requestedBy: string;
  requestedAt: Date;
  endedAt: Date | null;
  /** Past approvals in all, and those that are done. */
  approvals: number;
  replayed: number;
  failure: string | null;
  summary: ReplaySummary | null;
}

const columns = sql`id, kind, version_id as "versionId", code, version, state, group_by as "groupBy",
  requested_by as "requestedBy", requested_at as "requestedAt", ended_at as "endedAt", approvals, replayed, failure, summary`;

export async function insertReplay(
  tx: Tx,
  kind: Kind,
  { id: versionId, code, version }: Pick<Version, 'id' | 'code' | 'version'>,
  groupBy: string | null,
): Promise<Replay> {
  const { tenant, clock, actor, newId } = tx.context;
  return tx.one<Replay>(sql`insert into workflow.replay (tenant_id, id, kind, version_id, code, version, state, group_by,
      requested_by, requested_at)
    values (${tenant.id}, ${newId()}, ${kind}, ${versionId}, ${code}, ${version}, 'queued', ${groupBy}, ${actor.id},
      ${clock.now()}) returning ${columns}`);
}

export async function findReplay(tx: Tx, id: string): Promise<Replay | undefined> {
  return tx.maybe<Replay>(sql`select ${columns} from workflow.replay where id = ${id}`);
}

/** The replay of a version that is not over yet. */
export async function findUnended(tx: Tx, versionId: string): Promise<Replay | undefined> {
  return tx.maybe<Replay>(sql`select ${columns} from workflow.replay
    where version_id = ${versionId} and state in ('queued', 'running') limit 1`);
}

export async function listReplays(tx: Tx, request: ListRequest, versionId: string): Promise<Page<Replay>> {
  return keysetPage<Replay>(
    tx,
    {
      ...{ columns, from: sql`workflow.replay`, where: [sql`version_id = ${versionId}`], id: sql`id` },
      ...{ sortable: { requestedAt: sql`requested_at` }, defaultSort: '-requestedAt' },
    },
    request,
  );
}

/** Begins a replay, or begins it anew where it was broken off; answers false where it is over. */
export async function setRunning(tx: Tx, id: string, approvals: number): Promise<boolean> {
  const set = await tx.run(sql`update workflow.replay set state = 'running', approvals = ${approvals}, replayed = 0
    where id = ${id} and state in ('queued', 'running')`);
  return set === 1;
}

/** Tells how far a replay is; answers false where somebody has cancelled it. */
export async function setReplayed(tx: Tx, id: string, replayed: number): Promise<boolean> {
  return (
    (await tx.run(sql`update workflow.replay set replayed = ${replayed} where id = ${id} and state = 'running'`)) === 1
  );
}

/** Ends a replay that is not over; answers false where it is. */
export async function setEnded(
  tx: Tx,
  id: string,
  state: 'done' | 'failed' | 'cancelled',
  { failure = null, summary = null }: { failure?: string | null; summary?: ReplaySummary | null } = {},
): Promise<boolean> {
  const ended = await tx.run(sql`update workflow.replay set state = ${state}, ended_at = ${tx.context.clock.now()},
      failure = ${failure}, summary = ${summary ? JSON.stringify(summary) : null}::jsonb
    where id = ${id} and state in ('queued', 'running')`);
  return ended === 1;
}

/** Approvals of some processes that ended by a moment; what others called belongs to those. */
const pastOf = (codes: readonly string[], until: Date) => sql`from workflow.instance
  where definition = any(${[...codes]}::text[]) and state = 'completed' and parent_instance_id is null
    and ended_at <= ${until}`;

export async function countPast(tx: Tx, codes: readonly string[], until: Date): Promise<number> {
  const { count } = await tx.one<{ count: number }>(sql`select count(*)::int as count ${pastOf(codes, until)}`);
  return count;
}

interface PastRow extends Omit<PastApproval, 'taken' | 'currency'> {
  definition: string;
  taken: (Omit<PastStep, 'rules'> & { rule: string })[];
}

/** A past approval with the process that it ran on. */
export interface PastOf extends PastApproval {
  definition: string;
}

/** Rules by their text: many tasks share a few. */
export type KnownRules = Map<string, readonly CandidateRule[]>;

function rulesIn(text: string, known: KnownRules): readonly CandidateRule[] {
  const before = known.get(text);
  if (before) return before;
  const rules = byPreference(JSON.parse(text) as CandidateRule);
  known.set(text, rules);
  return rules;
}

const currencyIn = (value: Value | undefined, otherwise: string): string =>
  typeof value === 'string' ? value : otherwise;

/** The next past approvals after one, in the order in which they began. */
export async function readPast(
  tx: Tx,
  { codes, until, groupBy }: { codes: readonly string[]; until: Date; groupBy: string | null },
  after: { startedAt: Date; id: string } | undefined,
  limit: number,
  known: KnownRules,
): Promise<PastOf[]> {
  const beyond = after ? sql`and (started_at, id) > (${after.startedAt}, ${after.id})` : sql``;
  const rows = await tx.many<PastRow>(sql`
    select id, definition, started_at as "startedAt", ended_at as "endedAt", subject_type as "subjectType",
      subject_id as "subjectId", outcome, makers, variables, coalesce(position #> '{runs,0,variables}', variables) as final,
      left(summary ->> ${groupBy}::text, 200) as "group",
      (select coalesce(json_agg(json_build_object('step', step, 'outcome', task.outcome, 'by', completed_by,
          'rule', (routing -> 'candidates')::text, 'named', case
            when jsonb_path_exists(routing -> 'candidates', '$.** ? (exists(@.people) || exists(@.managerOf))')
            then (select coalesce(json_agg(person_id), '[]') from workflow.candidate
              where candidate.tenant_id = task.tenant_id and task_id = task.id) end)
          order by completed_at, task.id), '[]')
        from workflow.task where task.tenant_id = instance.tenant_id and instance_id = instance.id
          and task.state = 'completed') as taken
    ${pastOf(codes, until)} ${beyond} order by started_at, id limit ${limit}`);
  return rows.map(({ taken, ...row }) => ({
    ...row,
    currency: currencyIn(row.variables.currency, tx.context.tenant.currency),
    taken: taken.map(({ rule, ...step }) => ({ ...step, rules: rulesIn(rule, known) })),
  }));
}

/** So many people are named for a step or a breach; all are counted. */
const mostNamed = 5;

/** Keeps approvals that come out otherwise. */
export async function insertReplayed(tx: Tx, replayId: string, found: readonly ReplayedApproval[]): Promise<void> {
  if (found.length === 0) return;
  const rows = found.map(({ steps, breaches, ...row }) => ({
    ...row,
    steps: steps.map(({ people, ...step }) => ({ ...step, may: people.length, people: people.slice(0, mostNamed) })),
    breaches: breaches.map(({ people, ...breach }) => ({ ...breach, people: people.slice(0, mostNamed) })),
  }));
  await tx.run(sql`insert into workflow.replayed (tenant_id, replay_id, instance_id, ended_at, grouped, steps_then, steps_now,
      outcome_then, outcome_now, rows, differences, breaches, steps, stopped)
    select ${tx.context.tenant.id}, ${replayId}, id, "endedAt", "group", "stepsThen", "stepsNow", "outcomeThen", "outcomeNow",
      rows, differences, breaches, steps, stopped
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as made (id uuid, "endedAt" timestamptz, "group" text,
      "stepsThen" smallint, "stepsNow" smallint, "outcomeThen" text, "outcomeNow" text, rows integer[], differences text[],
      breaches jsonb, steps jsonb, stopped text)`);
}

/** Rows that one transaction takes away at most. */
const mostDropped = 10_000;

/** Takes away some approvals that replays of a code listed, this one's too: the newest replay has the list. Answers how many. */
export async function dropReplayed(tx: Tx, kind: Kind, code: string): Promise<number> {
  return tx.run(sql`delete from workflow.replayed where (tenant_id, replay_id, instance_id) in (
    select replayed.tenant_id, replay_id, instance_id from workflow.replayed join workflow.replay
      on replay.tenant_id = replayed.tenant_id and replay.id = replay_id
    where kind = ${kind} and code = ${code} limit ${mostDropped})`);
}

/** An approval that comes out otherwise, with what it was about. */
export interface ListedApproval extends Omit<ReplayedApproval, 'steps'> {
  definition: string;
  title: string;
  subjectType: string;
  subjectId: string;
  steps: (ReplayedApproval['steps'][number] & { may: number })[];
}

/** Which of a replay's approvals are asked for. */
export interface ReplayedFilter {
  difference?: string | undefined;
  breach?: string | undefined;
  step?: string | undefined;
  row?: number | undefined;
  group?: string | undefined;
}

function conditionsOf({ difference, breach, step, row, group }: ReplayedFilter): RawBuilder<unknown>[] {
  return [
    ...(difference === undefined ? [] : [sql`replayed.differences @> ${[difference]}::text[]`]),
    ...(breach === undefined ? [] : [sql`replayed.breaches @> ${JSON.stringify([{ kind: breach }])}::jsonb`]),
    ...(step === undefined ? [] : [sql`replayed.steps @> ${JSON.stringify([{ step }])}::jsonb`]),
    ...(row === undefined ? [] : [sql`replayed.rows @> ${[row]}::integer[]`]),
    ...(group === undefined ? [] : [sql`replayed.grouped = ${group}`]),
  ];
}

/** A page of the approvals that come out otherwise, the latest first. */
export async function listReplayed(
  tx: Tx,
  replayId: string,
  request: ListRequest,
  filter: ReplayedFilter,
): Promise<Page<ListedApproval>> {
  return keysetPage<ListedApproval>(
    tx,
    {
      columns: sql`replayed.instance_id as id, replayed.ended_at as "endedAt", grouped as "group", steps_then as "stepsThen",
        steps_now as "stepsNow", outcome_then as "outcomeThen", outcome_now as "outcomeNow", replayed.rows, differences,
        breaches, steps, stopped, definition, title, subject_type as "subjectType", subject_id as "subjectId"`,
      from: sql`workflow.replayed join workflow.instance on instance.tenant_id = replayed.tenant_id
        and instance.id = replayed.instance_id`,
      where: [sql`replay_id = ${replayId}`, ...conditionsOf(filter)],
      sortable: { endedAt: sql`replayed.ended_at` },
      id: sql`replayed.instance_id`,
      defaultSort: '-endedAt',
    },
    request,
  );
}
