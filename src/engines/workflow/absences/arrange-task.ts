import { emit } from '#events';
import { Problem } from '#problem';
import { liesInScope } from '#scope';
import { recordAudit } from '#security';
import type { CandidateRule, UserTask } from '../definitions/process-model.ts';
import type { Course } from '../instances/course.ts';
import { candidatesFor } from '../instances/open-user-task.ts';
import type { Tx } from '../instances/workflow-parts.ts';
import { ballotsOf } from '../workflow-store.ts';
import { type Absence, absencesInForce, handsOfTask, writeHands } from './absence-store.ts';
import { type Cover, coverAbsent, giveBack, type Hands } from './domain/arrange.ts';
import { standInOf } from './domain/stand-in.ts';

/** A rule without whom it names: a substitute is named in the place of who is away, and meets the rest themselves. */
export function standingRule({
  people: _people,
  managerOf: _manager,
  otherwise,
  ...rest
}: CandidateRule): CandidateRule {
  return otherwise ? { ...rest, otherwise: standingRule(otherwise) } : rest;
}

/** Of some absences those that concern a subject, one for each person: one kept to a part before one in everything. */
export async function absencesOn(
  tx: Tx,
  absences: readonly Absence[],
  subject: { subjectType: string; subjectId: string },
): Promise<Map<string, Absence>> {
  const found = new Map<string, Absence>();
  for (const one of absences) {
    if (found.has(one.personId)) continue;
    const { scope } = one;
    const lies = scope === null || (await liesInScope(tx, scope, { type: subject.subjectType, id: subject.subjectId }));
    if (lies) found.set(one.personId, one);
  }
  return found;
}

/** Throws `rule.violated` where somebody is away whom a task is about to be given to. */
export async function requireHere(
  tx: Tx,
  subject: { subjectType: string; subjectId: string },
  personId: string,
): Promise<void> {
  const own = (await absencesInForce(tx)).filter((one) => one.personId === personId);
  const [absence] = (await absencesOn(tx, own, subject)).values();
  if (!absence) return;
  throw new Problem('rule.violated', {
    detail: `That person is away until ${absence.endsOn}: choose somebody who is here.`,
  });
}

/** An open task whose instance is locked. */
export interface Arranged {
  id: string;
  course: Course;
  node: UserTask;
  token: number;
  /** The rule that it is given out by. */
  rule: CandidateRule;
}

const namesOf = (hands: Hands) => JSON.stringify([hands.assigneeId, hands.candidates, hands.covers]);

/** Gives a task to who stands in for those who are away now, and back to those who are here again. */
export async function arrangeTask(tx: Tx, task: Arranged): Promise<void> {
  const { course, node, token } = task;
  const stored = await handsOfTask(tx, task.id);
  const absences = await absencesOn(tx, await absencesInForce(tx), course.row);
  const voted = node.vote ? new Set((await ballotsOf(tx, task.id)).map(({ personId }) => personId)) : null;
  const before = giveBack(stored, voted ?? new Set());
  const isNeeded = before.candidates.some(({ personId }) => standInOf(personId, absences) !== null);
  const fit = new Set(isNeeded ? await candidatesFor(course, node, token, standingRule(task.rule)) : []);
  const after = inOrder(coverAbsent(before, { absences, fit, voted }));
  if (namesOf(after) === namesOf(inOrder(stored))) return;
  await writeHands(tx, task.id, after);
  await tellChanges(tx, task, stored.covers, after.covers);
}

const byPerson = (a: { personId: string }, b: { personId: string }) => (a.personId < b.personId ? -1 : 1);

function inOrder({ candidates, assigneeId, covers }: Hands): Hands {
  return { candidates: [...candidates].sort(byPerson), assigneeId, covers: [...covers].sort(byPerson) };
}

async function tellChanges(tx: Tx, task: Arranged, before: readonly Cover[], after: readonly Cover[]): Promise<void> {
  const isIn = (covers: readonly Cover[], { personId, substituteId }: Cover) =>
    covers.some((one) => one.personId === personId && one.substituteId === substituteId);
  for (const cover of before.filter((one) => !isIn(after, one))) await tell(tx, task, 'returned', cover);
  for (const cover of after.filter((one) => !isIn(before, one))) await tell(tx, task, 'covered', cover);
}

async function tell(
  tx: Tx,
  { id, node, course }: Arranged,
  what: 'covered' | 'returned',
  { personId, substituteId, absenceId }: Cover,
): Promise<void> {
  const { subjectType, subjectId } = course.row;
  const names = { personId, substituteId, absenceId };
  await recordAudit(tx, {
    ...{ action: `task.${what}`, entityType: 'task', entityId: id },
    ...{ after: { ...names, step: node.id }, onBehalfOf: personId },
  });
  await emit(tx, {
    ...{ type: `workflow.task.${what}`, subjectType: 'task', subjectId: id },
    data: { taskId: id, ...names, step: node.id, subjectType, subjectId },
  });
}
