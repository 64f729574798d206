import { permissions } from '#module';
import { Problem } from '#problem';
import { checkExpression } from '../decisions/evaluate-expression.ts';
import { checkModel, nodesOf, type ParseFeel } from '../definitions/check-model.ts';
import { checkSoundness, type SoundnessFinding } from '../definitions/check-soundness.ts';
import type { CandidateRule, ProcessModel, ProcessNode } from '../definitions/process-model.ts';
import { byPreference } from '../find-candidates.ts';
import { workflowParts } from '../instances/workflow-parts.ts';
import { checkContract } from './shipped-process.ts';

/** What keeps a process from being published: its kind, the elements that it is about, and the way that shows it. */
export interface ProcessFinding {
  kind: 'mistake' | SoundnessFinding['kind'];
  elements: string[];
  path: string[];
  message: string;
}

const parse: ParseFeel = (expression, names, kind) => {
  // Unary tests are what stands behind `in`.
  if (kind === 'expression') checkExpression(expression, names);
  else checkExpression(`${names[0]} in (${expression})`, names);
  return [];
};

const known = new Set<string>(permissions);

/** What a process asks of this house that is not there: effects, permissions. */
function checkHouse(node: ProcessNode): string[] {
  if (node.kind === 'service') {
    return Object.hasOwn(workflowParts().effects, node.effect) ? [] : [`There is no effect "${node.effect}".`];
  }
  if (node.kind !== 'user') return [];
  const moved = (node.escalations ?? []).flatMap(({ does }) => (does.type === 'reassign' ? [does.candidates] : []));
  return [node.candidates, ...moved]
    .flatMap(byPreference)
    .flatMap(({ permission }: CandidateRule) =>
      permission === undefined || known.has(permission) ? [] : [`There is no permission "${permission}".`],
    );
}

/**
 * Everything of a process by itself that keeps it from being published; empty: nothing. Takes up to a second for a process of
 * many branches: not inside a transaction.
 */
export function checkProcess(model: ProcessModel): ProcessFinding[] {
  const mistakes = checkModel(model, parse).map(({ id, message }) => mistake(id, message));
  const asked = nodesOf(model.body).flatMap((node) => checkHouse(node).map((message) => mistake(node.id, message)));
  const kept = checkContract(model).map(({ id, message }) => mistake(id, message));
  if (mistakes.length + asked.length + kept.length > 0) return [...mistakes, ...asked, ...kept];
  return checkSoundness(model.body).map(({ kind, elements, path, message }) => ({ kind, elements, path, message }));
}

/** A mistake in what one element says; null: the process itself. */
export const mistake = (id: string | null, message: string): ProcessFinding => ({
  ...{ kind: 'mistake', elements: id === null ? [] : [id], path: [], message },
});

/** Throws `process.refused` for mistakes, `process.unsound` with the way that shows it, unless there are no findings. */
export function requireNone(findings: readonly ProcessFinding[]): void {
  const [first] = findings;
  if (!first) return;
  const errors = findings.map(({ elements, path, message }) => {
    const way = path.length > 0 ? ` The way there: ${path.join(' > ')}.` : '';
    return { path: elements[0] ?? '', message: `${message}${way}` };
  });
  const code = first.kind === 'mistake' ? 'process.refused' : 'process.unsound';
  throw new Problem(code, { detail: errors[0]?.message ?? '', errors });
}
