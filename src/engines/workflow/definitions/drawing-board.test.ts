import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BpmnElement } from 'bpmn-moddle';
import {
  codeFor,
  conditionOf,
  definitionOf,
  namedBy,
  renamedIn,
  repetitionOf,
  setCondition,
  setNamed,
  setRepetition,
  setTimer,
  timerOf,
  wordFor,
} from '../../../../web/src/features/process-drawing/drawn-values.ts';
import {
  type Change,
  type Maker,
  otherTools,
  ownOf,
  type Part,
  partsOf,
  setOwn,
} from '../../../../web/src/features/process-drawing/moddle-parts.ts';
import { moddle, parseBpmn } from './bpmn-xml.ts';
import { hashModel } from './hash-model.ts';
import type { ProcessModel, ProcessNode } from './process-model.ts';
import { readBpmn } from './read-bpmn.ts';
import { writeBpmn } from './write-bpmn.ts';

const maker = moddle as unknown as Maker;
const partOf = (element: BpmnElement) => element as unknown as Part;

const nodes: ProcessNode[] = [
  { kind: 'start', id: 'begin' },
  {
    ...{ kind: 'user', id: 'look', name: 'Somebody looks', outcomes: ['approved', 'rejected'] },
    candidates: {
      ...{ permission: 'promotions:approve', roles: ['director', 'legal'], people: 'approvers' },
      ...{ managerOf: { person: 'maker', levels: 2 }, limitCovers: 'spend', notActorOf: ['look_again'] },
      otherwise: { roles: ['executive'], otherwise: { permission: 'workflows:act' } },
    },
    vote: { seats: 3, needs: { share: 0.75 }, veto: true, stopsEarly: false, fallback: 'rejected' },
    due: { after: 'P2D', calendar: 'office' },
    escalations: [
      { after: { after: 'PT4H' }, does: { type: 'remind' } },
      { after: { at: '=end_date' }, does: { type: 'reassign', candidates: { roles: ['executive'] } } },
      { after: { after: 'P3D', calendar: 'office' }, does: { type: 'complete', outcome: 'rejected' } },
      { after: { every: 'R/P1D' }, does: { type: 'escalate', code: 'late' } },
    ],
    form: [
      { variable: 'spend', label: 'Spend', required: true },
      { variable: 'note', label: 'Note', required: false },
    ],
  },
  {
    kind: 'boundary',
    id: 'late',
    attachedTo: 'look',
    interrupting: false,
    event: { type: 'escalation', code: 'late' },
  },
  { kind: 'exclusive', id: 'agreed', default: 'no' },
  {
    ...{ kind: 'user', id: 'look_again', outcomes: ['approved'], candidates: { roles: ['legal'] } },
    multi: {
      sequential: true,
      over: 'lines',
      as: 'line',
      until: 'completed > 1',
      collect: { into: 'seen', value: 'line.id' },
    },
  },
  { kind: 'business-rule', id: 'ask', decision: 'who', input: { spend: 'spend' }, result: 'note' },
  { kind: 'service', id: 'book', effect: 'funds.reserve', input: { amount: 'spend' }, result: 'note' },
  { kind: 'call', id: 'sub', process: 'other', input: { spend: 'spend' }, output: { note: 'answer' } },
  { kind: 'send', id: 'tell', message: 'Told', content: { spend: 'spend' } },
  { kind: 'catch', id: 'later', event: { type: 'timer', timer: { after: 'P1W', calendar: 'office' } } },
  { kind: 'catch', id: 'paid', event: { type: 'message', message: 'Paid', correlate: 'note' } },
  { kind: 'throw', id: 'shout', event: { type: 'signal', signal: 'Done' } },
  {
    kind: 'end',
    id: 'over',
    outcome: 'approved',
    event: { type: 'message', message: 'Told', content: { note: 'note' } },
  },
  { kind: 'end', id: 'failed', event: { type: 'error', code: 'refused' } },
];
const way = ['begin', 'look', 'agreed', 'look_again', 'ask', 'book', 'sub', 'tell', 'later', 'paid', 'shout', 'over'];
const model: ProcessModel = {
  ...{ code: 'everything', title: 'Everything that can be said' },
  variables: [
    { name: 'spend', type: 'number', required: true, allowed: '>= 0' },
    { name: 'note', type: 'string' },
  ],
  body: {
    nodes,
    flows: [
      ...way.slice(1).map((to, at) => ({
        ...{ id: `${way[at]}-${to}`, from: way[at]!, to },
        ...(way[at] === 'agreed' ? { condition: 'look.outcome = "approved"' } : {}),
      })),
      { id: 'no', from: 'agreed', to: 'failed' },
      { id: 'late-failed', from: 'late', to: 'failed' },
    ],
  },
};

async function opened() {
  const { definitions, byId } = await parseBpmn(await writeBpmn([model]));
  const write = async () => {
    const { models } = await readBpmn((await moddle.toXML(definitions, { format: true })).xml);
    return models[0]!;
  };
  return { definitions: partOf(definitions), byId, part: (id: string) => partOf(byId.get(id)!), write };
}

const apply = (changes: readonly Change[]) => {
  for (const { target, properties } of changes)
    for (const [name, value] of Object.entries(properties)) target.set(name, value);
};

const ownTypes = [
  'Candidates',
  'Outcome',
  'Vote',
  'Due',
  'Escalation',
  'Field',
  'Effect',
  'Decision',
  'Input',
  'Output',
];

/** Writes everything anew as it stands, through every field that the panel has. */
function touch(definitions: Part, part: Part): void {
  for (const type of [...ownTypes, 'Content', 'Variable']) apply(setOwn(maker, part, type, ownOf(part, type)));
  apply(setRepetition(maker, part, repetitionOf(part)));
  if (part.$type === 'bpmn:SequenceFlow') apply(setCondition(maker, part, conditionOf(part)));
  for (const holder of [part, definitionOf(part)]) {
    if (!holder) continue;
    if (holder.$type === 'bpmn:TimerEventDefinition') apply(setTimer(maker, holder, timerOf(holder)));
    for (const reference of ['messageRef', 'signalRef', 'errorRef', 'escalationRef'] as const)
      if (holder[reference]) apply(setNamed(maker, definitions, holder, reference, namedBy(holder, reference)));
  }
}

test('what the fields of the drawing board read and write again is the same process', async () => {
  const { definitions, byId, write } = await opened();
  for (const element of byId.values()) if (element.$type.startsWith('bpmn:')) touch(definitions, partOf(element));
  const after = await write();
  assert.deepEqual(after.unsupported, undefined);
  assert.equal(hashModel(after), hashModel(model));
});

test('a task reads as plain values and takes them', async () => {
  const { part, write } = await opened();
  const task = part('look');
  assert.deepEqual(ownOf(task, 'Due'), [{ after: 'P2D', calendar: 'office' }]);
  assert.deepEqual(ownOf(task, 'Vote'), [
    { seats: 3, share: 0.75, veto: true, stopsEarly: false, fallback: 'rejected' },
  ]);
  apply(setOwn(maker, task, 'Candidates', [{ people: '', roles: [{ name: 'finance_controller' }], notActorOf: [] }]));
  apply(setOwn(maker, task, 'Vote', []));
  const { body } = await write();
  const look = body.nodes.find(({ id }) => id === 'look');
  assert.ok(look?.kind === 'user');
  assert.deepEqual([look.candidates, look.vote], [{ roles: ['finance_controller'] }, undefined]);
  assert.deepEqual([look.outcomes, look.escalations?.length], [['approved', 'rejected'], 4], 'the rest stays');
});

test('a message is made, shared and gone by who refers to it', async () => {
  const { definitions, part } = await opened();
  const messages = () =>
    partsOf(definitions.rootElements).flatMap(({ $type, name }) => ($type === 'bpmn:Message' ? [name] : []));
  assert.deepEqual(messages().sort(), ['Paid', 'Told']);
  apply(setNamed(maker, definitions, part('tell'), 'messageRef', 'Paid'));
  assert.deepEqual(messages().sort(), ['Paid', 'Told'], 'the end still tells it');
  apply(setNamed(maker, definitions, definitionOf(part('over'))!, 'messageRef', 'Over '));
  assert.deepEqual(messages().sort(), ['Over', 'Paid']);
  assert.equal(part('tell').messageRef, definitionOf(part('paid'))!.messageRef);
  apply(setNamed(maker, definitions, part('tell'), 'messageRef', ''));
  assert.equal(namedBy(part('tell'), 'messageRef'), '');
});

test('what other tools wrote on an element stays beside ours', async () => {
  const xml = (await writeBpmn([model])).replace(
    '<tradeai:candidates',
    '<z:task xmlns:z="urn:z" a="1"/><tradeai:candidates',
  );
  const { byId, definitions } = await parseBpmn(xml);
  const task = partOf(byId.get('look')!);
  assert.deepEqual(otherTools(task), ['z']);
  apply(setOwn(maker, task, 'Outcome', [{ name: 'agreed' }]));
  assert.match((await moddle.toXML(definitions, { format: true })).xml, /<z:task xmlns:z="urn:z" a="1" ?\/>/);
});

test('names make ids that FEEL can read, and what reads from an element follows its id', () => {
  assert.equal(
    wordFor('Sales looks', () => false),
    'sales_looks',
  );
  assert.equal(
    wordFor('Prüfung: 2. Stufe', () => false),
    'prufung_2_stufe',
  );
  assert.equal(
    wordFor('4 eyes', (id) => id === 'x_4_eyes'),
    'x_4_eyes_2',
  );
  assert.equal(
    wordFor('審査', () => false),
    'element',
  );
  assert.equal(codeFor('Check of a leaflet'), 'check-of-a-leaflet');
  assert.equal(renamedIn('a.outcome = "a.b" or x.a.b or ba.c', 'a', 'b'), 'b.outcome = "a.b" or x.a.b or ba.c');
});
