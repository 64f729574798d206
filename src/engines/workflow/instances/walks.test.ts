import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkSoundness } from '../definitions/check-soundness.ts';
import { blocks, modelOf } from '../definitions/test-models.ts';
import { draw, tangles } from '../definitions/test-tangles.ts';
import { walkAll, walkOnce } from './test-walks.ts';

test('a process that is sound always comes to its end, and one that is told to wait for ever can do so', () => {
  const told = { sound: 0, deadlock: 0 };
  fc.assert(
    fc.property(tangles('tbbxxppooez'), (body) => {
      const [finding] = checkSoundness(body);
      // What may happen twice comes to an end all the same.
      if (finding && finding.kind !== 'deadlock') return;
      const walks = walkAll(body);
      if (!walks) return;
      assert.equal(walks.stuck.length > 0, finding !== undefined, JSON.stringify([finding, walks.stuck[0]?.tokens]));
      if (!finding) assert.ok(walks.ends);
      told[finding ? 'deadlock' : 'sound'] += 1;
    }),
    { numRuns: 2_000 },
  );
  assert.ok(told.sound > 200 && told.deadlock > 20, `${JSON.stringify(told)}: the tangles show little`);
});

test('well-made processes come to their end, whatever happens in whatever order, round loops and inside of each other', () => {
  fc.assert(
    fc.property(blocks, fc.array(fc.nat(1_000), { maxLength: 100 }), (block, choices) => {
      const { status, tokens } = walkOnce(modelOf(block), choices);
      assert.equal(status, 'completed', JSON.stringify(tokens));
    }),
    { numRuns: 500 },
  );
});

test('an inclusive join does not wait for whom one edge leads to its empty flow and another to its filled one', () => {
  // p3 waits for o2 and leads to both of its flows: if o2 waited for p3, both would wait for ever.
  const body = draw('s > p1 > xa > a > o2 > p3; p1 > xc > p3; xb > o2; p3 > xa; p3 > xb; p3 > xc; late > z', [
    { kind: 'end', id: 'z', event: { type: 'terminate' } },
    {
      ...{ kind: 'boundary', id: 'late', attachedTo: 'a', interrupting: true },
      event: { type: 'timer', timer: { after: 'PT1H' } },
    },
  ]);
  assert.deepEqual(checkSoundness(body), []);
  assert.deepEqual(walkAll(body), { ends: true, stuck: [] });
});

test('what a called process escalates leaves its activity by the edge, as soundness has it: instead of its end, or beside it', () => {
  const calling = (interrupting: boolean, text: string) =>
    draw(text, [
      { kind: 'call', id: 'c', process: 'other' },
      { kind: 'boundary', id: 'edge', attachedTo: 'c', interrupting, event: { type: 'escalation', code: 'low' } },
    ]);
  const merged = 's > c > x1 > e; edge > b > x1';
  assert.deepEqual(checkSoundness(calling(true, merged)), []);
  assert.deepEqual(walkAll(calling(true, merged)), { ends: true, stuck: [] });
  const joined = 's > c > p1 > e; edge > b > p1';
  for (const interrupting of [true, false]) {
    assert.equal(checkSoundness(calling(interrupting, joined))[0]?.kind, 'deadlock', 'nothing may come by the edge');
  }
  assert.ok(walkAll(calling(true, joined))!.stuck.length > 0);
});
