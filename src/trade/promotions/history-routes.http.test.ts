import assert from 'node:assert/strict';
import { test } from 'node:test';
import { promotionsModule } from './module.ts';
import { planPromotion } from './planning/plan-promotion.ts';
import { nothingSettled, type Scene, setScene } from './test-scene.ts';

async function reader(scene: Scene) {
  const server = await scene.house.server(promotionsModule(nothingSettled).routes ?? []);
  return async (method: 'GET' | 'PATCH' | 'POST', path: string, payload?: object) => {
    const headers = { authorization: 'Bearer a' };
    const answer = await server.inject({ method, url: `/api/v1${path}`, headers, ...(payload ? { payload } : {}) });
    return { status: answer.statusCode, body: answer.json(), text: answer.body };
  };
}

test('the day before a change the promotion, its plan and what changed since are told as they were', async (t) => {
  const scene = await setScene(t);
  const { id, tactics } = await planPromotion(scene.maker, scene.input());
  const call = await reader(scene);
  scene.house.clock.set('2026-06-20T12:00:00Z');
  const [tactic] = scene.input().tactics;
  const dearer = [{ ...tactic, id: tactics[0]?.id, lumpSum: { amount: '650.00', currency: 'USD' } }];
  assert.equal((await call('PATCH', `/promotions/${id}`, { tactics: dearer, endsOn: '2026-07-26' })).status, 200);
  const before = '2026-06-19T12:00:00Z';
  const then = (await call('GET', `/promotions/${id}?asOf=${before}`)).body;
  assert.deepEqual([then.version, then.endsOn, then.plannedSpend.amount], [1, '2026-07-19', '400.00']);
  assert.equal((await call('GET', `/promotions/${id}/plan?asOf=${before}`)).body.spend.amount, '400.00');
  const now = '2026-06-20T12:00:00Z';
  assert.equal((await call('GET', `/promotions/${id}/plan?asOf=${now}`)).body.spend.amount, '650.00');
  const changes = (await call('GET', `/promotions/${id}/changes?from=${before}`)).body;
  assert.deepEqual(
    [changes.from, changes.to, changes.items.map(({ field }: { field: string }) => field)],
    [1, 2, ['endsOn', 'lumpSum']],
  );
  assert.deepEqual((await call('GET', `/promotions/${id}/changes?from=${now}`)).body.items, []);
  assert.equal(
    (await call('GET', `/promotions/${id}/changes`)).body.from,
    1,
    'from the first version where none is named',
  );
  const { items } = (await call('GET', `/promotions/${id}/versions`)).body;
  assert.deepEqual(
    items.map(({ changes: of }: { changes: unknown[] }) => of.length),
    [0, 2],
  );
});

test('before it was planned there was no promotion and no plan: 404; an instant that is none: 400', async (t) => {
  const scene = await setScene(t);
  const { id } = await planPromotion(scene.maker, scene.input());
  const call = await reader(scene);
  for (const path of ['', '/plan', '/post-event', '/changes'])
    assert.equal(
      (await call('GET', `/promotions/${id}${path}?asOf=2026-01-01T00:00:00Z`)).status,
      path === '/changes' ? 400 : 404,
    );
  assert.equal((await call('GET', `/promotions/${id}?asOf=0000-01-01T00:00:00Z`)).status, 400);
  assert.equal((await call('GET', `/promotions/${id}?asOf=yesterday`)).status, 400);
});

/** Words and names that a buyer must never read: what we pay for goods, what we make, and who pays. */
const ours = /cost|profit|contribution|roi|fund|share|budget|incremental|margin(?!Before|After)/i;

test('a sell sheet tells the buyer the event, the prices and the payments, and nothing of ours', async (t) => {
  const scene = await setScene(t);
  const { id } = await planPromotion(scene.maker, scene.input());
  const call = await reader(scene);
  const { status, body, text } = await call('GET', `/promotions/${id}/sell-sheet`);
  assert.equal(status, 200);
  assert.deepEqual(
    [body.customerName, body.startsOn, body.endsOn, body.claimByOn, body.products[0].name],
    ['Account', '2026-07-06', '2026-07-19', '2026-10-17', 'Product'],
  );
  const usd = { amount: '400.00', currency: 'USD' };
  assert.deepEqual(body.payments, [
    {
      ...{ mechanic: 'scan_back', products: ['Product'], rate: null, redemptionRate: null },
      ...{ lumpSum: usd, stores: null, lumpSumInAll: usd, startsOn: '2026-07-06', endsOn: '2026-07-19' },
    },
  ]);
  assert.doesNotMatch(text, ours);
  // The price list's cost of a case.
  assert.doesNotMatch(text, /16\.00/);
});
