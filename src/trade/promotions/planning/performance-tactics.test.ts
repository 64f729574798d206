import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Figure } from '#figure';
import type { Tactic } from '../domain/promotion.ts';
import { figureWithFx } from './performance-tactics.ts';

const display: Tactic = {
  ...{ id: 't', mechanic: 'display', productIds: ['p'], fundSplit: [{ fundId: 'f', share: '1' }] },
  ...{ rate: null, lumpSum: '100', passThrough: '1' },
};
const figure: Figure = {
  ...{ value: { amount: '108.42', currency: 'USD' }, unit: 'money', formula: 'lump sum', formulaVersion: '1' },
  inputs: [{ name: 'lump sum', value: '108.42', source: 'tactic' }],
};

test('a spend in another currency names what was agreed, and the type, day and rate it was converted at', () => {
  const fx = { type: 'plan', on: '2027-01-01', from: 'EUR', to: 'USD', rate: '1.084213', rateId: 'r' };
  assert.deepEqual(figureWithFx(figure, { ...display, fx }).inputs.slice(1), [
    { name: 'lump sum as agreed', value: '100', source: 'in EUR' },
    { name: 'exchange rate', value: '1.084213', source: '1 EUR = 1.084213 USD (plan, 2027-01-01)' },
  ]);
  assert.deepEqual(figureWithFx(figure, display), figure);
});
