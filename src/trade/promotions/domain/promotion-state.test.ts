import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mechanics } from '#performance';
import { policyFor, strictestPolicy } from './conflict-policy.ts';
import { daysOnShelf } from './promotion.ts';
import { nextState, type PromotionState, promotionStates } from './promotion-state.ts';

test('a promotion takes the way of domain.md from draft to closed', () => {
  const way: string[] = ['draft'];
  for (const action of ['submit', 'approve', 'start', 'end', 'settle', 'close'] as const) {
    way.push(nextState(way.at(-1) as PromotionState, action) ?? 'nowhere');
  }
  assert.deepEqual(way, ['draft', 'submitted', 'approved', 'active', 'ended', 'in_settlement', 'closed']);
});

test('what was cancelled or held was on the shelves up to its last day, and not at all before its first', () => {
  const dates = { startsOn: '2026-07-06', endsOn: '2026-07-19' };
  const on = (state: PromotionState, stoppedOn: string | null) => daysOnShelf({ ...dates, state, stoppedOn });
  assert.deepEqual(on('active', null), dates);
  for (const state of ['cancelled', 'on_hold'] as const) {
    assert.deepEqual(on(state, '2026-07-10'), { ...dates, endsOn: '2026-07-10' });
    assert.deepEqual(on(state, '2026-08-01'), dates);
    assert.equal(on(state, '2026-07-05'), null);
  }
  for (const state of ['draft', 'rejected', 'cancelled'] as const) assert.equal(on(state, null), null);
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
