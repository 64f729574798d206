import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { Decimal, money } from '#money';
import { addPerson } from '../../../test/people.ts';
import { accrualRoutes } from './accrual-routes.ts';
import { changeFund } from './change-funds.ts';
import { fundRoutes } from './fund-routes.ts';
import { commitFunds, planHolds, releaseFunds, reserveFunds } from './hold-funds.ts';
import { recordEarned } from './record-earned.ts';
import { setTrade } from './test-trade.ts';
import { proposeTransfer } from './transfer-approval.ts';

const usd = (amount: string) => ({ amount, currency: 'USD' });

test('while money of a fund is held and not earned its validity only grows, and a refusal names what holds it', async (t) => {
  const { context, open } = await setTrade(t);
  const fund = await open('F', { amount: '1000.00' });
  const [promotionId, tacticId] = [randomUUID(), randomUUID()];
  const work = (change: Parameters<typeof changeFund>[3]) => changeFund(context, fund.id, undefined, change);
  const refusal = async (change: Parameters<typeof changeFund>[3]) => {
    const problem = await work(change).then(
      () => assert.fail('was not refused'),
      (error) => error,
    );
    return [problem.code, problem.status, problem.errors, problem.extra, problem.detail];
  };
  const split = [{ fundId: fund.id, tacticId, amount: '250.00' }];
  const told =
    'F holds 250.00 USD not yet earned by 1 promotion(s): until that is earned, released or decided, the fund can only become valid for longer.';
  const holds = { holds: [{ promotionId, amount: usd('250.00') }] };
  await context.db.transact(context, (tx) => planHolds(tx, promotionId, split));
  await work({ validTo: '2026-12-30' });
  await context.db.transact(context, (tx) => reserveFunds(tx, promotionId, split));
  assert.deepEqual(await refusal({ validTo: '2026-12-29' }), [
    ...['rule.violated', 422],
    [{ path: 'validTo', message: 'is before 2026-12-30' }],
    ...[holds, told],
  ]);
  await context.db.transact(context, (tx) => commitFunds(tx, promotionId, 'USD'));
  assert.deepEqual(await refusal({ validFrom: '2026-01-02' }), [
    ...['rule.violated', 422],
    [{ path: 'validFrom', message: 'is after 2026-01-01' }],
    ...[holds, told],
  ]);
  await work({ name: 'Renamed', validFrom: '2025-12-01', validTo: '2027-01-31' });
  const earned = { promotionId, tacticId, fundSplit: [{ fundId: fund.id, share: new Decimal(1) }], on: '2026-06-10' };
  await context.db.transact(context, (tx) => recordEarned(tx, [{ ...earned, amount: money('100.00', 'USD') }]));
  assert.match((await refusal({ validTo: '2026-06-01' })).at(-1), /^F holds 150\.00 USD not yet earned by 1 promotion/);
  await context.db.transact(context, (tx) => releaseFunds(tx, promotionId, 'ended'));
  assert.equal((await work({ validTo: '2026-06-30' })).validTo, '2026-06-30', 'what is earned keeps no fund open');
});

test('a proposed transfer keeps the validity of the fund that gives it', async (t) => {
  const trade = await setTrade(t);
  const maker = trade.house.context({ userId: await addPerson(trade.house, ['finance_controller'], null) });
  await addPerson(trade.house, ['finance_controller'], '200.00');
  const [from, to] = [await trade.open('FROM', { amount: '500.00' }), await trade.open('TO')];
  await proposeTransfer(maker, from.id, { toFundId: to.id, amount: usd('200.00'), note: 'more needed' });
  await assert.rejects(changeFund(trade.context, from.id, undefined, { validTo: '2026-06-14' }), {
    code: 'rule.violated',
    message: /^FROM holds 200\.00 USD for proposed transfers/,
  });
});

test('a rate of a fund has a ceiling, when it opens and when a rate is set', async (t) => {
  const { house, open } = await setTrade(t);
  const fund = await open('LIVE', { kind: 'live_accrual' });
  const server = await house.server([...fundRoutes, ...accrualRoutes]);
  const post = async (path: string, payload: object) => {
    const answer = await server.inject({
      ...{ method: 'POST', url: `/api/v1${path}`, headers: { authorization: 'Bearer a' }, payload },
    });
    return [answer.statusCode, answer.json().errors?.[0]];
  };
  const setRate = (per: string, amount: string) =>
    post(`/funds/${fund.id}/rates`, { per, amount, validFrom: '2026-06-01' });
  const opening = { code: 'X', name: 'X', kind: 'live_accrual', currency: 'USD' };
  const openAt = (per: string, amount: string) =>
    post('/funds', { ...opening, validFrom: '2026-01-01', validTo: '2026-12-31', rate: { per, amount } });
  const refused: [string, string, string][] = [
    ['case', '1000000.01', 'is above 1000000 per case'],
    ['percent', '100.01', 'is above 100 percent'],
    ['case', '0', 'is not above 0'],
  ];
  for (const [per, amount, message] of refused) {
    assert.deepEqual(await setRate(per, amount), [422, { path: 'amount', message }]);
    assert.deepEqual(await openAt(per, amount), [422, { path: 'rate', message }]);
  }
  assert.deepEqual(await setRate('case', '1000000'), [201, undefined]);
});
