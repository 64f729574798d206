import { Problem } from '#problem';
import type { CandidateRule, UserTask } from '../definitions/process-model.ts';
import { spareCandidates } from '../domain/spare-candidates.ts';
import { byPreference } from '../find-candidates.ts';
import { firingOf } from './await-event.ts';
import { type Course, tellFailure } from './course.ts';
import { type Happening, isContext, type Value, type Values, variablesAt } from './instance-state.ts';
import { type Evaluate, NotAwaitedError, step } from './step.ts';
import { approvalsNeeded } from './tally-votes.ts';

/** A task without a due time is told as overdue after so long. */
export const defaultDue = { after: 'P7D' };
/** How many tasks ahead are looked at for who is needed there. */
const farthestLook = 100;

type Answered = Extract<Happening, { type: 'completed' }>;

/** A rule of a task to come: an amount that somebody has yet to fill in keeps nobody from it. */
function asFarAsKnown({ limitCovers, otherwise, ...rule }: CandidateRule, variables: Values): CandidateRule {
  const isKnown = limitCovers !== undefined && (variables[limitCovers] ?? null) !== null;
  return {
    ...rule,
    ...(isKnown ? { limitCovers } : {}),
    ...(otherwise ? { otherwise: asFarAsKnown(otherwise, variables) } : {}),
  };
}

/** The tasks to come, if every task is approved, that whoever takes this one may not take. */
function laterTasks(course: Course, node: UserTask, token: number): { rule: CandidateRule; variables: Values }[] {
  const later: { rule: CandidateRule; variables: Values }[] = [];
  const approve = (task: UserTask, of: number): Answered => ({
    ...{ type: 'completed', token: of },
    set: { [task.id]: { outcome: task.outcomes[0] ?? null } },
  });
  const queue: Happening[] = [approve(node, token)];
  // What depends on what nobody has filled in yet does not hold: looked along is the way that is known.
  const evaluate: Evaluate = (expression, variables) => course.evaluate(expression, variables) ?? false;
  let { state } = course;
  for (let looked = 0; looked < farthestLook; looked++) {
    const happening = queue.shift();
    if (!happening) break;
    try {
      const next = step(course.model, state, happening, evaluate);
      state = next.state;
      for (const command of next.commands) {
        if (command.do === 'escalate' && command.token !== undefined) {
          queue.push({ type: 'passed', token: command.token });
        }
        if (command.do !== 'open') continue;
        const opened = course.model.place(command.node).node;
        if (opened.kind !== 'user') queue.push({ type: 'completed', token: command.token });
        else {
          if (opened.candidates.notActorOf?.includes(node.id)) {
            later.push({ rule: asFarAsKnown(opened.candidates, command.variables), variables: command.variables });
          }
          queue.push(approve(opened, command.token));
        }
      }
    } catch (error) {
      if (!(error instanceof NotAwaitedError)) throw error;
    }
  }
  return later;
}

/** Ids of who may be given a task by a rule, or by one that holds in its place: the eligible whom no later task is in need of. */
export async function candidatesFor(
  course: Course,
  node: UserTask,
  token: number,
  rule: CandidateRule = node.candidates,
): Promise<string[]> {
  const eligible = await course.search.eligible(rule, variablesAt(course.state, token));
  const later: string[][] = [];
  if (eligible.length > 0) {
    for (const one of laterTasks(course, node, token))
      later.push(await course.search.eligible(one.rule, one.variables));
  }
  return spareCandidates(eligible, later);
}

/** Ids of who is asked: those of {@link candidatesFor} who meet the preferred rule, where they are enough. */
async function preferredFor(course: Course, node: UserTask, token: number): Promise<string[]> {
  const all = await candidatesFor(course, node, token);
  const rules = byPreference(node.candidates);
  if (rules.length === 1) return all;
  const variables = variablesAt(course.state, token);
  for (const rule of rules) {
    const meet = new Set(await course.search.eligible(rule, variables));
    const asked = all.filter((id) => meet.has(id));
    if (!isTooFew(node, asked.length)) return asked;
  }
  return all;
}

/** The seats of a vote among so many candidates. */
export const seatsOf = ({ vote }: Pick<UserTask, 'vote'>, candidates: number): number => vote?.seats ?? candidates;

/** Whether too few are there to decide a task. */
function isTooFew(node: UserTask, candidates: number): boolean {
  if (!node.vote || candidates === 0) return candidates === 0;
  const seats = seatsOf(node, candidates);
  return candidates < seats || candidates < approvalsNeeded(node.vote, seats);
}

const nobodyLeft = (title: string) =>
  new Problem('rule.violated', {
    detail: `Nobody is left to decide the step "${title}" or one after it: each takes someone of its own with the right and a limit that covers the amount who neither made the record nor decided an earlier step.`,
  });

/** The rows of decisions by which a process comes to a task: entries of its variables that name it as their `step`. */
const rowsFor = (node: UserTask, variables: Values): Value[] =>
  Object.values(variables).flatMap((value) =>
    Array.isArray(value) ? (value as readonly Value[]).filter((one) => isContext(one) && one.step === node.id) : [],
  );

/** Opens a task for those who may decide it; where too few may, its vote's fallback decides, or it is refused. */
export async function openUserTask(course: Course, node: UserTask, token: number, variables: Values): Promise<void> {
  const { context } = course.tx;
  try {
    const candidates = await preferredFor(course, node, token);
    if (isTooFew(node, candidates.length)) {
      if (node.vote?.fallback === undefined) throw nobodyLeft(node.name ?? node.id);
      const set = { [node.id]: { outcome: node.vote.fallback } };
      course.queue.push({ happening: { type: 'completed', token, set } });
      return;
    }
    const { at: dueAt } = await firingOf(course, node.due ?? defaultDue, variables);
    const id = context.newId();
    const when = course.model.place(node.id).incoming.find(({ condition }) => condition)?.condition ?? null;
    const because = rowsFor(node, variables);
    const routing = { step: node.name ?? node.id, when, variables, candidates: node.candidates, because };
    course.tasks.push({ id, instanceId: course.row.id, token, step: node.id, dueAt, routing, candidates });
    for (const [at, { after }] of (node.escalations ?? []).entries()) {
      const { at: escalatesAt } = await firingOf(course, after, variables);
      course.timers.push({ kind: 'workflow.escalation', subjectId: id, dueAt: escalatesAt, data: { at } });
    }
  } catch (error) {
    tellFailure(course, token, error);
  }
}
