import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Problem } from '#problem';
import { checkExpression } from '../decisions/index.ts';
import { checkCalls, checkModel, type ParseFeel } from './check-model.ts';
import { checkSoundness } from './check-soundness.ts';
import type { Flow, ProcessModel, ProcessNode, UserTask } from './process-model.ts';
import { blocks, modelOf } from './test-models.ts';

/** The product's own parser; it tells no names. */
const parse: ParseFeel = (expression, names, kind) => {
  if (kind === 'expression') checkExpression(expression, names);
  return [];
};

const ask: UserTask = {
  kind: 'user',
  id: 'ask',
  name: 'Ask',
  candidates: { permission: 'p' },
  outcomes: ['yes', 'no'],
};
const start: ProcessNode = { kind: 'start', id: 's' };
const end: ProcessNode = { kind: 'end', id: 'e' };
const flow = (from: string, to: string, more: Partial<Flow> = {}): Flow => ({ id: `${from}-${to}`, from, to, ...more });

/** A process with one user task, changed. */
const model = (
  more: Partial<ProcessModel> = {},
  nodes: readonly ProcessNode[] = [ask],
  flows?: readonly Flow[],
): ProcessModel => ({
  code: 'p',
  title: 'P',
  variables: [{ name: 'amount', type: 'number' }],
  body: { nodes: [start, ...nodes, end], flows: flows ?? [flow('s', 'ask'), flow('ask', 'e')] },
  ...more,
});

const told = (of: ProcessModel) => checkModel(of, parse).map(({ message }) => message);
const task = (more: Partial<UserTask>) => told(model({}, [{ ...ask, ...more }]));

test('a right process has no mistakes, however its blocks stand inside each other', () => {
  assert.deepEqual(told(model()), []);
  fc.assert(
    fc.property(blocks, (block) => assert.deepEqual(told(modelOf(block)), [])),
    { numRuns: 100 },
  );
});

test('mistakes of the head are told: code, title, variables, what the file held that is not executed', () => {
  assert.match(told(model({ code: 'Big One' }))[0]!, /"Big One" is no code/);
  assert.match(told(model({ title: ' ' }))[0]!, /no title/);
  const twice = { name: 'amount', type: 'number' as const };
  assert.deepEqual(told(model({ variables: [twice, twice] })), ['The variable "amount" is declared twice.']);
  assert.match(told(model({ variables: [{ ...twice, type: 'json' as 'list' }] }))[0]!, /unknown type "json"/);
  const script = { element: 'bpmn:ScriptTask', id: 'x', name: 'Run', why: 'is a script', blocks: true };
  assert.deepEqual(told(model({ unsupported: [script, { ...script, blocks: false }] })), [
    '"Run" (x) (ScriptTask) is a script.',
  ]);
});

test('flows that end nowhere, splits without a gateway and misplaced conditions are told with their element', () => {
  assert.match(told(model({}, [ask], [flow('s', 'ask')]))[0]!, /"Ask" \(ask\) leads nowhere/);
  assert.match(told(model({}, [ask], [flow('s', 'ask'), flow('ask', 'gone')])).join(), /"ask-gone" leads to "gone"/);
  assert.match(
    told(model({}, [ask], [flow('s', 'ask'), flow('ask', 'e'), flow('s', 'e')])).join(),
    /"s" has 2 ways on/,
  );
  assert.match(
    told(model({}, [ask], [flow('s', 'ask', { condition: 'amount > 1' }), flow('ask', 'e')])).join(),
    /"s" does not choose/,
  );
  assert.match(
    told(model({}, [ask], [flow('s', 'ask'), flow('ask', 'e'), flow('e', 'ask')])).join(),
    /leads on from the end/,
  );
});

test('an exclusive gateway needs conditions and a default, and its conditions must be FEEL', () => {
  const choose = (gateway: Partial<ProcessNode>, condition?: string) =>
    told(
      model(
        {},
        [{ kind: 'exclusive', id: 'x', ...gateway } as ProcessNode, ask],
        [
          flow('s', 'x'),
          flow('x', 'ask', condition === undefined ? {} : { condition }),
          flow('x', 'e'),
          flow('ask', 'e'),
        ],
      ),
    );
  assert.deepEqual(choose({ default: 'x-e' } as Partial<ProcessNode>, 'amount > 1'), []);
  assert.match(choose({}, 'amount > 1').join(), /"x-e" needs a condition/);
  assert.match(choose({ default: 'x-e' } as Partial<ProcessNode>).join(), /"x-ask" needs a condition/);
  assert.match(
    choose({ default: 'nowhere' } as Partial<ProcessNode>, 'amount > 1').join(),
    /"nowhere", which is none of its flows/,
  );
  assert.match(
    choose({ default: 'x-e' } as Partial<ProcessNode>, 'amount >').join(),
    /a condition that cannot be used/,
  );
  assert.match(choose({ default: 'x-e' } as Partial<ProcessNode>, ' ').join(), /it is empty/);
});

test('a gateway that might take no flow needs a default, be it exclusive or inclusive', () => {
  for (const kind of ['exclusive', 'inclusive'] as const) {
    const nodes: ProcessNode[] = [{ kind, id: 'x' }, ask];
    const condition = 'amount > 1';
    const flows = [flow('s', 'x'), flow('x', 'ask', { condition }), flow('x', 'e', { condition }), flow('ask', 'e')];
    assert.match(told(model({}, nodes, flows)).join(), /"x" takes no flow where no condition holds/);
  }
});

test('names that the parser tells and the process does not declare are told', () => {
  const telling: ParseFeel = () => ['ask', 'amount', 'margin'];
  const of = model({}, [{ ...ask, candidates: { people: 'margin' } }]);
  assert.match(checkModel(of, telling)[0]!.message, /no variable "margin"/);
});

test('a mistake of the parser itself is not taken for one of the model', () => {
  const broken: ParseFeel = () => {
    throw new TypeError('broken');
  };
  assert.throws(() => checkModel(model({}, [{ ...ask, candidates: { people: 'x' } }]), broken), TypeError);
  const refusing: ParseFeel = () => {
    throw new Problem('decision.refused', { detail: 'No FEEL.' });
  };
  assert.match(checkModel(model({}, [{ ...ask, candidates: { people: 'x' } }]), refusing)[0]!.message, /No FEEL/);
});

test('ids are unique, also across sub-processes, and such as XML allows', () => {
  const inner: ProcessNode = {
    kind: 'sub-process',
    id: 'ask',
    body: {
      nodes: [
        { kind: 'start', id: 's' },
        { kind: 'end', id: '2' },
      ],
      flows: [flow('s', '2')],
    },
  };
  const messages = told(model({}, [inner])).join();
  assert.match(messages, /"s" has an id that another element/);
  assert.match(messages, /"2" has an id that XML does not allow/);
});

test('a user task says who, what and how many', () => {
  assert.match(task({ candidates: {} })[0]!, /does not say who/);
  assert.match(task({ outcomes: [] })[0]!, /no outcome/);
  assert.match(task({ outcomes: ['yes', 'yes'] })[0]!, /twice the same/);
  assert.match(task({ vote: { needs: { share: 1.5 } } })[0]!, /a share of 1.5/);
  assert.match(task({ vote: { needs: { count: 3 }, seats: 2 } })[0]!, /3 votes of 2/);
  assert.match(task({ vote: { needs: 'consensus', fallback: 'maybe' } })[0]!, /"maybe", which is none/);
  assert.match(task({ due: { after: '48 h' } })[0]!, /"48 h": ISO 8601/);
  assert.deepEqual(task({ due: { after: 'P1DT4H' } }), []);
  assert.match(task({ form: [{ variable: 'margin', label: 'Margin' }] })[0]!, /"margin", which is not declared/);
  assert.match(task({ candidates: { permission: 'p', notActorOf: ['s'] } })[0]!, /"s", which is no user task/);
  assert.match(task({ candidates: { permission: 'p', limitCovers: 'margin' } })[0]!, /"margin", which is not declared/);
  assert.match(
    task({ escalations: [{ after: { after: 'PT1H' }, does: { type: 'complete', outcome: 'late' } }] })[0]!,
    /"late"/,
  );
  assert.match(
    task({ multi: { sequential: false, over: 'people', as: 'amount' } })[0]!,
    /"amount", which is a variable/,
  );
});

test('boundary events are attached to activities, and what they catch is clear', () => {
  const boundary = (more: Partial<ProcessNode & { kind: 'boundary' }>): ProcessNode =>
    ({
      kind: 'boundary',
      id: 'b',
      attachedTo: 'ask',
      interrupting: true,
      event: { type: 'error' },
      ...more,
    }) as ProcessNode;
  const flows = [flow('s', 'ask'), flow('ask', 'e'), flow('b', 'e')];
  const of = (...nodes: ProcessNode[]) => told(model({}, [ask, ...nodes], flows)).join();
  assert.equal(of(boundary({})), '');
  assert.match(of(boundary({ attachedTo: 's' })), /"s", which is no activity/);
  assert.match(of(boundary({ interrupting: false })), /always interrupts/);
  assert.match(of(boundary({}), boundary({ id: 'b2' })), /catches the same as "b"/);
  assert.match(of(boundary({ event: { type: 'timer', timer: { at: 'soon' } } })), /"soon"/);
});

test('processes that call each other in a round are told with the way round, and a missing one by its name', () => {
  const calling = (code: string, process: string): ProcessModel => ({
    ...model({ code }, [{ kind: 'call', id: 'c', process }]),
  });
  assert.deepEqual(checkCalls([calling('a', 'b'), model({ code: 'b' })]), []);
  const round = checkCalls([calling('a', 'b'), calling('b', 'c'), calling('c', 'a')]);
  assert.equal(round.length, 3);
  assert.match(round[0]!.message, /a > b > c > a/);
  assert.match(checkCalls([calling('a', 'z')])[0]!.message, /"z", which is not there/);
  assert.equal(checkCalls([calling('x', 'a'), calling('a', 'a')]).length, 1);
});

test('what checks find sound and right is so together: a process of a thousand nodes is the largest', () => {
  const long = modelOf({ is: 'sequence', of: Array.from({ length: 998 }, () => ({ is: 'task' })) });
  assert.deepEqual(told(long), []);
  assert.deepEqual(checkSoundness(long.body), []);
  const longer = modelOf({ is: 'sequence', of: Array.from({ length: 999 }, () => ({ is: 'task' })) });
  assert.match(told(longer)[0]!, /1001 elements; 1000 are the most/);
});

test('what runs of an activity call their element, or gather into, hides and overwrites nothing of others', () => {
  const list = { name: 'all', type: 'list' as const };
  const inside = (multi: object): ProcessNode => ({
    ...{ kind: 'sub-process', id: 'sub', multi: { sequential: true, over: 'all', as: 'one' } },
    body: {
      nodes: [{ ...start, id: 's2' }, { ...ask, id: 'each', ...multi } as UserTask, { ...end, id: 'e2' }],
      flows: [flow('s2', 'each'), flow('each', 'e2')],
    },
  });
  const over = (more: object, as = 'each') => ({ multi: { sequential: false, over: 'all', as, ...more } });
  const wrong = (nodes: readonly ProcessNode[]) => {
    const ids = nodes.map(({ id }) => id);
    const flows = ['s', ...ids].map((id, at) => flow(id, ids[at] ?? 'e'));
    return told(model({ variables: [list, { name: 'votes', type: 'list' }] }, nodes, flows));
  };
  assert.deepEqual(wrong([ask, inside(over({}, 'two'))]), []);
  assert.match(wrong([ask, inside(over({}, 'ask'))])[0]!, /repeats over "ask", which is what "Ask" \(ask\) decides/);
  assert.match(wrong([ask, inside(over({}, 'one'))])[0]!, /repeats over "one", as "sub" around it does/);
  assert.match(wrong([ask, inside(over({}, 'currency'))])[0]!, /a name of its own/);
  const votes = { collect: { into: 'votes', value: '1' } };
  const both = wrong([{ ...ask, ...over(votes, 'two') }, inside(over(votes, 'three'))]);
  assert.match(both[0]!, /collects into "votes", as "Ask" \((ask|each)\) does/);
});
