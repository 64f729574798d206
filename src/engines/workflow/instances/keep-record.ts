import { Problem } from '#problem';
import type { Course } from './course.ts';
import type { InstanceState } from './instance-state.ts';
import { isDecidedByPerson } from './instance-store.ts';
import { isOfSteps } from './running-model.ts';
import { ownSubject } from './workflow-parts.ts';

/** Whether an instance decides the record of a module, and none that it was called for. */
const isOfRecord = ({ parts, row }: Course): boolean =>
  row.parentInstanceId === null &&
  row.subjectType !== ownSubject &&
  parts.processes.some(({ definition }) => definition.code === row.definition);

/**
 * Throws `rule.violated` where a step has set what a module gave of its record: limits are compared with that, and it is what the end is
 * about. What the module left open may be set. `after`: where the step has come to.
 */
export function requireGivenKept(course: Course, after: InstanceState): void {
  const [own] = after.runs;
  if (!own || !isOfRecord(course)) return;
  if (own.variables === course.state.runs[0]?.variables) return;
  for (const [name, given] of Object.entries(course.row.variables)) {
    const is = own.variables[name];
    if (given === null || is === given || JSON.stringify(is) === JSON.stringify(given)) continue;
    throw new Problem('rule.violated', {
      detail: `The record says what ${name} is: nothing else may set it.`,
      errors: [{ path: name, message: 'is given by the record' }],
    });
  }
}

/**
 * Throws `rule.violated` where the record of a module would be approved and no person has decided a task of it: nobody drew that,
 * and silence approves nothing. Lists of steps are their module's own.
 */
export async function requireDecided(course: Course): Promise<void> {
  const { tx, row, ended, isDecided } = course;
  if (isDecided || ended?.outcome !== 'approved' || isOfSteps(row.hash)) return;
  if (await isDecidedByPerson(tx, row.id)) return;
  throw new Problem('rule.violated', {
    detail: `"${row.definition}" would be approved and nobody has decided it: its process has to ask a person.`,
  });
}
