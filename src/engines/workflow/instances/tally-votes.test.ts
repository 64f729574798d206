import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Vote } from '../definitions/process-model.ts';
import { approvalsNeeded, tallyVotes } from './tally-votes.ts';

const outcomes = ['yes', 'no', 'later'];
const needs = fc.oneof(
  fc.record({ count: fc.integer({ min: 1, max: 6 }) }),
  fc.record({ share: fc.constantFrom(0.1, 0.2, 0.5, 0.6, 2 / 3, 1) }),
  fc.constant('consensus' as const),
);
const votes = fc.record({ needs, veto: fc.boolean(), stopsEarly: fc.boolean() });
const ballots = fc.array(fc.constantFrom(...outcomes), { minLength: 6, maxLength: 6 });

/** The ballots one after another, as they are asked for: until it is decided. */
function cast(vote: Vote, seats: number, given: readonly string[]): { told: string | null; after: number } {
  for (let after = 1; after <= seats; after++) {
    const told = tallyVotes(vote, seats, outcomes, given.slice(0, after));
    if (told !== null) return { told, after };
  }
  return { told: null, after: seats };
}

test('a vote is decided when all have voted at the latest, and stopping early decides nothing otherwise', () => {
  fc.assert(
    fc.property(votes, fc.integer({ min: 1, max: 6 }), ballots, (vote, seats, given) => {
      const early = cast({ ...vote, stopsEarly: true }, seats, given);
      const late = cast({ ...vote, stopsEarly: false }, seats, given);
      assert.notEqual(early.told, null);
      assert.notEqual(late.told, null);
      assert.ok(early.after <= late.after);
      // Under a veto a refusal that comes after the needed approvals is no longer asked for.
      if (!vote.veto) assert.equal(early.told === 'yes', late.told === 'yes');
      const counted = given.slice(0, early.after).filter((ballot) => ballot === 'yes').length;
      if (early.told === 'yes') assert.ok(counted >= approvalsNeeded(vote, seats));
    }),
  );
});

test('one refusal under a veto decides, and a lost vote takes the refusal that most gave', () => {
  const half = { needs: { share: 0.5 } };
  assert.equal(tallyVotes({ ...half, veto: true }, 5, outcomes, ['yes', 'later']), 'later');
  assert.equal(tallyVotes(half, 5, outcomes, ['yes', 'later', 'no']), null);
  assert.equal(tallyVotes(half, 5, outcomes, ['yes', 'later', 'no', 'later']), 'later');
  assert.equal(tallyVotes(half, 5, outcomes, ['yes', 'yes', 'yes']), 'yes');
  assert.equal(tallyVotes({ needs: { share: 0.6 } }, 5, outcomes, ['yes', 'yes', 'yes']), 'yes', '0.6 of 5 is 3');
});
