import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Problem } from '#problem';
import type { Body, Diagram, Feel, ProcessModel, ProcessNode, TimerRule, UserTask } from './process-model.ts';
import { readBpmn } from './read-bpmn.ts';
import { blocks, modelOf } from './test-models.ts';
import { writeBpmn } from './write-bpmn.ts';

/** A model without what a file adds to it. */
function bare({ source: _, unsupported: __, diagram: ___, ...model }: ProcessModel): ProcessModel {
  return model;
}

const readOne = async (xml: string): Promise<ProcessModel> => {
  const { models } = await readBpmn(xml);
  assert.equal(models.length, 1);
  return models[0]!;
};

// Letters, signs that XML escapes, line ends, other scripts.
const text = fc
  .string({ unit: fc.constantFrom(...'aZ1 _<>&"\'\n=äß漢'), minLength: 1, maxLength: 12 })
  .filter((value) => value.trim() === value);
const feel: fc.Arbitrary<Feel> = text.filter((value) => !value.startsWith('='));
const perhaps = <K extends string, V>(name: K, value: fc.Arbitrary<V>) =>
  fc.option(value).map((given) => (given === null ? {} : ({ [name]: given } as { [name in K]: V })));
const timer: fc.Arbitrary<TimerRule> = fc
  .tuple(
    fc.constantFrom({ at: '2026-05-01T08:00:00Z' }, { after: 'PT4H' }, { every: 'R3/P1D' }),
    perhaps('calendar', text),
  )
  .map(([moment, calendar]) => ({ ...moment, ...calendar }));
const record = fc
  .uniqueArray(fc.tuple(text, feel), { minLength: 1, maxLength: 3, selector: ([name]) => name })
  .map(Object.fromEntries);
const candidates = fc
  .tuple(
    perhaps('permission', text),
    perhaps('roles', fc.array(text, { minLength: 1, maxLength: 2 })),
    perhaps('people', feel),
    perhaps(
      'managerOf',
      fc.tuple(feel, perhaps('levels', fc.nat(5))).map(([person, more]) => ({ person, ...more })),
    ),
    perhaps('limitCovers', text),
    perhaps('notActorOf', fc.array(text, { minLength: 1, maxLength: 2 })),
  )
  .map((parts) => Object.assign({}, ...parts));
const vote = fc
  .tuple(
    fc.constantFrom({ needs: { count: 2 } }, { needs: { share: 0.75 } }, { needs: 'consensus' as const }),
    perhaps('seats', fc.nat(5)),
    perhaps('veto', fc.boolean()),
    perhaps('stopsEarly', fc.boolean()),
    perhaps('fallback', text),
  )
  .map((parts) => Object.assign({}, ...parts));
const does = fc.oneof(
  fc.constant({ type: 'remind' as const }),
  candidates.map((rule) => ({ type: 'reassign' as const, candidates: rule })),
  text.map((outcome) => ({ type: 'complete' as const, outcome })),
  text.map((code) => ({ type: 'escalate' as const, code })),
);
const field = fc
  .tuple(text, text, perhaps('required', fc.boolean()))
  .map(([variable, label, more]) => ({ variable, label, ...more }));
const user: fc.Arbitrary<Omit<UserTask, 'id'>> = fc
  .tuple(
    candidates,
    fc.array(text, { maxLength: 3 }),
    perhaps('vote', vote),
    perhaps('due', timer),
    perhaps('escalations', fc.array(fc.record({ after: timer, does }), { minLength: 1, maxLength: 2 })),
    perhaps('form', fc.array(field, { minLength: 1, maxLength: 2 })),
  )
  .map(([rule, outcomes, ...more]) => Object.assign({ kind: 'user' as const, candidates: rule, outcomes }, ...more));
const multi = fc
  .tuple(fc.boolean(), feel, text, perhaps('until', feel), perhaps('collect', fc.record({ into: text, value: feel })))
  .map(([sequential, over, as, ...more]) => Object.assign({ sequential, over, as }, ...more));

/** Any activity but a sub-process. */
const activity = fc
  .tuple(
    fc.oneof(
      user,
      fc
        .tuple(text, perhaps('input', record), perhaps('result', text))
        .map(([effect, ...more]) => Object.assign({ kind: 'service', effect }, ...more)),
      fc
        .tuple(text, perhaps('input', record))
        .map(([decision, more]) => ({ kind: 'business-rule', decision, result: 'r', ...more })),
      fc.tuple(text, perhaps('content', record)).map(([message, more]) => ({ kind: 'send', message, ...more })),
      fc
        .tuple(perhaps('input', record), perhaps('output', record))
        .map((more) => Object.assign({ kind: 'call', process: 'other' }, ...more)),
    ),
    perhaps('name', text),
    perhaps('multi', multi),
  )
  .map((parts) => Object.assign({}, ...parts));
const event = fc.oneof(
  timer.map((rule) => ({ type: 'timer' as const, timer: rule })),
  fc.tuple(text, perhaps('correlate', feel)).map(([message, more]) => ({ type: 'message' as const, message, ...more })),
  text.map((signal) => ({ type: 'signal' as const, signal })),
);

/** A random process: structured, with random activities, events and conditions in it. */
const models: fc.Arbitrary<ProcessModel> = fc
  .tuple(
    blocks,
    fc.array(activity, { minLength: 1, maxLength: 12 }),
    fc.array(event, { minLength: 1, maxLength: 5 }),
    text,
    feel,
  )
  .map(([block, activities, events, title, condition]) => {
    const model = modelOf(block);
    let count = 0;
    const dress = (body: Body): Body => ({
      flows: body.flows.map((flow) => (flow.condition === undefined ? flow : { ...flow, condition, name: title })),
      nodes: body.nodes.map((node): ProcessNode => {
        count += 1;
        if (node.kind === 'service') return { ...activities[count % activities.length], id: node.id } as ProcessNode;
        if (node.kind === 'end') return { ...node, outcome: title };
        if (node.kind === 'sub-process') return { ...node, body: dress(node.body) };
        if (node.kind === 'catch' || node.kind === 'boundary')
          return { ...node, event: events[count % events.length]! } as ProcessNode;
        return node;
      }),
    });
    const variables = [{ name: 'chosen', type: 'number' as const, required: true, allowed: '[0..9]' }];
    return JSON.parse(JSON.stringify({ ...model, title, variables, body: dress(model.body) })) as ProcessModel;
  });

test('what is written is read as the same process, drawn where it was drawn', async () => {
  await fc.assert(
    fc.asyncProperty(models, async (model) => {
      const first = await readOne(await writeBpmn([model]));
      assert.deepEqual(bare(first), model);
      assert.equal(first.unsupported, undefined);
      const { source: _, ...unsourced } = first;
      assert.deepEqual((await readOne(await writeBpmn([unsourced]))).diagram, first.diagram);
    }),
    { numRuns: 60 },
  );
});

test('every node and flow is drawn, nodes do not overlap, and flows turn at right angles', async () => {
  await fc.assert(
    fc.asyncProperty(blocks, async (block) => {
      const model = modelOf(block);
      const { diagram } = await readOne(await writeBpmn([model]));
      checkDrawing(model.body, diagram!);
    }),
    { numRuns: 60 },
  );
});

function checkDrawing(body: Body, diagram: Diagram): void {
  const boxes = body.nodes.filter(({ kind }) => kind !== 'boundary').map(({ id }) => ({ id, ...diagram.shapes[id]! }));
  for (const [at, a] of boxes.entries()) {
    for (const b of boxes.slice(at + 1)) {
      const isApart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
      assert.ok(isApart, `${a.id} lies over ${b.id}`);
    }
  }
  for (const { id } of body.flows) {
    const points = diagram.edges[id]!;
    for (const [at, point] of points.slice(1).entries()) {
      assert.ok(point.x === points[at]!.x || point.y === points[at]!.y, `${id} runs askew`);
    }
  }
  for (const node of body.nodes) if (node.kind === 'sub-process') checkDrawing(node.body, diagram);
}

const open =
  '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="t">';
const file = (inside: string, beside = '') =>
  `${open}${beside}<bpmn:process id="p" isExecutable="true">${inside}</bpmn:process></bpmn:definitions>`;
const flow = (from: string, to: string, more = '') =>
  `<bpmn:sequenceFlow id="${from}_${to}" sourceRef="${from}" targetRef="${to}">${more}</bpmn:sequenceFlow>`;
const ends = '<bpmn:startEvent id="s"/><bpmn:endEvent id="e"/>';

async function refusal(xml: string): Promise<string> {
  try {
    await readBpmn(xml);
  } catch (error) {
    assert.ok(error instanceof Problem && error.code === 'process.refused', String(error));
    return error.detail ?? '';
  }
  assert.fail('it was read');
}

test('hostile and broken files are refused with what is wrong', async () => {
  const bomb = '<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>';
  assert.match(await refusal(bomb + file(ends)), /document type or entities/);
  assert.match(
    await refusal(file(`<bpmn:documentation>${'x'.repeat(10_500_000)}</bpmn:documentation>`)),
    /larger than 10 MB/,
  );
  assert.match(
    await refusal(file('<bpmn:subProcess>'.repeat(200) + '</bpmn:subProcess>'.repeat(200))),
    /inside each other/,
  );
  const attributes = Array.from({ length: 900_000 }, (_, at) => `a${at}=""`).join(' ');
  assert.match(await refusal(file(`<bpmn:task ${attributes.slice(0, 9_000_000)}/>`)), /attributes/);
  assert.match(await refusal(file('<bpmn:task/>'.repeat(30_000))), /over 20000 elements/);
  assert.match(await refusal(file(ends + ends)), /duplicate ID/);
  assert.match(await refusal(file(ends + flow('s', 'nowhere'))), /"s_nowhere" refers to "nowhere"/);
  assert.match(await refusal(file(`${ends}<bpmn:boundaryEvent id="b" attachedToRef="gone"/>`)), /refers to "gone"/);
  assert.match(await refusal(file('<bpmn:startEvent id="__proto__"/>')), /__proto__/);
  assert.match(await refusal(file('<bpmn:task id="t">')), /cannot be read/);
  assert.match(await refusal('<html><p></p></html>'), /cannot be read/);
  assert.match(await refusal('no XML'), /cannot be read/);
  assert.match(
    await refusal(
      `${open}<bpmn:process id="P"><bpmn:task id="a"/></bpmn:process><bpmn:process id="p"><bpmn:task id="b"/></bpmn:process></bpmn:definitions>`,
    ),
    /the code "p"/,
  );
});

test('what cannot be executed is listed with its id and comes back on export', async () => {
  const inside = `${ends}
    <bpmn:task id="plain" name="Do it"/><bpmn:scriptTask id="script"/><bpmn:complexGateway id="complex"/>
    <bpmn:subProcess id="sub" triggeredByEvent="true"><bpmn:startEvent id="s2"/></bpmn:subProcess>
    <bpmn:intermediateCatchEvent id="when"><bpmn:conditionalEventDefinition/></bpmn:intermediateCatchEvent>
    <bpmn:boundaryEvent id="late" attachedToRef="plain"><bpmn:signalEventDefinition/></bpmn:boundaryEvent>
    ${flow('s', 'plain')}${flow('plain', 'e')}
    <bpmn:userTask id="looped"><bpmn:standardLoopCharacteristics/></bpmn:userTask>
    <bpmn:dataObject id="data"/><bpmn:textAnnotation id="note"><bpmn:text>Why</bpmn:text></bpmn:textAnnotation>`;
  const { models, unsupported } = await readBpmn(
    file(inside, '<bpmn:collaboration id="c"><bpmn:participant id="pool"/></bpmn:collaboration>'),
  );
  const blocking = unsupported.filter(({ blocks }) => blocks).map(({ id }) => id);
  assert.deepEqual(
    new Set(blocking),
    new Set(['plain', 'script', 'complex', 'sub', 'when', 'late', 'looped', 's_plain', 'plain_e']),
  );
  assert.deepEqual(
    unsupported.filter(({ blocks }) => !blocks).map(({ id }) => id),
    ['pool', 'data', 'note'],
  );
  assert.deepEqual(
    models[0]!.body.nodes.map(({ id }) => id),
    ['s', 'e'],
  );
  const again = await readBpmn(await writeBpmn(models));
  assert.deepEqual(again.unsupported, unsupported);
});

test('an edit of what came from a file leaves everything else of the file as it was', async () => {
  const source = file(
    `<bpmn:laneSet id="lanes"><bpmn:lane id="lane"><bpmn:flowNodeRef>s</bpmn:flowNodeRef><bpmn:flowNodeRef>a</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>
    ${ends}<bpmn:serviceTask id="a" name="Old"><bpmn:documentation>Kept</bpmn:documentation><bpmn:extensionElements><zeebe:taskDefinition type="job"/></bpmn:extensionElements></bpmn:serviceTask>
    <bpmn:serviceTask id="b"/>${flow('s', 'a')}${flow('a', 'b')}${flow('b', 'e')}`,
  );
  const model = await readOne(source);
  const [s, e, a] = model.body.nodes as [ProcessNode, ProcessNode, ProcessNode];
  const edited: ProcessModel = {
    ...model,
    code: 'q',
    title: 'Renamed',
    body: {
      nodes: [
        s,
        e,
        { ...a, name: 'New' },
        { kind: 'user', id: 'c', candidates: { roles: ['kam'] }, outcomes: ['yes'] },
      ],
      flows: [model.body.flows[0]!, { id: 'a_c', from: 'a', to: 'c' }, { id: 'c_e', from: 'c', to: 'e' }],
    },
  };
  const written = await writeBpmn([edited]);
  assert.deepEqual(bare(await readOne(written)), bare(edited));
  for (const kept of ['Kept', 'zeebe:taskDefinition', 'lane id="lane"']) assert.ok(written.includes(kept), kept);
  assert.ok(!written.includes('id="b"'));
});

test('several processes leave in one file and come back as they were', async () => {
  const two = ['first', 'second'].map((code): ProcessModel => {
    const { body, ...model } = modelOf({ is: 'task' });
    const renamed = JSON.parse(JSON.stringify(body).replaceAll(/"(\w+\d+)"/g, `"${code}-$1"`)) as Body;
    return { ...model, code, body: renamed };
  });
  const { models } = await readBpmn(await writeBpmn(two));
  assert.deepEqual(models.map(bare), two);
});

test('Camunda’s assignment, effect, decision, call, loop and correlation are read where their meaning is plain', async () => {
  const extended = (inside: string) => `<bpmn:extensionElements>${inside}</bpmn:extensionElements>`;
  const xml = file(
    `<bpmn:userTask id="u">${extended('<zeebe:assignmentDefinition assignee="=owner" candidateGroups="sales, legal"/>')}
      <bpmn:multiInstanceLoopCharacteristics>${extended('<zeebe:loopCharacteristics inputCollection="=items" inputElement="item"/>')}</bpmn:multiInstanceLoopCharacteristics></bpmn:userTask>
    <bpmn:serviceTask id="v">${extended('<zeebe:taskDefinition type="notify"/><zeebe:ioMapping><zeebe:input source="=a" target="b"/></zeebe:ioMapping>')}</bpmn:serviceTask>
    <bpmn:businessRuleTask id="r">${extended('<zeebe:calledDecision decisionId="risk" resultVariable="level"/>')}</bpmn:businessRuleTask>
    <bpmn:callActivity id="c">${extended('<zeebe:calledElement processId="Other_One"/>')}</bpmn:callActivity>
    <bpmn:intermediateCatchEvent id="m"><bpmn:messageEventDefinition messageRef="msg"/></bpmn:intermediateCatchEvent>
    <bpmn:exclusiveGateway id="x"/><bpmn:endEvent id="e"/>${flow('x', 'e', '<bpmn:conditionExpression>=amount &gt; 5</bpmn:conditionExpression>')}`,
    `<bpmn:message id="msg" name="paid">${extended('<zeebe:subscription correlationKey="=orderId"/>')}</bpmn:message>`,
  );
  const { body } = await readOne(xml);
  const of = (id: string) => body.nodes.find((node) => node.id === id);
  assert.deepEqual(of('u'), {
    kind: 'user',
    id: 'u',
    candidates: { roles: ['sales', 'legal'], people: 'owner' },
    outcomes: [],
    multi: { sequential: false, over: 'items', as: 'item' },
  });
  assert.deepEqual(of('v'), { kind: 'service', id: 'v', effect: 'notify', input: { b: 'a' } });
  assert.deepEqual(of('r'), { kind: 'business-rule', id: 'r', decision: 'risk', result: 'level' });
  assert.deepEqual(of('c'), { kind: 'call', id: 'c', process: 'other-one' });
  assert.deepEqual(of('m'), {
    kind: 'catch',
    id: 'm',
    event: { type: 'message', message: 'paid', correlate: 'orderId' },
  });
  assert.equal(body.flows[0]!.condition, 'amount > 5');
});

test('conditions in other languages than FEEL are listed, and keep the process from being published', async () => {
  const condition = '<bpmn:conditionExpression>#{amount > 5}</bpmn:conditionExpression>';
  const { unsupported } = await readBpmn(
    file(`<bpmn:exclusiveGateway id="x"/><bpmn:endEvent id="e"/>${flow('x', 'e', condition)}`),
  );
  assert.deepEqual(
    unsupported.map(({ id, blocks }) => [id, blocks]),
    [['x_e', true]],
  );
});
