import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import type { Context } from '#context';
import { readCheckbooks } from '#funds';
import { createCustomer, createProduct, masterDataModule, recordPrice } from '#master-data';
import { amountOf } from '#money';
import { teachScope } from '#scope';
import { completeTask } from '#workflow';
import { addPerson } from '../../../../test/people.ts';
import { promotionsModule } from '../module.ts';
import { changePromotion, planPromotion } from '../planning/plan-promotion.ts';
import { findPromotion } from '../promotion-store.ts';
import { nothingSettled, openTask, type Scene, setScene } from '../test-scene.ts';
import { cancelPromotion } from './cancel-promotion.ts';
import { promotionApproval, recallPromotion } from './change-state.ts';
import { submitPromotion } from './submit-promotion.ts';

async function available(scene: Scene): Promise<string> {
  const books = await scene.maker.db.read(scene.maker, (tx) => readCheckbooks(tx, [scene.fundId]));
  const book = books.get(scene.fundId);
  assert.ok(book);
  return `${amountOf(book.reserved)} reserved, ${amountOf(book.committed)} committed, ${amountOf(book.available)} available`;
}

test('submitting reserves, approval commits, cancelling releases', async (t) => {
  const scene = await setScene(t);
  const draft = await planPromotion(scene.maker, scene.input());
  assert.equal(await available(scene), '0.00 reserved, 0.00 committed, 1000.00 available');
  await submitPromotion(scene.maker, draft.id, draft.version);
  assert.equal(await available(scene), '400.00 reserved, 0.00 committed, 600.00 available');
  const decide = (context: Context, task: string) =>
    completeTask(context, [promotionApproval], task, { outcome: 'approved', comment: '' });
  const first = await openTask(scene.maker, draft.id);
  await assert.rejects(decide(scene.maker, first), { code: 'approval.own_work' });
  await decide(scene.approver, first);
  // Without a prediction the ROI is unknown: finance decides too, and not the one who decided before.
  const second = await openTask(scene.maker, draft.id);
  await assert.rejects(decide(scene.approver, second), { code: 'approval.not_candidate' });
  await decide(scene.finance, second);
  assert.equal(await available(scene), '0.00 reserved, 400.00 committed, 600.00 available');
  await assert.rejects(decide(scene.finance, second), { code: 'state.conflict' });
  const cancelled = await cancelPromotion(scene.maker, draft.id, undefined, 'changed our minds');
  assert.equal(cancelled.state, 'cancelled');
  assert.equal(await available(scene), '0.00 reserved, 0.00 committed, 1000.00 available');
});

test('two promotions that block each other cannot both be submitted at the same moment, also one tree level apart', async (t) => {
  const scene = await setScene(t);
  const here = await planPromotion(scene.maker, scene.input());
  const above = await planPromotion(
    scene.maker,
    scene.input({ customerId: scene.banner, startsOn: '2026-07-19', endsOn: '2026-07-26' }),
  );
  const results = await Promise.allSettled([
    submitPromotion(scene.maker, here.id, undefined),
    submitPromotion(scene.maker, above.id, undefined),
  ]);
  assert.deepEqual(results.map((result) => result.status).sort(), ['fulfilled', 'rejected']);
  const refused = results.find((result) => result.status === 'rejected');
  assert.equal(refused?.reason.code, 'promotion.conflict');
  assert.equal(await available(scene), '400.00 reserved, 0.00 committed, 600.00 available');
});

test('a submission that the fund cannot hold is refused with the shortfall and stays a draft', async (t) => {
  const scene = await setScene(t);
  const [tactic] = scene.input().tactics;
  assert.ok(tactic);
  const draft = await planPromotion(
    scene.maker,
    scene.input({ tactics: [{ ...tactic, lumpSum: { amount: '1200.00', currency: 'USD' } }] }),
  );
  await assert.rejects(
    submitPromotion(scene.maker, draft.id, undefined),
    (problem: { code: string; detail: string }) => {
      assert.equal(problem.code, 'fund.exceeded');
      assert.match(problem.detail, /lacks 200\.00 USD/);
      return true;
    },
  );
  const after = await scene.maker.db.read(scene.maker, (tx) => findPromotion(tx, draft.id));
  assert.equal(after?.state, 'draft');
});

test('a fund that is shortened while a promotion is being submitted is not reserved', async (t) => {
  const scene = await setScene(t);
  const draft = await planPromotion(scene.maker, scene.input());
  const shortening = new pg.Client({ connectionString: scene.house.url });
  await shortening.connect();
  await shortening.query('begin');
  await shortening.query(`update funds.fund set valid_to = '2026-07-10' where id = $1`, [scene.fundId]);
  const submitted = submitPromotion(scene.maker, draft.id, undefined).then(
    () => 'submitted',
    (problem: { code: string }) => problem.code,
  );
  // The submission has read the fund as it was, and waits for its lock.
  const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  while ((await shortening.query(waiting)).rowCount === 0) await setTimeout(10);
  await shortening.query('commit');
  await shortening.end();
  assert.equal(await submitted, 'fund.not_eligible');
  assert.equal(await available(scene), '0.00 reserved, 0.00 committed, 1000.00 available');
  const after = await scene.maker.db.read(scene.maker, (tx) => findPromotion(tx, draft.id));
  assert.equal(after?.state, 'draft');
});

test('only who submitted recalls; the money and the tasks go back', async (t) => {
  const scene = await setScene(t);
  const draft = await planPromotion(scene.maker, scene.input());
  const submitted = await submitPromotion(scene.maker, draft.id, undefined);
  await assert.rejects(recallPromotion(scene.approver, draft.id, undefined, ''), { code: 'auth.forbidden' });
  const recalled = await recallPromotion(scene.maker, draft.id, submitted.version, 'not yet');
  assert.equal(recalled.state, 'draft');
  assert.equal(await available(scene), '0.00 reserved, 0.00 committed, 1000.00 available');
  await assert.rejects(openTask(scene.maker, draft.id), /expected one row/);
});

test('a stale version changes nothing', async (t) => {
  const scene = await setScene(t);
  const draft = await planPromotion(scene.maker, scene.input());
  await changePromotion(scene.maker, draft, draft.version, { ...scene.input(), name: 'Renamed' });
  await assert.rejects(changePromotion(scene.maker, draft, draft.version, { ...scene.input(), name: 'Late' }), {
    code: 'version.conflict',
  });
  await assert.rejects(submitPromotion(scene.maker, draft.id, draft.version), { code: 'version.conflict' });
});

test('a code in use is refused, and a code like our own next one stops nobody', async (t) => {
  const scene = await setScene(t);
  const first = await planPromotion(scene.maker, scene.input());
  assert.equal(first.code, 'P-00001');
  await assert.rejects(planPromotion(scene.maker, scene.input({ code: 'P-00001' })), { code: 'code.taken' });
  await planPromotion(scene.maker, scene.input({ code: 'P-00002' }));
  const next = await planPromotion(scene.maker, scene.input());
  assert.equal(next.code, 'P-00003');
});

test('a recalled and a returned promotion count as Planned again', async (t) => {
  const scene = await setScene(t);
  const planned = async () => {
    const books = await scene.maker.db.read(scene.maker, (tx) => readCheckbooks(tx, [scene.fundId]));
    return amountOf(books.get(scene.fundId)?.planned ?? { minor: -1n, currency: 'USD' });
  };
  const draft = await planPromotion(scene.maker, scene.input());
  assert.equal(await planned(), '400.00');
  await submitPromotion(scene.maker, draft.id, undefined);
  assert.equal(await planned(), '0.00');
  await recallPromotion(scene.maker, draft.id, undefined, '');
  assert.equal(await planned(), '400.00');
  await submitPromotion(scene.maker, draft.id, undefined);
  const task = await openTask(scene.maker, draft.id);
  await completeTask(scene.approver, [promotionApproval], task, { outcome: 'returned', comment: 'too dear' });
  assert.equal(await planned(), '400.00');
  assert.equal(await available(scene), '0.00 reserved, 0.00 committed, 1000.00 available');
});

test('who has lost the right or the limit since the task was opened can no longer decide it', async (t) => {
  const scene = await setScene(t);
  // Two who may take the finance step, so that one of them may take the first.
  await addPerson(scene.house, ['finance_controller'], '200000');
  const draft = await planPromotion(scene.maker, scene.input());
  await submitPromotion(scene.maker, draft.id, undefined);
  const task = await openTask(scene.maker, draft.id);
  const client = new pg.Client({ connectionString: scene.house.url });
  await client.connect();
  await client.query('update identity.membership set approval_limit = 100 where person_id = $1', [
    scene.approver.actor.id,
  ]);
  await client.end();
  const decision = { outcome: 'approved' as const, comment: '' };
  await assert.rejects(completeTask(scene.approver, [promotionApproval], task, decision), {
    code: 'approval.not_candidate',
  });
  await completeTask(scene.finance, [promotionApproval], task, { outcome: 'rejected', comment: 'too dear' });
});

test('two promotions conflict where their mechanics meet on a product, not where they pass each other', async (t) => {
  const scene = await setScene(t);
  const other = await createProduct(scene.maker, { code: 'SKU-2', name: 'Other', level: 'sku', own: true });
  await recordPrice(scene.maker, {
    productId: other.id,
    listPrice: { amount: '30.00', currency: 'USD' },
    cost: { amount: '16.00', currency: 'USD' },
    validFrom: '2026-01-01',
  });
  const [cut] = scene.input().tactics;
  assert.ok(cut);
  const here = await planPromotion(scene.maker, scene.input());
  await submitPromotion(scene.maker, here.id, undefined);
  // A price cut on another product, and a display on the shared one.
  const beside = await planPromotion(
    scene.maker,
    scene.input({
      tactics: [
        { ...cut, productIds: [other.id], lumpSum: { amount: '100.00', currency: 'USD' } },
        { ...cut, mechanic: 'display' },
      ],
    }),
  );
  const { state } = await submitPromotion(scene.maker, beside.id, undefined);
  assert.equal(state, 'submitted');
});

test('a category that also holds competitors’ products cannot be promoted whole, and says so', async (t) => {
  const scene = await setScene(t);
  const category = await createProduct(scene.maker, { code: 'CAT', name: 'Bars', level: 'category', own: true });
  const below = { level: 'sku' as const, parentId: category.id };
  await createProduct(scene.maker, { ...below, code: 'OURS', name: 'Our bar', own: true });
  await createProduct(scene.maker, { ...below, code: 'THEIRS', name: 'Their bar', own: false });
  const [cut] = scene.input().tactics;
  assert.ok(cut);
  await assert.rejects(planPromotion(scene.maker, scene.input({ tactics: [{ ...cut, productIds: [category.id] }] })), {
    code: 'rule.violated',
    detail: 'Bars also holds competitors’ products, such as Their bar: choose brands or products of your own.',
  });
});

test('only those decide in whose part of the customers the promotion lies, and within their limit of its currency', async (t) => {
  teachScope([masterDataModule.scope ?? {}, promotionsModule(nothingSettled).scope ?? {}]);
  const scene = await setScene(t);
  const client = new pg.Client({ connectionString: scene.house.url });
  await client.connect();
  const keep = (column: 'scope_customers' | 'amount_limits', value: unknown) =>
    client.query(`update identity.membership set ${column} = $1 where person_id = $2`, [
      value,
      scene.approver.actor.id,
    ]);
  const elsewhere = await createCustomer(scene.maker, { code: 'E', name: 'E', type: 'banner', currency: 'USD' });
  await keep('scope_customers', [elsewhere.id]);
  const draft = await planPromotion(scene.maker, scene.input());
  // Only finance is left, and the second step takes somebody of its own.
  await assert.rejects(submitPromotion(scene.maker, draft.id, undefined), { code: 'rule.violated' });
  await keep('scope_customers', [scene.banner]);
  const limit = (amount: string) => JSON.stringify([{ permission: 'promotions:approve', currency: 'USD', amount }]);
  await keep('amount_limits', limit('399.99'));
  await assert.rejects(submitPromotion(scene.maker, draft.id, undefined), { code: 'rule.violated' });
  await keep('amount_limits', limit('400.00'));
  await client.end();
  await submitPromotion(scene.maker, draft.id, undefined);
  const task = await openTask(scene.maker, draft.id);
  await completeTask(scene.approver, [promotionApproval], task, { outcome: 'approved', comment: '' });
});
