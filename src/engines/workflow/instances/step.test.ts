import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Body, Flow, ProcessModel, ProcessNode } from '../definitions/process-model.ts';
import { indexModel } from './index-model.ts';
import type { Command, Happening, InstanceState, Token, Values } from './instance-state.ts';
import { type Evaluate, NotAwaitedError, step, unbegun } from './step.ts';

/** Conditions of these tests: a variable's name is true when it is, `=x` is a constant, `list:a,b` a list; what was never set is false. */
const evaluate: Evaluate = (expression, variables) => {
  if (expression === 'broken') throw new Error('it cannot be evaluated');
  if (expression.startsWith('list:')) return expression.slice(5).split(',').filter(Boolean);
  if (expression.startsWith('=')) return expression.slice(1);
  if (expression.startsWith('enough ')) return Number(variables.completed) >= Number(expression.slice(7));
  return expression in variables ? (variables[expression] ?? null) : false;
};

/** `a > b, b > c [if x]`: flows; ids are `a>b`. */
function flowsOf(text: string): Flow[] {
  return text.split(/,\s*/).map((one) => {
    const [, from = '', to = '', condition] = /^(\S+) > (\S+)(?: \[if (.+)\])?$/.exec(one.trim()) ?? [];
    return { id: `${from}>${to}`, from, to, ...(condition ? { condition } : {}) };
  });
}

const body = (nodes: readonly ProcessNode[], flows: string): Body => ({ nodes, flows: flowsOf(flows) });
const user = (id: string, more: object = {}): ProcessNode =>
  ({ kind: 'user', id, candidates: {}, outcomes: ['done'], ...more }) as ProcessNode;
const node = (kind: string, id: string, more: object = {}): ProcessNode => ({ kind, id, ...more }) as ProcessNode;

/** An instance under test: what it told to do so far, and where it stands. */
class Case {
  readonly #model;
  state: InstanceState = unbegun;
  said: Command[] = [];

  constructor(of: Body, variables: Values = {}) {
    const model: ProcessModel = { code: 'test', title: 'Test', variables: [], body: of };
    this.#model = indexModel(model);
    this.tell({ type: 'started', variables });
  }

  tell(happening: Happening): Command[] {
    const before = structuredClone(this.state);
    const given = this.state;
    const { state, commands } = step(this.#model, given, happening, evaluate);
    assert.deepEqual(given, before, 'the state that was given is not changed');
    this.state = state;
    this.said = [...commands];
    return this.said;
  }

  at(id: string): Token {
    const [found] = this.state.tokens.filter((token) => token.node === id && token.rests === 'outside' && !token.multi);
    assert.ok(found, `something waits at ${id}: ${JSON.stringify(this.state.tokens)}`);
    return found;
  }

  done(id: string, set?: Values): Command[] {
    return this.tell({ type: 'completed', token: this.at(id).id, ...(set ? { set } : {}) });
  }

  get where(): string[] {
    return this.state.tokens.map((token) => token.node + (token.rests === 'outside' ? '' : `:${token.rests}`)).sort();
  }

  get variables(): Values {
    return this.state.runs[0]?.variables ?? {};
  }
}

test('one task after another, and the end tells what came of it', () => {
  const end = node('end', 'e', { outcome: 'approved' });
  const one = new Case(body([node('start', 's'), user('a'), user('b'), end], 's > a, a > b, b > e'));
  assert.deepEqual(one.where, ['a']);
  one.done('a', { x: 1 });
  assert.deepEqual([one.where, one.variables], [['b'], { x: 1 }]);
  assert.deepEqual(one.done('b'), [
    { do: 'withdraw', token: 2 },
    { do: 'end', status: 'completed', outcome: 'approved' },
  ]);
  assert.throws(() => one.tell({ type: 'completed', token: 2 }), NotAwaitedError);
});

test('an exclusive gateway takes the first way that holds, else the default; without either it is an incident', () => {
  const nodes = [node('start', 's'), node('exclusive', 'x', { default: 'x>c' }), user('a'), user('b'), user('c')];
  const flows = 's > x, x > a [if big], x > b [if red], x > c';
  assert.deepEqual(new Case(body(nodes, flows), { big: true, red: true }).where, ['a']);
  assert.deepEqual(new Case(body(nodes, flows), { red: true }).where, ['b']);
  assert.deepEqual(new Case(body(nodes, flows)).where, ['c']);
  const closed = new Case(body([node('start', 's'), node('exclusive', 'x'), user('a')], 's > x, x > a [if big]'));
  assert.deepEqual(closed.where, ['x:incident']);
  assert.equal(closed.said.at(-1)?.do, 'incident');
  closed.tell({ type: 'retried', token: closed.state.tokens[0]!.id, set: { big: true } });
  assert.deepEqual(closed.where, ['a']);
});

test('a condition that is neither true nor false takes no way, not the default either: it is an incident until it is mended', () => {
  const nodes = (kind: string) => [
    node('start', 's'),
    node(kind, 'x', { default: 'x>c' }),
    user('a'),
    user('b'),
    user('c'),
  ];
  const flows = 's > x, x > a [if big], x > b [if red], x > c';
  const of = (kind: string, variables: Values) => new Case(body(nodes(kind), flows), variables);
  for (const answer of [null, 'yes', 1, []]) {
    for (const kind of ['exclusive', 'inclusive']) {
      const stopped = of(kind, { big: answer, red: true });
      assert.deepEqual(stopped.where, ['x:incident'], `${kind}, ${JSON.stringify(answer)}`);
      const [said] = stopped.said;
      assert.match(
        said?.do === 'incident' ? said.message : '',
        /^The condition of "x>a" is neither true nor false: big\./,
      );
      stopped.tell({ type: 'retried', token: stopped.state.tokens[0]!.id, set: { big: false } });
      assert.deepEqual(stopped.where, ['b']);
    }
  }
  assert.deepEqual(
    of('exclusive', { big: true, red: null }).where,
    ['a'],
    'behind the way that holds nothing is asked',
  );
  assert.deepEqual(of('inclusive', { big: true, red: null }).where, ['x:incident'], 'here every way is asked');
});

test('a parallel join waits for every way, an inclusive one for those that can still come', () => {
  const both = body(
    [node('start', 's'), node('parallel', 'f'), user('a'), user('b'), node('parallel', 'j'), user('z')],
    's > f, f > a, f > b, a > j, b > j, j > z',
  );
  const parallel = new Case(both);
  assert.deepEqual(parallel.where, ['a', 'b']);
  parallel.done('a');
  assert.deepEqual(parallel.where, ['b', 'j:join']);
  parallel.done('b');
  assert.deepEqual(parallel.where, ['z']);

  const some = body(
    [node('start', 's'), node('inclusive', 'f'), user('a'), user('b'), user('c'), node('inclusive', 'j'), user('z')],
    's > f, f > a [if a], f > b [if b], f > c [if c], a > j, b > j, c > j, j > z',
  );
  const two = new Case(some, { a: true, c: true });
  assert.deepEqual(two.where, ['a', 'c']);
  two.done('c');
  assert.deepEqual(two.where, ['a', 'j:join']);
  two.done('a');
  assert.deepEqual(two.where, ['z'], 'the way through b was never taken');
});

test('an inclusive join does not wait for what stands behind it or in a loop that leads back to it', () => {
  const loop = body(
    [
      node('start', 's'),
      node('inclusive', 'j'),
      user('a'),
      node('exclusive', 'x', { default: 'x>e' }),
      node('end', 'e'),
    ],
    's > j, j > a, a > x, x > j [if again], x > e',
  );
  const one = new Case(loop);
  assert.deepEqual(one.where, ['a']);
  one.done('a', { again: true });
  assert.deepEqual(one.where, ['a']);
  one.done('a', { again: false });
  assert.equal(one.state.status, 'completed');
});

test('an inclusive join waits for who can come by an event at the edge of a task, and only as long as it can', () => {
  const late = node('boundary', 'late', { attachedTo: 'b', interrupting: true, event: { type: 'timer', timer: {} } });
  const nodes = [node('start', 's'), node('parallel', 'f'), user('a'), user('b'), late, node('inclusive', 'j')];
  const of = body([...nodes, user('z'), user('y')], 's > f, f > a, f > b, a > j, late > j, b > y, j > z');
  const [fired, done] = [new Case(of), new Case(of)];
  for (const one of [fired, done]) {
    one.done('a');
    assert.deepEqual(one.where, ['b', 'j:join']);
  }
  fired.tell({ type: 'caught', token: fired.at('b').id, event: 'late' });
  assert.deepEqual(fired.where, ['z']);
  done.done('b');
  assert.deepEqual(done.where, ['y', 'z']);
});

test('ways that meet where they cannot all arrive are an incident, not an instance that hangs', () => {
  const wrong = body(
    [node('start', 's'), node('exclusive', 'x', { default: 'x>b' }), user('a'), user('b'), node('parallel', 'j')],
    's > x, x > a [if a], x > b, a > j, b > j',
  );
  const stuck = new Case(wrong);
  stuck.done('b');
  assert.deepEqual(stuck.where, ['j:incident']);
  const round = body([node('start', 's'), node('exclusive', 'x'), node('exclusive', 'y')], 's > x, x > y, y > x');
  assert.match(JSON.stringify(new Case(round).said), /goes round without ever waiting/);
});

test('ways that can never meet inside a sub-process are an incident too, whatever waits beside it', () => {
  const inside = body(
    [node('start', 'is'), node('exclusive', 'x', { default: 'x>b' }), user('a'), user('b'), node('parallel', 'j')],
    'is > x, x > a [if a], x > b, a > j, b > j',
  );
  const of = body([node('start', 's'), node('sub-process', 'p', { body: inside }), user('z')], 's > p, s > z');
  const stuck = new Case(of);
  stuck.done('b');
  assert.deepEqual(stuck.where, ['j:incident', 'p', 'z']);
});

test('only an activity that was opened takes an answer, and an answer that cannot be used is an incident', () => {
  const inside = body([node('start', 'is'), user('i')], 'is > i');
  const catches = node('catch', 'c', { event: { type: 'signal', signal: 'go' } });
  const of = body([node('start', 's'), node('sub-process', 'p', { body: inside }), catches], 's > p, s > c');
  const one = new Case(of);
  for (const id of ['p', 'c']) {
    assert.throws(() => one.tell({ type: 'completed', token: one.at(id).id }), NotAwaitedError);
  }
  const multi = { sequential: false, over: 'list:a,b', as: 'one', collect: { into: 'all', value: 'broken' } };
  const many = new Case(body([node('start', 's'), user('v', { multi }), user('z')], 's > v, v > z'));
  many.tell({ type: 'completed', token: many.at('v').id });
  assert.deepEqual(many.where, ['v', 'v:incident']);
  const owner = many.state.tokens.find(({ rests }) => rests === 'incident')!;
  many.tell({ type: 'retried', token: owner.id });
  assert.equal(many.said.filter((command) => command.do === 'open').length, 2, 'the whole activity begins again');
});

test('a sub-process ends when all of it ended, keeps its own variables and is cut off by its edge', () => {
  const inside = body([node('start', 'is'), user('i'), user('k'), node('end', 'ie')], 'is > i, is > k, i > ie, k > ie');
  const boundary = node('boundary', 'late', {
    attachedTo: 'p',
    interrupting: true,
    event: { type: 'timer', timer: {} },
  });
  const of = body(
    [node('start', 's'), node('sub-process', 'p', { body: inside }), boundary, user('z'), user('l')],
    's > p, p > z, late > l',
  );
  const whole = new Case(of);
  assert.ok(whole.said.some((one) => one.do === 'await' && one.event === 'late'));
  whole.done('i');
  assert.deepEqual(whole.where, ['k', 'p']);
  whole.done('k');
  assert.deepEqual(whole.where, ['z']);
  assert.equal(whole.state.runs.length, 1);

  const cut = new Case(of);
  const owner = cut.at('p');
  const inner = [cut.at('i').id, cut.at('k').id];
  const commands = cut.tell({ type: 'caught', token: owner.id, event: 'late' });
  assert.deepEqual(cut.where, ['l']);
  const withdrawn = commands.flatMap((one) => (one.do === 'withdraw' ? [one.token] : []));
  assert.deepEqual(withdrawn, [...inner, owner.id]);
});

test('an event that does not interrupt begins a way beside, as often as it comes', () => {
  const boundary = node('boundary', 'nag', {
    attachedTo: 'a',
    interrupting: false,
    event: { type: 'timer', timer: {} },
  });
  const of = body(
    [node('start', 's'), user('a'), boundary, user('r'), node('end', 'e')],
    's > a, a > e, nag > r, r > e',
  );
  const one = new Case(of);
  one.tell({ type: 'caught', token: one.at('a').id, event: 'nag' });
  one.tell({ type: 'caught', token: one.at('a').id, event: 'nag' });
  assert.deepEqual(one.where, ['a', 'r', 'r']);
  one.done('a');
  one.done('r');
  one.done('r');
  assert.equal(one.state.status, 'completed');
});

test('an error goes to the nearest edge that takes it, else it is an incident or the instance fails', () => {
  const edge = (id: string, at: string, code?: string) =>
    node('boundary', id, { attachedTo: at, interrupting: true, event: { type: 'error', ...(code ? { code } : {}) } });
  const inside = body([node('start', 'is'), node('service', 'pay', { effect: 'pay' })], 'is > pay');
  const of = body(
    [
      ...[node('start', 's'), node('sub-process', 'p', { body: inside }), edge('poor', 'p', 'no_money'), user('u')],
      node('end', 'e'),
    ],
    's > p, p > e, poor > u',
  );
  const taken = new Case(of);
  taken.tell({ type: 'failed', token: taken.at('pay').id, code: 'no_money', message: 'no money' });
  assert.deepEqual(taken.where, ['u']);
  const other = new Case(of);
  const [incident] = other.tell({
    type: 'failed',
    token: other.at('pay').id,
    code: 'down',
    message: 'the bank is down',
  });
  assert.deepEqual(incident, {
    do: 'incident',
    token: other.state.tokens[1]!.id,
    node: 'pay',
    message: 'the bank is down',
  });
  other.tell({ type: 'retried', token: other.state.tokens[1]!.id });
  assert.equal(other.said[0]?.do, 'withdraw', 'what its edge awaited is awaited anew');
  assert.deepEqual(other.said.slice(1), [{ do: 'open', token: other.state.tokens[1]!.id, node: 'pay', variables: {} }]);

  const thrown = new Case(
    body([node('start', 's'), node('end', 'e', { event: { type: 'error', code: 'x' } })], 's > e'),
  );
  assert.deepEqual([thrown.state.status, thrown.said], ['failed', [{ do: 'end', status: 'failed', error: 'x' }]]);
});

test('an escalation is told to the edge and goes on; without an edge nothing happens', () => {
  const inside = body(
    [node('start', 'is'), node('throw', 't', { event: { type: 'escalation', code: 'big' } }), user('i')],
    'is > t, t > i',
  );
  const edge = node('boundary', 'up', { attachedTo: 'p', interrupting: false, event: { type: 'escalation' } });
  const nodes = [node('start', 's'), node('sub-process', 'p', { body: inside }), user('boss')];
  const told = new Case(body([...nodes, edge], 's > p, up > boss'));
  assert.deepEqual(told.where, ['boss', 'i', 'p']);
  assert.deepEqual(new Case(body(nodes, 's > p')).where, ['i', 'p']);
});

test('a terminating end takes everything of its run away, also what waits outside', () => {
  const of = body(
    [
      node('start', 's'),
      node('parallel', 'f'),
      user('a'),
      user('b'),
      node('end', 't', { event: { type: 'terminate' } }),
    ],
    's > f, f > a, f > b, a > t',
  );
  const one = new Case(of);
  const other = one.at('b').id;
  const commands = one.done('a');
  assert.equal(one.state.status, 'completed');
  assert.ok(commands.some((command) => command.do === 'withdraw' && command.token === other));
});

test('an event gateway takes the event that comes first', () => {
  const catches = [
    node('catch', 'paid', { event: { type: 'message', message: 'paid' } }),
    node('catch', 'late', { event: { type: 'timer', timer: { after: 'P1D' } } }),
  ];
  const of = body(
    [node('start', 's'), node('event', 'g'), ...catches, user('a'), user('b')],
    's > g, g > paid, g > late, paid > a, late > b',
  );
  const one = new Case(of);
  assert.deepEqual(
    one.said.map((command) => command.do === 'await' && command.event),
    ['paid', 'late'],
  );
  const token = one.at('g').id;
  one.tell({ type: 'caught', token, event: 'paid', content: { amount: 7 } });
  assert.deepEqual([one.where, one.variables], [['a'], { amount: 7 }]);
  assert.throws(() => one.tell({ type: 'caught', token, event: 'late' }), NotAwaitedError, 'the other came too late');
});

test('an activity over a list runs at once or one by one, gathers what each gives, and stops when it is enough', () => {
  const multi = (sequential: boolean, more = {}) => ({
    multi: { sequential, over: 'people', as: 'person', collect: { into: 'votes', value: 'vote' }, ...more },
  });
  const of = (more: object) => body([node('start', 's'), user('v', more), user('z')], 's > v, v > z');
  const people = ['ann', 'bob', 'cyd'];
  const together = new Case(of(multi(false)), { people });
  assert.equal(together.said.filter((command) => command.do === 'open').length, 3);
  const voters = () => together.state.tokens.filter((token) => token.node === 'v' && !token.multi);
  const [, second] = voters();
  const runOfBob = together.state.runs.find(({ variables }) => variables.person === 'bob');
  assert.equal(second?.run, runOfBob?.id);
  together.tell({ type: 'completed', token: second!.id, set: { vote: 'no' } });
  for (const { id } of voters()) together.tell({ type: 'completed', token: id, set: { vote: 'yes' } });
  assert.deepEqual(together.where, ['z']);
  assert.equal((together.variables.votes as string[]).length, 3);

  const ordered = new Case(of(multi(true)), { people });
  assert.equal(ordered.said.filter((command) => command.do === 'open').length, 1);
  ordered.done('v');
  ordered.done('v');
  ordered.done('v');
  assert.deepEqual(ordered.where, ['z']);

  const early = new Case(of(multi(false, { until: 'enough 2' })), { people });
  early.tell({ type: 'completed', token: early.at('v').id });
  const commands = early.tell({ type: 'completed', token: early.at('v').id });
  assert.deepEqual(early.where, ['z']);
  assert.ok(
    commands.some((command) => command.do === 'withdraw'),
    'the third task is taken back',
  );

  const untold = new Case(of(multi(true, { until: 'enough' })), { people, enough: null });
  untold.done('v');
  assert.deepEqual(untold.where, ['v:incident'], 'whether it is enough cannot be told');
  assert.match(JSON.stringify(untold.said), /What ends \\"v\\" early is neither true nor false: enough\./);
  untold.tell({ type: 'retried', token: untold.state.tokens[0]!.id, set: { enough: true } });
  untold.done('v');
  assert.deepEqual(untold.where, ['z']);
  const side = new Case(of(multi(false, { until: 'enough' })), { people, enough: null });
  side.done('v');
  side.done('v', { enough: true });
  side.done('v');
  assert.deepEqual(side.where, ['v:incident'], 'what was under way beside it does not end it');
  const last = new Case(of(multi(true, { until: 'enough' })), { people: ['ann'], enough: null });
  last.done('v');
  assert.deepEqual(last.where, ['z'], 'behind the last nothing is asked');

  assert.deepEqual(new Case(of(multi(false)), { people: [] }).where, ['z'], 'over nothing, nothing is done');
  assert.deepEqual(new Case(of(multi(false)), { people: 'ann' }).where, ['v:incident']);
});

test('what has a value already is hidden from no run of an activity', () => {
  const multi = { sequential: true, over: 'list:a,b', as: 'spend' };
  const hiding = new Case(body([node('start', 's'), user('v', { multi })], 's > v'), { spend: '9000' });
  assert.deepEqual(hiding.where, ['v:incident']);
  assert.match(JSON.stringify(hiding.said), /\\"spend\\", which has a value already/);
});
