import type { Permission } from '#module';
import type { Money } from '#money';
import { compare } from '#money';
import { findMembers, type Member } from '#security';
import { fromSteps } from '../definitions/approval-steps.ts';
import type { Body, CandidateRule, ProcessModel, UserTask } from '../definitions/process-model.ts';
import { byPreference } from '../find-candidates.ts';
import * as instances from '../instances/instance-store.ts';
import { candidatesFor, seatsOf } from '../instances/open-user-task.ts';
import { openCourse } from '../instances/run-instance.ts';
import { tokenOfOldTask } from '../instances/running-model.ts';
import { approvalsNeeded } from '../instances/tally-votes.ts';
import { type Tx, workflowParts } from '../instances/workflow-parts.ts';
import { ruleOf } from '../lock-open-task.ts';
import { limitFor } from '../personal-limits.ts';
import { othersInForce } from '../versions/version-store.ts';
import { ballotsOf, findTask, type Task } from '../workflow-store.ts';
import { type Absence, absencesBetween, handsOfTask, tasksAtRisk } from './absence-store.ts';
import { absencesOn, standingRule } from './arrange-task.ts';
import { giveBack } from './domain/arrange.ts';
import { firstGap, inForceAt, type Span } from './domain/first-gap.ts';
import { standInOf } from './domain/stand-in.ts';

/** A step that known absences leave to nobody, or to people who may decide less. */
export interface Gap extends Span {
  /** The process, by its code, and the step. */
  definition: string;
  step: string;
  title: string;
  /** The open task; null: what may begin. */
  taskId: string | null;
  instanceId: string | null;
  /** Who is away when it begins. */
  away: string[];
  /** The most that who is left may decide in the tenant's currency; null: nobody is left. */
  upTo: Money | null;
}

/** How far ahead known absences are looked at. */
export const forecastDays = 30;
/** Open tasks that one forecast looks at: those that are due first. */
const mostTasks = 100;

const spanOf = ({ context }: Tx) => {
  const from = context.clock.now();
  return { from, until: new Date(from.getTime() + forecastDays * 86_400_000) };
};

const neededBy = (node: UserTask, candidates: number) =>
  node.vote ? approvalsNeeded(node.vote, seatsOf(node, candidates)) : 1;

/** Where an open task would be left to too few; null where enough are always there. */
async function gapOfTask(tx: Tx, task: Task, absences: readonly Absence[]): Promise<Gap | null> {
  const row = await instances.findInstance(tx, task.instanceId);
  if (!row) return null;
  const course = await openCourse(tx, workflowParts(), row);
  const { node } = course.model.place(task.step);
  if (node.kind !== 'user') return null;
  const voted = new Set(node.vote ? (await ballotsOf(tx, task.id)).map(({ personId }) => personId) : []);
  const { candidates } = giveBack(await handsOfTask(tx, task.id), voted);
  const token = task.token ?? tokenOfOldTask;
  const standing = standingRule(ruleOf({ task, node }));
  const fit = new Set(await candidatesFor(course, node, token, standing));
  const concerning = await concerns(tx, absences, task);
  const needed = neededBy(node, candidates.length);
  const gap = firstGap(concerning, spanOf(tx), (away) => {
    const here = new Set(
      candidates.flatMap(({ personId }) => {
        if (!away.has(personId) || voted.has(personId)) return [personId];
        const standIn = standInOf(personId, away);
        return standIn !== null && fit.has(standIn) ? [standIn] : [];
      }),
    );
    return here.size >= needed;
  });
  if (!gap) return null;
  const away = gap.away.filter((id) => candidates.some(({ personId }) => personId === id));
  const { definition, instanceId, title } = task;
  return { ...gap, away, definition, instanceId, title, step: node.name ?? node.id, taskId: task.id, upTo: null };
}

/** Absences that concern a subject; several of one person, one after the other, may. */
async function concerns(tx: Tx, absences: readonly Absence[], task: Task): Promise<Absence[]> {
  const found: Absence[] = [];
  for (const one of absences) found.push(...(await absencesOn(tx, [one], task)).values());
  return found;
}

function userTasksOf({ nodes }: Body): UserTask[] {
  return nodes.flatMap((node) =>
    node.kind === 'user' ? [node] : node.kind === 'sub-process' ? userTasksOf(node.body) : [],
  );
}

/** Rules that ask for rights alone; whom the others name is known only where one runs. */
function rightsOnly(node: UserTask): CandidateRule[] {
  const rules = byPreference(node.candidates);
  return rules.some(({ people, managerOf }) => people !== undefined || managerOf) ? [] : rules;
}

const meets = ({ permission, roles }: CandidateRule, person: Member): boolean =>
  person.active &&
  (!permission || person.permissions.has(permission)) &&
  (!roles || person.roles.some((role) => roles.includes(role)));

/** Whoever may decide a step at all, with the most that they may: null unlimited. */
function decidersOf(rules: readonly CandidateRule[], people: readonly Member[], currency: string) {
  const found = new Map<string, Money | null>();
  for (const rule of rules) {
    for (const person of people.filter((one) => meets(rule, one))) {
      const right = (rule.permission ?? 'promotions:approve') as Permission;
      const limit = rule.limitCovers ? limitFor(person, right, currency) : null;
      const known = found.get(person.id);
      if (limit !== undefined && (known === undefined || isMore(limit, known))) found.set(person.id, limit);
    }
  }
  return found;
}

const isMore = (limit: Money | null, than: Money | null): boolean =>
  than !== null && (limit === null || (limit.currency === than.currency && compare(limit, than) > 0));

/** The most that one of some may decide; undefined where there is none. */
const mostOf = (limits: readonly (Money | null)[]): Money | null | undefined =>
  limits.reduce<Money | null | undefined>(
    (most, limit) => (most === undefined || isMore(limit, most) ? limit : most),
    undefined,
  );

/** Where a step of a process that may begin would be left to too few, or to people who may decide less. */
function gapOfStep(
  tx: Tx,
  model: ProcessModel,
  node: UserTask,
  people: readonly Member[],
  absences: readonly Absence[],
): Gap | null {
  const deciders = decidersOf(rightsOnly(node), people, tx.context.tenant.currency);
  const needed = neededBy(node, deciders.size);
  const most = mostOf([...deciders.values()]);
  if (most === undefined || deciders.size < needed) return null;
  const leftOf = (away: ReadonlyMap<string, unknown>) =>
    [...deciders].filter(([id]) => !away.has(id)).map(([, limit]) => limit);
  const gap = firstGap(absences, spanOf(tx), (away) => {
    const left = leftOf(away);
    const upTo = mostOf(left);
    return left.length >= needed && upTo !== undefined && !isMore(most, upTo);
  });
  if (!gap) return null;
  const left = leftOf(inForceAt(absences, gap.from));
  return {
    ...gap,
    away: gap.away.filter((id) => deciders.has(id)),
    ...{ definition: model.code, step: node.name ?? node.id, title: model.title, taskId: null, instanceId: null },
    upTo: left.length < needed ? null : (mostOf(left) ?? null),
  };
}

/** Processes that may begin: those that administrators published, and modules' own where none of them took its place. */
async function processesInForce(tx: Tx): Promise<ProcessModel[]> {
  const published = await othersInForce<ProcessModel>(tx, 'process', '');
  const own = workflowParts().processes.map(({ definition }) => definition);
  const taught = own.filter(({ code }) => !published.some((one) => one.code === code));
  return [...published, ...taught.map((body) => ('steps' in body ? fromSteps(body) : body))];
}

async function gapsOfProcesses(tx: Tx, absences: readonly Absence[]): Promise<Gap[]> {
  const whole = absences.filter(({ scope }) => scope === null);
  if (whole.length === 0) return [];
  const people = await findMembers(tx);
  const models = await processesInForce(tx);
  return models.flatMap((model) =>
    userTasksOf(model.body).flatMap((node) => gapOfStep(tx, model, node, people, whole) ?? []),
  );
}

async function gapsOfTasks(tx: Tx, absences: readonly Absence[], of: string | null): Promise<Gap[]> {
  const away = [...new Set(absences.map(({ personId }) => personId))];
  const gaps: Gap[] = [];
  for (const id of await tasksAtRisk(tx, away, of, mostTasks)) {
    const task = await findTask(tx, id);
    const gap = task && (await gapOfTask(tx, task, absences));
    if (gap) gaps.push(gap);
  }
  return gaps;
}

/** What known absences of the next {@link forecastDays} days leave to nobody: open tasks, and steps of what may begin. */
export async function forecastGaps(tx: Tx): Promise<{ until: Date; gaps: Gap[] }> {
  const { from, until } = spanOf(tx);
  const absences = await absencesBetween(tx, from, until);
  if (absences.length === 0) return { until, gaps: [] };
  const gaps = [...(await gapsOfTasks(tx, absences, null)), ...(await gapsOfProcesses(tx, absences))];
  return { until, gaps: gaps.sort((a, b) => a.from.getTime() - b.from.getTime()) };
}

/** The gaps that one absence has a part in. */
export async function gapsBecauseOf(tx: Tx, { personId }: Absence): Promise<Gap[]> {
  const { from, until } = spanOf(tx);
  const absences = await absencesBetween(tx, from, until);
  const gaps = [...(await gapsOfTasks(tx, absences, personId)), ...(await gapsOfProcesses(tx, absences))];
  return gaps.filter(({ away }) => away.includes(personId));
}
