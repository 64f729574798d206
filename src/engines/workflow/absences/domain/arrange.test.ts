import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Candidate, coverAbsent, giveBack, type Hands } from './arrange.ts';
import { type AbsenceInForce, leadingTo, standInOf } from './stand-in.ts';

const absencesOf = (substitutes: Record<string, string | null>): Map<string, AbsenceInForce> =>
  new Map(
    Object.entries(substitutes).map(([personId, substituteId]) => [
      personId,
      { id: `absence of ${personId}`, personId, substituteId },
    ]),
  );

const heldBy = (...people: string[]): Hands => ({
  candidates: people.map((personId) => ({ personId, givenBy: null })),
  assigneeId: null,
  covers: [],
});

const people = (hands: Hands) => hands.candidates.map(({ personId }) => personId).sort();

test('who is away themselves is passed over for their own substitute, three long at most and never in a circle', () => {
  const standIn = (substitutes: Record<string, string | null>) => standInOf('a', absencesOf(substitutes));
  assert.equal(standIn({ a: 'b' }), 'b');
  assert.equal(standIn({ a: 'b', b: 'c' }), 'c');
  assert.equal(standIn({ a: 'b', b: 'c', c: 'd' }), 'd');
  assert.equal(standIn({ a: 'b', b: 'c', c: 'd', d: 'e' }), null, 'four');
  assert.equal(standIn({ a: 'b', b: 'a' }), null, 'two');
  assert.equal(standIn({ a: 'b', b: 'c', c: 'b' }), null, 'a circle ahead');
  assert.equal(standIn({ a: null }), null);
});

test('whose tasks change hands when somebody goes are those whose substitutes lead there', () => {
  const absences = [...absencesOf({ a: 'b', b: 'c', x: 'y' }).values()];
  assert.deepEqual(leadingTo('c', absences).sort(), ['a', 'b', 'c']);
  assert.deepEqual(leadingTo('x', absences), ['x']);
});

test('a claim goes with the task to who stands in, and comes back with it', () => {
  const before = { ...heldBy('a', 'b'), assigneeId: 'a' };
  const covered = coverAbsent(before, { absences: absencesOf({ a: 's' }), fit: new Set(['s']), voted: null });
  assert.deepEqual([people(covered), covered.assigneeId], [['b', 's'], 's']);
  assert.deepEqual(
    covered.candidates.find(({ personId }) => personId === 's'),
    { personId: 's', givenBy: 'a' },
  );
  const back = giveBack(covered, new Set());
  assert.deepEqual([people(back), back.assigneeId, back.covers], [['a', 'b'], 'a', []]);
});

test('what nobody else has stays with who is away, and a substitute who may not take it gets nothing', () => {
  const alone = coverAbsent(heldBy('a'), { absences: absencesOf({ a: 's' }), fit: new Set(), voted: null });
  assert.deepEqual([people(alone), alone.covers], [['a'], []]);
  const others = coverAbsent(heldBy('a', 'b'), { absences: absencesOf({ a: null }), fit: new Set(), voted: null });
  assert.deepEqual(people(others), ['b']);
});

test('a vote keeps its seats, and a seat that a stand-in has used stays used', () => {
  const absences = absencesOf({ a: 's', b: 'c' });
  const covered = coverAbsent(heldBy('a', 'b', 'c'), { absences, fit: new Set(['s', 'c']), voted: new Set() });
  assert.deepEqual(people(covered), ['b', 'c', 's'], 'c has a seat already, so b keeps theirs');
  assert.deepEqual(people(giveBack(covered, new Set(['s']))), ['b', 'c', 's']);
  assert.deepEqual(people(giveBack(covered, new Set())), ['a', 'b', 'c']);
});

const name: fc.Arbitrary<string> = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
const world = fc.record({
  candidates: fc.uniqueArray(fc.record({ personId: name, givenBy: fc.option(name) }, { noNullPrototype: true }), {
    selector: ({ personId }) => personId,
    minLength: 1,
  }),
  claims: fc.boolean(),
  substitutes: fc.dictionary(name, fc.option(name), { maxKeys: 6 }),
  fit: fc.uniqueArray(name),
  isVote: fc.boolean(),
});

const sorted = (candidates: readonly Candidate[]) =>
  [...candidates].sort((one, other) => (one.personId < other.personId ? -1 : 1));

test('whoever is away: a task is never left to nobody, only who may take it comes in, and all comes back as it was', () => {
  fc.assert(
    fc.property(world, ({ candidates, claims, substitutes, fit, isVote }) => {
      const before: Hands = { candidates, assigneeId: claims ? (candidates[0]?.personId ?? null) : null, covers: [] };
      const absences = absencesOf(substitutes);
      const after = coverAbsent(before, { absences, fit: new Set(fit), voted: isVote ? new Set() : null });
      const names = people(after);
      assert.ok(names.length > 0);
      assert.equal(new Set(names).size, names.length, 'nobody stands there twice');
      if (isVote) assert.equal(names.length, candidates.length);
      for (const { personId, givenBy } of after.candidates) {
        if (candidates.some((one) => one.personId === personId)) continue;
        assert.ok(fit.includes(personId) && !absences.has(personId));
        assert.ok(givenBy !== null && absences.has(givenBy), 'it says for whom');
      }
      assert.ok(after.assigneeId === null || names.includes(after.assigneeId));
      const back = giveBack(after, new Set());
      assert.deepEqual(sorted(back.candidates), sorted(before.candidates));
      assert.deepEqual([back.assigneeId, back.covers], [before.assigneeId, []]);
    }),
    { numRuns: 2_000 },
  );
});
