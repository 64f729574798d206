import { permissions } from '#module';
import { Problem } from '#problem';
import { checkExpression } from '../decisions/evaluate-expression.ts';
import { checkModel, nodesOf, type ParseFeel } from '../definitions/check-model.ts';
import { checkSoundness, type SoundnessFinding } from '../definitions/check-soundness.ts';
import type { CandidateRule, ProcessModel, ProcessNode, ServiceTask } from '../definitions/process-model.ts';
import { byPreference } from '../find-candidates.ts';
import { workflowParts } from '../instances/workflow-parts.ts';
import { checkContract, shippedProcess } from './shipped-process.ts';
import { findSilentApproval } from './silent-approval.ts';

/** What keeps a process from being published: its kind, the elements that it is about, and the way that shows it. */
export interface ProcessFinding {
  /** `silent`: it approves the record of a module although no person decides. */
  kind: 'mistake' | SoundnessFinding['kind'] | 'silent';
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

/** Whether a service task gives its effect what that takes, and keeps its answer in a variable of its type. */
function checkEffect({ variables }: ProcessModel, { effect: name, input = {}, result }: ServiceTask): string[] {
  const { effects } = workflowParts();
  const effect = Object.hasOwn(effects, name) ? effects[name] : undefined;
  if (!effect) return [`There is no effect "${name}".`];
  const { inputs, answers, title } = effect;
  const kept = variables.find((variable) => variable.name === result);
  const missing = Object.keys(inputs).filter((one) => inputs[one]?.required && !Object.hasOwn(input, one));
  const unknown = Object.keys(input).filter((one) => !Object.hasOwn(inputs, one));
  return [
    ...missing.map((one) => `"${title}" needs the input "${one}".`),
    ...unknown.map((one) => `"${title}" takes no input "${one}".`),
    ...(result !== undefined && answers === null ? [`"${title}" answers nothing to keep in "${result}".`] : []),
    ...(kept && answers !== null && kept.type !== answers
      ? [`"${title}" answers ${answers}, and "${kept.name}" is ${kept.type}.`]
      : []),
  ];
}

/** What a process asks of this house that is not there: effects, permissions. */
function checkHouse(model: ProcessModel, node: ProcessNode): string[] {
  if (node.kind === 'service') return checkEffect(model, node);
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
  const asked = nodesOf(model.body).flatMap((node) =>
    checkHouse(model, node).map((message) => mistake(node.id, message)),
  );
  const kept = checkContract(model).map(({ id, message }) => mistake(id, message));
  if (mistakes.length + asked.length + kept.length > 0) return [...mistakes, ...asked, ...kept];
  const unsound = checkSoundness(model.body);
  if (unsound.length > 0)
    return unsound.map(({ kind, elements, path, message }) => ({ kind, elements, path, message }));
  return shippedProcess(model.code) ? checkSilence(model) : [];
}

/** That a record would be approved and nobody decides it, where that can be known before data is there. */
function checkSilence(model: ProcessModel): ProcessFinding[] {
  const path = findSilentApproval(model);
  const end = path?.at(-1);
  if (!path || end === undefined) return [];
  const message = `"${end}" would approve the record although no person decides a task of it: ask one on this way.`;
  return [{ kind: 'silent', elements: [end], path: [...path], message }];
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
