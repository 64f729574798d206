import type { Condition, Definition, Step } from '../domain/definition.ts';
import { outcomes } from '../domain/definition.ts';
import type { Flow, ProcessModel, ProcessNode } from './process-model.ts';

/**
 * Steps in order as a process that decides the same: a step whose condition fails is passed, approval leads to the next, every other
 * outcome ends the process with it. Conditions compare numbers; a variable that is null satisfies only the condition that asks for
 * it.
 */
export function fromSteps(definition: Definition): ProcessModel {
  const nodes: ProcessNode[] = [{ kind: 'start', id: 'start' }];
  const flows: Flow[] = [];
  // What leads to the next step: from which node, and under which condition.
  let open: { from: string; more: Partial<Flow> }[] = [{ from: 'start', more: {} }];
  const enter = (to: string) => {
    for (const { from, more } of open) flows.push({ id: `${from}-to-${to}`, from, to, ...more });
  };
  const earlier: string[] = [];
  for (const step of definition.steps) {
    const passed: typeof open = [];
    if (step.when) {
      const needed = `${step.name}-needed`;
      enter(needed);
      nodes.push({ kind: 'exclusive', id: needed, name: `${step.title}?`, default: `${needed}-else` });
      open = [{ from: needed, more: { condition: feelOf(step.when) } }];
      passed.push({ from: needed, more: { id: `${needed}-else` } });
    }
    enter(step.name);
    const decided = `${step.name}-decided`;
    nodes.push(taskOf(step, earlier), { kind: 'exclusive', id: decided, default: `${decided}-approved` });
    flows.push({ id: `${step.name}-to-${decided}`, from: step.name, to: decided });
    for (const outcome of outcomes.filter((one) => one !== 'approved')) {
      const condition = `${step.name}.outcome = "${outcome}"`;
      flows.push({ id: `${decided}-${outcome}`, from: decided, to: outcome, name: outcome, condition });
    }
    open = [{ from: decided, more: { id: `${decided}-approved`, name: 'approved' } }, ...passed];
    earlier.push(step.name);
  }
  enter('approved');
  const reached = outcomes.filter((outcome) => flows.some(({ to }) => to === outcome));
  nodes.push(...reached.map((outcome): ProcessNode => ({ kind: 'end', id: outcome, name: outcome, outcome })));
  const variables = variablesOf(definition).map((name) => ({ name, type: 'number' as const }));
  return { code: definition.code, title: definition.title, variables, body: { nodes, flows } };
}

function taskOf({ name, title, candidates, dueHours }: Step, earlier: readonly string[]): ProcessNode {
  return {
    kind: 'user',
    id: name,
    name: title,
    candidates: { ...candidates, ...(earlier.length > 0 ? { notActorOf: [...earlier] } : {}) },
    outcomes: [...outcomes],
    due: { after: `PT${dueHours}H` },
  };
}

const signs = { above: '>', below: '<', atLeast: '>=' } as const;

function feelOf(condition: Condition): string {
  if ('any' in condition) return condition.any.map(feelOf).join(' or ');
  if (condition.is === 'null') return `${condition.variable} = null`;
  return `${condition.variable} ${signs[condition.is]} ${condition.value}`;
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
