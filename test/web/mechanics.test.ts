import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mechanicRules } from '#performance';
import { mechanics } from '../../web/src/features/workspace/mechanics.ts';

test('the form of a tactic asks for what the house takes, mechanic by mechanic', () => {
  const asked = Object.fromEntries(
    mechanics.map(({ value, takes, settledBy }) => [value, [settledBy, ...[...takes].sort()]]),
  );
  const taken = Object.fromEntries(
    Object.entries(mechanicRules).map(([name, { takes, settledBy }]) => [name, [settledBy, ...[...takes].sort()]]),
  );
  assert.deepEqual(asked, taken);
});
