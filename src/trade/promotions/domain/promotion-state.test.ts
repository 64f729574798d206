import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mechanics } from '#performance';
import { policyFor, strictestPolicy } from './conflict-policy.ts';
import { nextState, type PromotionState, promotionStates } from './promotion-state.ts';

test('a promotion takes the way of domain.md from draft to closed', () => {
  const way: string[] = ['draft'];
  for (const action of ['submit', 'approve', 'start', 'end', 'settle', 'close'] as const) {
    way.push(nextState(way.at(-1) as PromotionState, action) ?? 'nowhere');
  }
  assert.deepEqual(way, ['draft', 'submitted', 'approved', 'active', 'ended', 'in_settlement', 'closed']);
});

test('what is over stays over: no action leads out of rejected, cancelled or closed', () => {
  const actions = [
    'submit',
    'recall',
    'approve',
    'reject',
    'return',
    'cancel',
    'hold',
    'start',
    'end',
    'settle',
    'close',
  ] as const;
  for (const state of ['rejected', 'cancelled', 'closed'] as const) {
    for (const action of actions) assert.equal(nextState(state, action), null, `${action} from ${state}`);
  }
});

test('only a submission can be decided', () => {
  for (const state of promotionStates) {
    for (const action of ['approve', 'reject', 'return', 'recall'] as const) {
      assert.equal(nextState(state, action) !== null, state === 'submitted', `${action} from ${state}`);
    }
  }
});

test('the conflict policy is the same from both sides', () => {
  for (const a of mechanics) for (const b of mechanics) assert.equal(policyFor(a, b), policyFor(b, a), `${a} and ${b}`);
});

test('two price cuts on one product block, two features warn, a contract runs beside anything', () => {
  assert.equal(strictestPolicy(['scan_back', 'feature'], ['off_invoice'])?.policy, 'block');
  assert.equal(strictestPolicy(['feature'], ['feature', 'display'])?.policy, 'warn');
  assert.equal(strictestPolicy(['scan_back'], ['volume_rebate']), null);
});
