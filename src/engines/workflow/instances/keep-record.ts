import { Problem } from '#problem';
import type { Course, Told } from './course.ts';
import type { Values } from './instance-state.ts';
import { isDecidedByPerson } from './instance-store.ts';
import { isOfSteps } from './running-model.ts';

/** Whether an instance decides the record of a module, and none that it was called for. */
const isOfRecord = ({ parts, row }: Course): boolean =>
  row.parentInstanceId === null && parts.processes.some(({ definition }) => definition.code === row.definition);

function setBy({ model, state }: Course, { happening }: Told): Values {
  if (happening.type === 'caught') return happening.content ?? {};
  if (happening.type === 'retried') return happening.set ?? {};
  if (happening.type !== 'completed') return {};
  const { token, set, result } = happening;
  const at = state.tokens.find(({ id }) => id === token);
  const node = at && model.place(at.node).node;
  const named = node && 'result' in node && node.result !== undefined ? { [node.result]: result ?? null } : {};
  return { ...set, ...named };
}

/**
 * Throws `rule.violated` where a form, a message, an answer or a mended incident would set what a module gave of its record: limits
 * are compared with that, and it is what the end is about. What the module left open may be set.
 */
export function requireGivenKept(course: Course, told: Told): void {
  if (!isOfRecord(course)) return;
  const { variables } = course.row;
  for (const [name, value] of Object.entries(setBy(course, told))) {
    const given = variables[name] ?? null;
    if (given === null || JSON.stringify(given) === JSON.stringify(value)) continue;
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
