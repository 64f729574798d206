import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkExpression, evaluateExpression } from '../decisions/index.ts';
import {
  type Condition,
  type Definition,
  decide,
  nextStep,
  type Outcome,
  outcomes,
  type Variables,
} from '../domain/definition.ts';
import { fromSteps } from './approval-steps.ts';
import { checkModel, type ParseFeel } from './check-model.ts';
import { checkSoundness } from './check-soundness.ts';
import { hashModel } from './hash-model.ts';
import type { ProcessModel } from './process-model.ts';

const parse: ParseFeel = (expression, names, kind) => {
  if (kind === 'expression') checkExpression(expression, names);
  return [];
};

const amount = fc.constantFrom('-5', '0', '99.5', '100000', '100000.01');
const variable = fc.constantFrom('spend', 'netRoi');
const comparison: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({ variable, is: fc.constantFrom('above', 'below', 'atLeast'), value: amount }),
  fc.record({ variable, is: fc.constant('null' as const) }),
);
const condition = fc.oneof(
  comparison,
  fc.array(comparison, { minLength: 1, maxLength: 3 }).map((any): Condition => ({ any })),
);
const definitions: fc.Arbitrary<Definition> = fc
  .array(fc.option(condition), { minLength: 1, maxLength: 4 })
  .map((conditions) => ({
    code: 'promotion-approval',
    title: 'Approval',
    steps: conditions.map((when, at) => ({
      name: `step${at}`,
      title: `Step ${at}`,
      ...(when ? { when } : {}),
      candidates: { permission: 'promotions:approve', limitCovers: 'spend' },
      dueHours: 48,
    })),
  }));

const now = new Date('2026-05-01T08:00:00Z');

/** Follows the flows from a node to the next user task or end. */
function follow(
  { body }: ProcessModel,
  from: string,
  variables: Variables,
  decided: Record<string, { outcome: Outcome }>,
): string {
  const known = Object.entries(variables).map(([name, value]) => [name, value === null ? null : Number(value)]);
  const names = { ...Object.fromEntries(known), ...decided };
  for (let at = from; ; ) {
    const node = body.nodes.find(({ id }) => id === at)!;
    if ((node.kind === 'user' && at !== from) || node.kind === 'end') return at;
    const out = body.flows.filter((flow) => flow.from === at);
    const byDefault = 'default' in node ? node.default : out[0]!.id;
    const taken = out.find(({ condition }) => {
      if (condition === undefined) return false;
      const { value } = evaluateExpression(condition, names, { now });
      assert.equal(typeof value, 'boolean', condition);
      return value;
    });
    at = (taken ?? out.find(({ id }) => id === byDefault))!.to;
  }
}

test('steps as a process are right and sound and take the same way for the same decisions', () => {
  const variables = fc.record({ spend: fc.option(amount), netRoi: fc.option(amount) });
  const decisions = fc.array(fc.constantFrom(...outcomes), { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(definitions, variables, decisions, (definition, values, made) => {
      const model = fromSteps(definition);
      assert.deepEqual(checkModel(model, parse), []);
      assert.deepEqual(checkSoundness(model.body), []);
      let at = follow(model, 'start', values, {});
      assert.equal(at, nextStep(definition, null, values)?.name ?? 'approved');
      const decided: Record<string, { outcome: Outcome }> = {};
      for (const outcome of made) {
        if (!definition.steps.some(({ name }) => name === at)) break;
        decided[at] = { outcome };
        const expected = decide(definition, at, outcome, values);
        at = follow(model, at, values, decided);
        assert.equal(at, 'end' in expected ? expected.end : expected.step.name);
      }
    }),
    { numRuns: 200 },
  );
});

test('whoever decided a step is no candidate of a later one', () => {
  const steps = ['first', 'second', 'third'].map((name) => ({
    name,
    title: name,
    candidates: { permission: 'p' },
    dueHours: 1,
  }));
  const { body } = fromSteps({ code: 'c', title: 'C', steps });
  const barred = body.nodes.flatMap((node) => (node.kind === 'user' ? [node.candidates.notActorOf] : []));
  assert.deepEqual(barred, [undefined, ['first'], ['first', 'second']]);
});

test('the hash tells what a process does: not how it is drawn nor in which order it is written down, but every other change', () => {
  const model = fromSteps({
    code: 'c',
    title: 'C',
    steps: [{ name: 'a', title: 'A', candidates: { permission: 'p' }, dueHours: 1 }],
  });
  const hash = hashModel(model);
  assert.match(hash, /^[0-9a-f]{64}$/);
  const { nodes, flows } = model.body;
  const turned = {
    ...model,
    body: { flows: flows.toReversed(), nodes: nodes.toReversed() },
    source: '<x/>',
    diagram: { shapes: {}, edges: {} },
  };
  assert.equal(hashModel(turned), hash);
  assert.equal(hashModel(JSON.parse(JSON.stringify(model)) as ProcessModel), hash);
  const renamed = nodes.map((node) =>
    node.kind === 'user' ? { ...node, outcomes: node.outcomes.toReversed() } : node,
  );
  assert.notEqual(hashModel({ ...model, body: { flows, nodes: renamed } }), hash);
  assert.notEqual(hashModel({ ...model, title: 'D' }), hash);
  assert.notEqual(hashModel({ ...model, variables: [{ name: 'x', type: 'string' }] }), hash);
});
