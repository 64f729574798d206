import { Problem } from '#problem';
import { type ModelMistake, nodesOf } from '../definitions/check-model.ts';
import type { ProcessModel, ProcessNode } from '../definitions/process-model.ts';
import { asModel } from '../instances/running-model.ts';
import { workflowParts } from '../instances/workflow-parts.ts';

/** The process that a module ships under a code; undefined for those that administrators alone draw. */
export function shippedProcess(code: string): ProcessModel | undefined {
  const process = workflowParts().processes.find(({ definition }) => definition.code === code);
  return process && asModel(process.definition);
}

/** A tenant's own version of a process that ships declares what its module gives, whether it asks for it or not. */
export function withGiven(model: ProcessModel): ProcessModel {
  const given = shippedProcess(model.code)?.variables ?? [];
  const missing = given.filter(({ name }) => !model.variables.some((own) => own.name === name));
  return missing.length === 0 ? model : { ...model, variables: [...model.variables, ...missing] };
}

const mistake = (id: string | null, message: string): ModelMistake => ({ id, message });

/** What a module cannot take of an end, or null. */
function mistakeInEnd(node: Extract<ProcessNode, { kind: 'end' }>, outcomes: ReadonlySet<string>, isInside: boolean) {
  if (node.event?.type === 'error') return 'ends with an error: the record would be left undecided';
  if (isInside && node.outcome === undefined) return null;
  if (node.outcome === undefined) return `says no outcome: one of ${[...outcomes].join(', ')}`;
  return outcomes.has(node.outcome) ? null : `ends "${node.outcome}": its module knows ${[...outcomes].join(', ')}`;
}

function mistakesInStart(node: Extract<ProcessNode, { kind: 'start' }>): ModelMistake[] {
  return node.event ? [mistake(node.id, `"${node.name ?? node.id}" begins by an event: its module begins it.`)] : [];
}

/**
 * What keeps a tenant's own version of a process that ships from taking its place: it takes the variables that the module gives, as
 * what they are, asks for no other at the start, and ends with the outcomes that the module knows. Nothing for other processes.
 */
export function checkContract(model: ProcessModel): ModelMistake[] {
  const shipped = shippedProcess(model.code);
  if (!shipped) return [];
  const ends = nodesOf(shipped.body).flatMap((node) => (node.kind === 'end' && node.outcome ? [node.outcome] : []));
  const outcomes = new Set(ends);
  const given = new Map(shipped.variables.map((variable) => [variable.name, variable] as const));
  const variables = model.variables.flatMap(({ name, type, required, allowed }) => {
    const gives = given.get(name);
    if (!gives)
      return required ? [mistake(null, `The variable "${name}" is needed at the start: nobody gives it.`)] : [];
    if (gives.type !== type) return [mistake(null, `The variable "${name}" is ${gives.type}, not ${type}.`)];
    const isNarrower = (required && !gives.required) || (allowed !== undefined && allowed !== gives.allowed);
    return isNarrower ? [mistake(null, `The variable "${name}" may be anything that its module gives.`)] : [];
  });
  const declared = new Set(model.variables.map(({ name }) => name));
  const missing = [...given.keys()].filter((name) => !declared.has(name));
  const outer = new Set(model.body.nodes);
  return [
    ...variables,
    ...missing.map((name) => mistake(null, `The variable "${name}" is given by the module, and is not declared.`)),
    ...nodesOf(model.body).flatMap((node) => {
      if (node.kind === 'start' && outer.has(node)) return mistakesInStart(node);
      const into = 'multi' in node ? node.multi?.collect?.into : undefined;
      if (into !== undefined && given.has(into)) {
        return [mistake(node.id, `"${node.name ?? node.id}" collects into "${into}", which its module gives.`)];
      }
      const wrong = node.kind === 'end' ? mistakeInEnd(node, outcomes, !outer.has(node)) : null;
      return wrong === null ? [] : [mistake(node.id, `"${node.name ?? node.id}" ${wrong}.`)];
    }),
  ];
}

/** Throws `rule.violated` for a process that begins with a record of its module alone. */
export function requireStartable(code: string): void {
  if (!shippedProcess(code)) return;
  throw new Problem('rule.violated', { detail: `"${code}" begins with its record: start it there.` });
}
