import type { Condition, Definition } from '../domain/definition.ts';
import { chainDecisions } from './chain-decisions.ts';
import type { ProcessModel } from './process-model.ts';

/**
 * Steps in order as a process that decides the same: a step whose condition fails is passed, approval leads to the next, every other
 * outcome ends the process with it. Conditions compare numbers; a variable that is null satisfies only the condition that asks for
 * it.
 */
export function fromSteps(definition: Definition): ProcessModel {
  const { code, title, steps } = definition;
  return chainDecisions({
    ...{ code, title },
    variables: variablesOf(definition).map((name) => ({ name, type: 'number' as const })),
    links: steps.map(({ name, title: of, candidates, dueHours, when }) => ({
      ...{ id: name, name: of, candidates, due: { after: `PT${dueHours}H` } },
      ...(when ? { when: feelOf(when) } : {}),
    })),
  });
}

const signs = { above: '>', below: '<', atLeast: '>=' } as const;

function feelOf(condition: Condition): string {
  if ('any' in condition) return condition.any.map(feelOf).join(' or ');
  if (condition.is === 'null') return `${condition.variable} = null`;
  return `(${condition.variable} != null and ${condition.variable} ${signs[condition.is]} ${condition.value})`;
}

function variablesOf({ steps }: Definition): string[] {
  const named = (condition: Condition): string[] =>
    'any' in condition ? condition.any.flatMap(named) : [condition.variable];
  const all = steps.flatMap(({ when, candidates }) => [
    ...(candidates.limitCovers === undefined ? [] : [candidates.limitCovers]),
    ...(when ? named(when) : []),
  ]);
  return [...new Set(all)];
}
