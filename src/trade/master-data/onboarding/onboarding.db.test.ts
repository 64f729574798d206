import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Context } from '#context';
import { completeTask } from '#workflow';
import { testHouse } from '../../../../test/house.ts';
import { addPerson, openTasksOn } from '../../../../test/people.ts';
import { createCustomer } from '../create-customer.ts';
import { recordFxRate } from '../record-fx-rate.ts';
import { customerOnboarding, onboardCustomer } from './onboard-customer.ts';
import { findStanding } from './standing-store.ts';

const usd = (amount: string) => ({ amount, currency: 'USD' });

async function setDesk(t: TestContext) {
  const house = await testHouse(t);
  const person = async (role: string, limit: string | null) =>
    house.context({ userId: await addPerson(house, [role], limit) });
  const people = {
    fiona: await person('finance_controller', '200000'),
    milo: await person('trade_marketing_manager', '100000'),
    kira: await person('key_account_manager', '10000'),
  };
  const maker = await person('administrator', '0');
  const customer = await createCustomer(maker, { code: 'N', name: 'New', type: 'banner', currency: 'USD' });
  const begin = (amount = '20000.00') => onboardCustomer(maker, customer.id, { creditLimit: usd(amount), note: '' });
  const steps = async () => (await openTasksOn(maker, customer.id)).map(({ step }) => step);
  const decide = async (who: Context, step: string, outcome = 'approved', set = {}) => {
    const task = (await openTasksOn(maker, customer.id)).find((one) => one.step === step);
    assert.ok(task, step);
    await completeTask(who, [customerOnboarding], task.id, { outcome, comment: 'seen', set });
  };
  const standing = async () => {
    const found = await maker.db.read(maker, (tx) => findStanding(tx, customer.id));
    return [found?.state, found?.creditLimit === null ? null : Number(found?.creditLimit), found?.conditions];
  };
  return { ...people, maker, customer, begin, steps, decide, standing };
}

test('a customer is active, with the limit that was granted, when credit is checked and both set-up tasks are done', async (t) => {
  const { fiona, milo, kira, maker, begin, steps, decide, standing } = await setDesk(t);
  await begin();
  assert.deepEqual(await standing(), ['onboarding', null, '']);
  await assert.rejects(begin(), { code: 'state.conflict' });
  assert.deepEqual(await steps(), ['credit']);
  await assert.rejects(decide(maker, 'credit', 'approved', { creditGranted: '20000' }), { code: 'approval.own_work' });
  await assert.rejects(decide(fiona, 'credit'), { code: 'rule.violated' });
  await decide(fiona, 'credit', 'approved', { creditGranted: '20000' });
  assert.deepEqual(await steps(), ['account', 'terms'], 'side by side, with nothing to approve');
  await decide(kira, 'account');
  assert.deepEqual([await steps(), await standing()], [['terms'], ['onboarding', null, '']]);
  await decide(fiona, 'terms');
  assert.deepEqual([await steps(), await standing()], [[], ['active', 20_000, '']]);
  // Granted anew, on conditions and for less: somebody else approves that.
  await begin('60000.00');
  await decide(fiona, 'credit', 'approved', { creditGranted: '55000', conditions: 'Prepaid until June' });
  assert.deepEqual(await steps(), ['conditional']);
  await assert.rejects(decide(fiona, 'conditional'), { code: 'approval.not_candidate' });
  await decide(milo, 'conditional');
  for (const step of ['account', 'terms']) await decide(step === 'terms' ? fiona : kira, step);
  assert.deepEqual(await standing(), ['active', 55_000, 'Prepaid until June']);
});

test('a customer whose credit is refused is refused, one that is returned can be onboarded again', async (t) => {
  const { fiona, customer, maker, begin, steps, decide, standing } = await setDesk(t);
  await begin();
  await decide(fiona, 'credit', 'returned', { creditGranted: '1' });
  assert.deepEqual([await steps(), (await standing())[0]], [[], 'returned']);
  await begin();
  await decide(fiona, 'credit', 'rejected');
  assert.deepEqual([await steps(), (await standing()).slice(0, 2)], [[], ['refused', null]]);
  const euros = { creditLimit: { amount: '1.00', currency: 'EUR' }, note: '' };
  await assert.rejects(onboardCustomer(maker, customer.id, euros), { code: 'money.currency_mismatch' });
});

test('what a limit comes to in the tenant’s currency says whether somebody approves it; without a rate nothing begins', async (t) => {
  const { fiona, maker } = await setDesk(t);
  const begin = async (code: string, currency: string, amount: string) => {
    const { id } = await createCustomer(maker, { code, name: code, type: 'banner', currency });
    await onboardCustomer(maker, id, { creditLimit: { amount, currency }, note: '' });
    const [task] = await openTasksOn(maker, id);
    const set = { creditGranted: amount };
    const processes = [customerOnboarding];
    await completeTask(fiona, processes, task?.id ?? '', { outcome: 'approved', comment: '', set });
    return (await openTasksOn(maker, id)).map(({ step }) => step).sort();
  };
  await assert.rejects(begin('J0', 'JPY', '6000000'), { code: 'fx.rate_missing' });
  const rate = async (from: string, of: string) =>
    recordFxRate(maker, { type: 'closing', from, to: 'USD', on: '2020-01-01', rate: of });
  await rate('JPY', '0.0065');
  assert.deepEqual(await begin('J', 'JPY', '6000000'), ['account', 'terms'], '39,000 dollars');
  await rate('GBP', '1.25');
  assert.deepEqual(await begin('G', 'GBP', '40000.00'), ['account', 'terms'], 'exactly 50,000 dollars');
  // Nobody here has a limit in pounds: that the step is asked for is what is told.
  await assert.rejects(begin('G2', 'GBP', '40000.01'), { code: 'rule.violated', detail: /Approval on conditions/ });
});
