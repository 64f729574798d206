import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Definition, decide, holds, nextStep } from './definition.ts';

const definition: Definition = {
  code: 'promotion-approval',
  title: 'Promotion approval',
  steps: [
    { name: 'authority', title: 'Approve', candidates: { permission: 'promotions:approve' }, dueHours: 48 },
    {
      name: 'finance',
      title: 'Finance',
      when: {
        any: [
          { variable: 'spend', is: 'above', value: '100000' },
          { variable: 'roi', is: 'below', value: '0' },
          { variable: 'roi', is: 'null' },
        ],
      },
      candidates: { permission: 'promotions:approve' },
      dueHours: 48,
    },
  ],
};

test('a small profitable promotion needs one decision', () => {
  assert.equal(nextStep(definition, null, { spend: '500', roi: '0.2' })?.name, 'authority');
  assert.deepEqual(decide(definition, 'authority', 'approved', { spend: '500', roi: '0.2' }), { end: 'approved' });
});

test('a loss, an unknown ROI or a large amount goes on to finance', () => {
  for (const variables of [
    { spend: '500', roi: '-0.01' },
    { spend: '500', roi: null },
    { spend: '100000.01', roi: '2' },
  ]) {
    const next = decide(definition, 'authority', 'approved', variables);
    assert.equal('step' in next && next.step.name, 'finance');
  }
});

test('a rejection or a return ends the process at once', () => {
  assert.deepEqual(decide(definition, 'authority', 'rejected', { spend: '1000000', roi: null }), { end: 'rejected' });
  assert.deepEqual(decide(definition, 'authority', 'returned', { spend: '1', roi: '1' }), { end: 'returned' });
});

test('amounts compare as decimals, not as text', () => {
  assert.equal(holds({ variable: 'spend', is: 'above', value: '9' }, { spend: '10' }), true);
  assert.equal(holds({ variable: 'spend', is: 'atLeast', value: '10.00' }, { spend: '10' }), true);
});
