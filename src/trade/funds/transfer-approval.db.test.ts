import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { sql } from '#db';
import { completeTask } from '#workflow';
import { addPerson } from '../../../test/people.ts';
import { setTrade } from './test-trade.ts';
import { proposeTransfer, transferApproval } from './transfer-approval.ts';

const usd = (amount: string) => ({ amount, currency: 'USD' });

async function setScene(t: TestContext) {
  const trade = await setTrade(t);
  const maker = trade.house.context({ userId: await addPerson(trade.house, ['finance_controller'], null) });
  const decider = trade.house.context({ userId: await addPerson(trade.house, ['finance_controller'], '200.00') });
  const [from, to] = [await trade.open('FROM', { amount: '500.00' }), await trade.open('TO', { amount: '10.00' })];
  const propose = (amount: string, change: { fromId?: string; toFundId?: string; currency?: string } = {}) =>
    proposeTransfer(maker, change.fromId ?? from.id, {
      ...{
        toFundId: change.toFundId ?? to.id,
        amount: { amount, currency: change.currency ?? 'USD' },
        note: 'more needed',
      },
    });
  const taskOf = async (transferId: string) =>
    (
      await maker.db.read(maker, (tx) =>
        tx.one<{
          id: string;
        }>(sql`select task.id from workflow.task join workflow.instance on instance.id = task.instance_id
          where subject_id = ${transferId}`),
      )
    ).id;
  const decide = async (transferId: string, outcome: 'approved' | 'rejected' | 'returned', context = decider) =>
    completeTask(context, [transferApproval], await taskOf(transferId), { outcome, comment: 'seen' });
  return { trade, maker, decider, from, to, propose, decide };
}

test('a proposed transfer holds its money, moves it when somebody else approves, and gives it back when refused', async (t) => {
  const { trade, maker, from, to, propose, decide } = await setScene(t);
  const transfer = await propose('200.00');
  assert.deepEqual(await trade.columns(from.id, ['budgeted', 'reserved', 'available']), {
    budgeted: '500.00',
    reserved: '200.00',
    available: '300.00',
  });
  await assert.rejects(propose('300.01'), { code: 'fund.exceeded' });
  await assert.rejects(decide(transfer.id, 'approved', maker), { code: 'approval.own_work' });
  await decide(transfer.id, 'approved');
  assert.deepEqual(await trade.columns(from.id, ['budgeted', 'reserved', 'available']), {
    budgeted: '300.00',
    reserved: '0.00',
    available: '300.00',
  });
  assert.deepEqual(await trade.columns(to.id, ['budgeted', 'available']), { budgeted: '210.00', available: '210.00' });
  await assert.rejects(decide(transfer.id, 'approved'), { code: 'state.conflict' });
  for (const outcome of ['rejected', 'returned'] as const) {
    const { id } = await propose('50.00');
    await decide(id, outcome);
    assert.deepEqual(await trade.columns(from.id, ['reserved', 'available']), {
      reserved: '0.00',
      available: '300.00',
    });
  }
});

test('an approver’s limit covers what they let pass', async (t) => {
  const { trade, maker, propose, decide } = await setScene(t);
  const rich = trade.house.context({ userId: await addPerson(trade.house, ['finance_controller'], null) });
  const { id } = await propose('200.01');
  await assert.rejects(decide(id, 'approved'), { code: 'approval.not_candidate' });
  await decide(id, 'approved', rich);
  assert.notEqual(rich.actor.id, maker.actor.id);
});

test('a transfer needs two funds of one currency that are valid on the day and share a scope', async (t) => {
  const { trade, from, propose } = await setScene(t);
  await assert.rejects(propose('1.00', { toFundId: from.id }), { code: 'rule.violated' });
  await assert.rejects(propose('0'), { code: 'rule.violated' });
  await assert.rejects(propose('-1.00'), { code: 'rule.violated' });
  await assert.rejects(propose('1.00', { currency: 'EUR' }), { code: 'money.currency_mismatch' });
  const euros = await trade.open('EUROS', { currency: 'EUR' });
  await assert.rejects(propose('1.00', { toFundId: euros.id }), { code: 'money.currency_mismatch' });
  const over = await trade.open('OVER', { validFrom: '2026-01-01', validTo: '2026-06-14' });
  await assert.rejects(propose('1.00', { toFundId: over.id }), { code: 'fund.not_eligible' });
  const [one, other] = [
    await trade.open('ONE', { customerId: trade.accounts[0], amount: '9.00' }),
    await trade.open('OTHER', { customerId: trade.accounts[1] }),
  ];
  await assert.rejects(propose('1.00', { fromId: one.id, toFundId: other.id }), { code: 'fund.not_eligible' });
  const banner = await trade.open('BANNER', { customerId: trade.banner });
  assert.equal((await propose('1.00', { fromId: one.id, toFundId: banner.id })).state, 'proposed');
});

test('nobody who may decide, no transfer', async (t) => {
  const trade = await setTrade(t);
  const [from, to] = [await trade.open('FROM', { amount: '5.00' }), await trade.open('TO')];
  const proposal = { toFundId: to.id, amount: usd('1.00'), note: '' };
  await assert.rejects(proposeTransfer(trade.context, from.id, proposal), { code: 'rule.violated' });
  assert.equal((await trade.columns(from.id)).reserved, '0.00');
});
