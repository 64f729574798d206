import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Context } from '#context';
import { completeTask } from '#workflow';
import { addPerson, addRole, openTasksOn } from '../../../../test/people.ts';
import { setTrade } from '../test-trade.ts';
import { budgetAllocation, requestBudget } from './request-budget.ts';

const usd = (amount: string) => ({ amount, currency: 'USD' });

async function setScene(t: TestContext) {
  const trade = await setTrade(t);
  await addRole(trade.house, 'executive', ['funds:read', 'funds:approve', 'workflows:act']);
  const person = async (role: string, limit: string | null) =>
    trade.house.context({ userId: await addPerson(trade.house, [role], limit) });
  const people: Record<string, Context> = {
    milo: await person('trade_marketing_manager', '100000'),
    fiona: await person('finance_controller', '200000'),
    esme: await person('executive', null),
  };
  const maker = await person('key_account_manager', '0');
  const fund = await trade.open('F', { amount: '500.00' });
  const ask = async (amount: string) => (await requestBudget(maker, fund.id, { amount: usd(amount), note: '' })).id;
  const taskOf = async (id: string) => {
    const [task] = await openTasksOn(maker, id);
    assert.ok(task);
    const asked = Object.entries(people).filter(([, { actor }]) => task.candidates.includes(actor.id));
    return { ...task, asked: asked.map(([name]) => name) };
  };
  const decide = async (id: string, who: string, outcome = 'approved') => {
    const { id: taskId } = await taskOf(id);
    await completeTask(people[who] ?? maker, [budgetAllocation], taskId, { outcome, comment: 'seen' });
  };
  const budgeted = async () => (await trade.columns(fund.id, ['budgeted', 'available'])).budgeted;
  return { trade, fund, maker, ask, taskOf, decide, budgeted };
}

test('more budget passes planning and finance, is in the fund with the last yes and not before, and an executive decides above 200,000', async (t) => {
  const { ask, taskOf, decide, budgeted } = await setScene(t);
  const small = await ask('200000.00');
  assert.deepEqual([(await taskOf(small)).step, (await taskOf(small)).asked], ['planning', ['milo']]);
  await assert.rejects(decide(small, 'maker'), { code: 'approval.own_work' });
  await decide(small, 'milo');
  assert.deepEqual([(await taskOf(small)).step, (await taskOf(small)).asked], ['finance', ['fiona']]);
  assert.equal(await budgeted(), '500.00');
  await decide(small, 'fiona');
  assert.equal(await budgeted(), '200500.00');
  const large = await ask('200000.01');
  await decide(large, 'milo');
  assert.deepEqual([(await taskOf(large)).step, (await taskOf(large)).asked], ['review', ['fiona']]);
  await decide(large, 'fiona');
  assert.equal(await budgeted(), '200500.00', 'finance alone does not decide so much');
  assert.deepEqual([(await taskOf(large)).step, (await taskOf(large)).asked], ['executive', ['esme']]);
  await decide(large, 'esme');
  assert.equal(await budgeted(), '400500.01');
});

test('a refused or returned request moves nothing, and one in another currency or of nothing is none', async (t) => {
  const { ask, decide, budgeted, maker, fund } = await setScene(t);
  for (const outcome of ['rejected', 'returned']) await decide(await ask('10.00'), 'milo', outcome);
  assert.equal(await budgeted(), '500.00');
  const euros = { amount: { amount: '1.00', currency: 'EUR' }, note: '' };
  await assert.rejects(requestBudget(maker, fund.id, euros), { code: 'money.currency_mismatch' });
  await assert.rejects(ask('0.00'), { code: 'rule.violated' });
});
