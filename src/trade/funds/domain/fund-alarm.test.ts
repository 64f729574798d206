import assert from 'node:assert/strict';
import { test } from 'node:test';
import { money } from '#money';
import type { Fund } from './fund.ts';
import { alarmsOf } from './fund-alarm.ts';

const fund: Fund = {
  ...{ id: 'f', code: 'F', name: 'F', kind: 'fixed', currency: 'USD', customerId: null, productId: null },
  ...{
    validFrom: '2026-01-01',
    validTo: '2026-12-31',
    sourceFrom: null,
    sourceTo: null,
    windowPeriods: null,
    version: 1,
  },
};
const alarms = (available: string, today = '2026-06-15', budgeted = '100.00') =>
  alarmsOf(fund, { budgeted: money(budgeted, 'USD'), available: money(available, 'USD') }, today);

test('a fund alarms below zero, below a tenth of its budget, and with money left in its last month', () => {
  assert.deepEqual(alarms('10.00'), []);
  assert.deepEqual(alarms('9.99'), ['nearly_spent']);
  assert.deepEqual(alarms('-0.01'), ['overdrawn']);
  assert.deepEqual(alarms('0.00', '2026-06-15', '0.00'), [], 'an empty fund that never had money is no alarm');
  assert.deepEqual(alarms('50.00', '2026-12-01'), []);
  assert.deepEqual(alarms('50.00', '2026-12-02'), ['expiring']);
  assert.deepEqual(alarms('50.00', '2027-03-01'), ['expiring']);
});
