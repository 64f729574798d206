import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkSoundness, type SoundnessFinding } from './check-soundness.ts';
import type { Body, ProcessNode } from './process-model.ts';
import { type Block, blocks, Drawing, modelOf, replay } from './test-models.ts';
import { draw, tangles } from './test-tangles.ts';
import { isSoundByPlaying } from './test-token-game.ts';

const kindsOf = (body: Body) => checkSoundness(body).map(({ kind }) => kind);
const only = (body: Body): SoundnessFinding => {
  const findings = checkSoundness(body);
  assert.equal(findings.length, 1, JSON.stringify(findings));
  return findings[0]!;
};

/** Whether one place can have two tokens after a path, or an inclusive join fires a second time on it. */
function isDouble(body: Body, { path, elements }: SoundnessFinding): boolean {
  const tokens = replay(body, path);
  if ([...tokens.values()].some((count) => count > 1)) return true;
  const joins = body.nodes.filter(({ id, kind }) => kind === 'inclusive' && elements.includes(id));
  if (joins.some(({ id }) => path.indexOf(id) < path.lastIndexOf(id))) return true;
  return body.flows.filter(({ id, to }) => elements.includes(to) && tokens.has(id)).length > 1;
}

test('a parallel join of exclusive branches waits for ever, and the path to it can be replayed', () => {
  const body = draw('s > x1 > a > p2 > e; x1 > b > p2');
  const finding = only(body);
  assert.equal(finding.kind, 'deadlock');
  assert.deepEqual(finding.elements, ['p2']);
  assert.deepEqual([...replay(body, finding.path).keys()].length, 1);
});

test('an exclusive merge of parallel branches does what follows twice, and the path leaves two tokens there', () => {
  const body = draw('s > p1 > a > x2 > c > e; p1 > b > x2');
  const finding = only(body);
  assert.equal(finding.kind, 'double-execution');
  assert.deepEqual(finding.elements, ['x2']);
  assert.ok(isDouble(body, finding), finding.path.join(' '));
});

test('parallel branches may each have their end, or share one that does nothing', () => {
  assert.deepEqual(kindsOf(draw('s > p1 > a > e1; p1 > b > e2')), []);
  assert.deepEqual(kindsOf(draw('s > p1 > a > e1; p1 > b > e1')), []);
  const sends: ProcessNode = { kind: 'end', id: 'e1', event: { type: 'message', message: 'done' } };
  assert.deepEqual(kindsOf(draw('s > p1 > a > e1; p1 > b > e1', [sends])), ['double-execution']);
});

test('a loop without an exit, one that only leads on into itself, and what nothing leads to are named', () => {
  assert.deepEqual(kindsOf(draw('s > x1 > a > x2 > b > x1; x2 > c > x1; x3 > e')), ['unreachable']);
  const round = only(draw('s > x0 > e; x0 > x1 > a > x2 > b > x1; x2 > c > x1'));
  assert.equal(round.kind, 'no-way-out');
  assert.deepEqual(new Set(round.elements), new Set(['x1', 'a', 'x2', 'b', 'c']));
  assert.deepEqual(round.path, ['s', 's>x0', 'x0', 'x0>x1', 'x1']);
  const beside = only(draw('s > p0 > e; p0 > x1 > a > x2 > x1; x2 > c > x1'));
  assert.equal(beside.kind, 'no-way-out');
});

test('a loop with an exit and a loop that a timer leaves are sound', () => {
  assert.deepEqual(kindsOf(draw('s > x1 > a > x2 > x1; x2 > e')), []);
  const timer: ProcessNode = {
    kind: 'boundary',
    id: 'late',
    attachedTo: 'a',
    interrupting: true,
    event: { type: 'timer', timer: { after: 'PT1H' } },
  };
  assert.deepEqual(kindsOf(draw('s > x1 > a > x1; late > e', [timer])), []);
});

test('a loop may start a branch each time round that leads only to an end, but none that something waits for', () => {
  assert.deepEqual(kindsOf(draw('s > x1 > p2 > a > x3 > x1; x3 > e1; p2 > b > c > e2')), []);
  const body = draw('s > x1 > p2 > a > x3 > x1; x3 > p4 > e1; p2 > b > p4');
  const finding = only(body);
  assert.equal(finding.kind, 'double-execution');
  assert.ok(isDouble(body, finding), finding.path.join(' '));
});

test('branches that a loop starts again must not be joined with each other: those of two rounds could get mixed', () => {
  const body = draw('s > x0 > p1 > x2 > x0; x2 > e1; p1 > a > p3 > e3; p1 > b > p3');
  assert.deepEqual(kindsOf(body), ['double-execution']);
});

test('behind a sub-process that only fails nothing ever happens', () => {
  const fails: ProcessNode = { kind: 'end', id: 'e9', event: { type: 'error', code: 'no' } };
  const failing: ProcessNode = { kind: 'sub-process', id: 'sub', body: draw('s1 > e9', [fails]) };
  const finding = only(draw('s > x1 > sub > e; x1 > a > e', [failing]));
  assert.equal(finding.kind, 'unreachable');
  assert.deepEqual(finding.elements, ['sub>e']);
  const sometimes: ProcessNode = { ...failing, body: draw('s1 > x9 > e9; x9 > e8', [fails]) };
  assert.deepEqual(kindsOf(draw('s > p1 > sub > p2 > e; p1 > a > p2', [sometimes])), []);
});

test('an inclusive join waits for every branch that was taken and for no other', () => {
  assert.deepEqual(kindsOf(draw('s > o1 > a > o2 > e; o1 > b > o2; o1 > c > o2')), []);
  assert.deepEqual(kindsOf(draw('s > o1 > a > o2 > e; o1 > b > x3 > o2; x3 > e3')), []);
  assert.deepEqual(kindsOf(draw('s > p1 > a > o2 > e; p1 > b > x3 > o2; x3 > e3')), []);
  assert.deepEqual(kindsOf(draw('s > o1 > a > p2 > e; o1 > b > p2')), ['deadlock']);
  assert.deepEqual(kindsOf(draw('s > o1 > a > x2 > c > e; o1 > b > x2')), ['double-execution']);
});

test('an inclusive join does not wait for who comes round a loop to all of its branches alike', () => {
  const ends: ProcessNode = { kind: 'end', id: 'e9', event: { type: 'terminate' } };
  const loop = 's > x0 > p1 > o1 > a > x5 > o2 > p3 > x4 > e1; x5 > e9; o1 > b > o2; p1 > c > p3; x4 > x0';
  assert.deepEqual(kindsOf(draw(loop, [ends])), []);
});

test('two inclusive joins that wait for each other are a deadlock', () => {
  const body = draw('s > p1 > o2 > a > o3; p1 > o3 > b > x4 > o2; x4 > e; o3 > e2');
  assert.deepEqual(kindsOf(body), ['deadlock']);
});

test('the default flow of an inclusive gateway is taken alone', () => {
  const split: ProcessNode = { kind: 'inclusive', id: 'o1', default: 'o1>d' };
  assert.deepEqual(kindsOf(draw('s > o1 > a > o2 > x3 > e; o1 > b > o2; o1 > d > x3', [split])), []);
});

test('a terminate end leaves no branch behind, so a join that could wait for ever is reached by nobody', () => {
  const ends: ProcessNode = { kind: 'end', id: 'e9', event: { type: 'terminate' } };
  assert.deepEqual(kindsOf(draw('s > p1 > a > p2 > e; p1 > b > x3 > p2; x3 > e9', [ends])), []);
  assert.deepEqual(kindsOf(draw('s > p1 > a > p2 > e; p1 > b > x3 > p2; x3 > e9')), ['deadlock']);
});

test('a terminate end gets a branch out of a loop that has no other way out', () => {
  const ends: ProcessNode = { kind: 'end', id: 'e9', event: { type: 'terminate' } };
  const loop = 's > p1 > x1 > a > x2 > x1; x2 > c > x1; p1 > b > e9';
  assert.deepEqual(kindsOf(draw(loop, [ends])), []);
  assert.deepEqual(kindsOf(draw(loop)), ['no-way-out']);
  const perhaps = draw('s > p1 > x1 > a > x2 > x1; x2 > c > x1; p1 > x4 > e9; x4 > e3', [ends]);
  assert.deepEqual(kindsOf(perhaps), ['no-way-out']);
});

test('an interrupting event takes the token, one beside it adds one', () => {
  const boundary = (interrupting: boolean): ProcessNode => ({
    kind: 'boundary',
    id: 'late',
    attachedTo: 'a',
    interrupting,
    event: { type: 'timer', timer: { after: 'PT1H' } },
  });
  assert.deepEqual(kindsOf(draw('s > a > x1 > c > e; late > b > x1', [boundary(true)])), []);
  const body = draw('s > a > x1 > c > e; late > b > x1', [boundary(false)]);
  const finding = only(body);
  assert.equal(finding.kind, 'double-execution');
  assert.ok(isDouble(body, finding), finding.path.join(' '));
  assert.deepEqual(kindsOf(draw('s > a > p1 > c > e; late > b > p1', [boundary(true)])), ['deadlock']);
});

test('what leaves a sub-process by an error follows the event that catches it, and nothing else', () => {
  const failing: ProcessNode = {
    kind: 'sub-process',
    id: 'sub',
    body: draw('s1 > x1 > e1; x1 > e9', [{ kind: 'end', id: 'e9', event: { type: 'error', code: 'no' } }]),
  };
  const always: ProcessNode = {
    kind: 'sub-process',
    id: 'sub',
    body: draw('s1 > e9', [{ kind: 'end', id: 'e9', event: { type: 'error', code: 'no' } }]),
  };
  const caught = (code: string): ProcessNode => ({
    kind: 'boundary',
    id: 'err',
    attachedTo: 'sub',
    interrupting: true,
    event: { type: 'error', code },
  });
  assert.deepEqual(kindsOf(draw('s > sub > e; err > b > e', [failing, caught('no')])), []);
  assert.deepEqual(kindsOf(draw('s > sub > e; err > b > e', [failing, caught('other')])), ['unreachable']);
  assert.deepEqual(kindsOf(draw('s > sub > a > e; err > b > e', [always, caught('no')])), ['unreachable']);
});

test('a fault inside of a sub-process is told with the sub-process', () => {
  const sub: ProcessNode = { kind: 'sub-process', id: 'sub', body: draw('s1 > x1 > a > p2 > e1; x1 > b > p2') };
  const finding = only(draw('s > sub > e', [sub]));
  assert.equal(finding.within, 'sub');
  assert.equal(finding.kind, 'deadlock');
});

test('well-structured processes are sound, however their blocks stand inside each other', () => {
  fc.assert(
    fc.property(blocks, (block) => assert.deepEqual(checkSoundness(modelOf(block).body), [])),
    { numRuns: 300 },
  );
});

/** Flow by flow and gateway by gateway: every body that differs by one mistake. */
function mistakes(body: Body): Body[] {
  const removed = body.flows.map(({ id }) => ({ ...body, flows: body.flows.filter((flow) => flow.id !== id) }));
  const swaps = { parallel: 'exclusive', exclusive: 'parallel' } as const;
  const swapped = body.nodes.flatMap((node, at) => {
    const kind = swaps[node.kind as keyof typeof swaps];
    const touching = [...body.flows].filter(({ from, to }) => from === node.id || to === node.id).length;
    if (!kind || touching < 3) return [];
    return [{ ...body, nodes: body.nodes.with(at, { kind, id: node.id } as ProcessNode) }];
  });
  return [...removed, ...swapped];
}

test('each missing flow and each gateway of the wrong kind is found, with a path that can be replayed', () => {
  const simple = fc.letrec<{ block: Block }>((tie) => ({
    block: fc.oneof(
      { maxDepth: 3 },
      fc.constant<Block>({ is: 'task' }),
      fc.record({
        is: fc.constantFrom('sequence', 'exclusive', 'parallel'),
        of: fc.array(tie('block'), { minLength: 2, maxLength: 3 }),
      }) as fc.Arbitrary<Block>,
      fc.record({ is: fc.constant('loop' as const), of: fc.array(tie('block'), { minLength: 2, maxLength: 2 }) }),
    ),
  })).block;
  fc.assert(
    fc.property(simple, (block) => {
      for (const body of mistakes(modelOf(block).body)) {
        const findings = checkSoundness(body);
        const isPlainEnd = body.nodes.some(
          ({ id, kind }) => kind !== 'end' && !body.flows.some(({ from }) => from === id),
        );
        if (findings.length === 0) {
          // A node without a way on is an end of its own: checkModel refuses it. Twice at the same plain end harms nobody.
          assert.ok(isPlainEnd || endsPlainly(body), JSON.stringify(body));
          continue;
        }
        const { kind, path } = findings[0]!;
        const tokens = replay(body, path);
        if (kind === 'double-execution') assert.ok(isDouble(body, findings[0]!), path.join(' '));
        if (kind === 'deadlock') assert.ok(tokens.size > 0 && isStuck(body, tokens), path.join(' '));
      }
    }),
    { numRuns: 60 },
  );
});

/** Whether what may happen twice is only an end. */
function endsPlainly(body: Body): boolean {
  const last = body.flows.filter(({ to }) => body.nodes.some(({ id, kind }) => id === to && kind === 'end'));
  return last.every(({ from }) =>
    body.nodes.some(({ id, kind }) => id === from && (kind === 'parallel' || kind === 'exclusive')),
  );
}

function isStuck(body: Body, tokens: ReadonlyMap<string, number>): boolean {
  return body.nodes.every((node) => {
    const ins = body.flows.filter(({ to }) => to === node.id);
    const marked = ins.filter(({ id }) => tokens.has(id));
    return marked.length === 0 || (node.kind === 'parallel' && marked.length < ins.length);
  });
}

test('on tangles of gateways it says what playing every run in every order says, and its paths can be replayed', () => {
  let sound = 0;
  let unsound = 0;
  fc.assert(
    fc.property(tangles('txxppoez'), (body) => {
      const findings = checkSoundness(body);
      assert.equal(findings.length === 0, isSoundByPlaying(body), JSON.stringify(findings));
      if (findings.length === 0) sound += 1;
      else unsound += 1;
      for (const finding of findings) {
        if (finding.kind === 'double-execution') assert.ok(isDouble(body, finding), finding.path.join(' '));
        if (finding.kind === 'deadlock') assert.ok(replay(body, finding.path).size > 0, finding.path.join(' '));
      }
    }),
    { numRuns: 3_000 },
  );
  assert.ok(sound > 200 && unsound > 200, `${sound} sound, ${unsound} not: the tangles show little`);
});

test('200 nodes with ten branches at once are decided by few states, structured or not', () => {
  const drawing = new Drawing();
  drawing.whole({
    is: 'parallel',
    of: Array.from(
      { length: 10 },
      (): Block => ({ is: 'sequence', of: Array.from({ length: 20 }, () => ({ is: 'task' })) }),
    ),
  });
  assert.deepEqual(checkSoundness(drawing.body()), []);
  // Each branch may also end everything, halfway: no block any more.
  const ends: ProcessNode = { kind: 'end', id: 'e9', event: { type: 'terminate' } };
  const lines = Array.from({ length: 10 }, (_, at) => {
    const tasks = Array.from({ length: 9 }, (_unused, step) => `t${at}-${step}`).join(' > ');
    return `p1 > ${tasks} > x${at} > u${at} > v${at} > w${at} > p2; x${at} > y${at} > e9`;
  });
  assert.deepEqual(kindsOf(draw(`s > p1; p2 > e; ${lines.join('; ')}`, [ends])), []);
});
