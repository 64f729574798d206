import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import pg from 'pg';
import type { TestHouse } from '../../../../test/house.ts';
import { addStranger } from '../../../../test/people.ts';
import { prepareAccruals } from '../books/prepare-accruals.ts';
import { settlementModule } from '../index.ts';
import { openBooks, usd, workedTactics } from '../test-books.ts';

interface Call {
  body?: unknown;
  headers?: Record<string, string>;
  bearer?: 'a' | 'b';
}

async function api(t: TestContext) {
  const books = await openBooks(t);
  const app = await books.house.server(settlementModule(books.ports).routes ?? []);
  const call = async (method: 'GET' | 'POST', url: string, { body, headers, bearer = 'a' }: Call = {}) => {
    const answer = await app.inject({
      ...{ method, url: `/api/v1${url}`, headers: { authorization: `Bearer ${bearer}`, ...headers } },
      ...(body === undefined ? {} : { payload: body as object }),
    });
    const isJson = String(answer.headers['content-type']).includes('json');
    return { status: answer.statusCode, headers: answer.headers, body: isJson ? answer.json() : answer.body };
  };
  return { ...books, call };
}

test('a deduction goes from capture to its review over HTTP, with versions and its place in the queue', async (t) => {
  const { call, customerId, tactics, maker, ports, period } = await api(t);
  const p = await period('2026-06-15');
  tactics.push(...workedTactics(customerId, p.startsOn, '2026-12-28', p.endsOn));
  await prepareAccruals(maker, ports, p.id);
  const owed = (await call('GET', '/accruals')).body.items;
  assert.deepEqual(owed[0].openLiability, usd('6000.00'));
  const note = `for ${owed[0].promotionCode}`;
  const capture = { customerId, note, reference: 'D-1', amount: usd('500.00'), tax: '50.00', takenOn: '2026-06-01' };
  const headers = { 'idempotency-key': 'one' };
  const made = await call('POST', '/deductions', { body: capture, headers });
  assert.deepEqual([made.status, made.body.state, made.body.openAmount], [201, 'captured', usd('500.00')]);
  const again = await call('POST', '/deductions', { body: capture, headers });
  assert.deepEqual([again.status, again.body.id], [201, made.body.id], 'the same call again is the same deduction');
  assert.equal((await call('POST', '/deductions', { body: capture })).body.code, 'code.taken');
  const url = `/deductions/${made.body.id}`;
  const categorised = await call('POST', `${url}/categorise`, { body: { category: 'promotion', reasonCode: '22' } });
  assert.equal(categorised.headers.etag, '"2"');
  const stale = await call('POST', `${url}/categorise`, { body: { category: 'x' }, headers: { 'if-match': '"1"' } });
  assert.equal(stale.body.code, 'version.conflict');
  const suggested = (await call('GET', `${url}/suggestions`)).body.items;
  const [part] = suggested[0].matches;
  assert.deepEqual([part.promotionCode, part.amount], [owed[0].promotionCode, usd('450.00')]);
  assert.ok(suggested[0].reasons.includes(`names ${owed[0].promotionCode}`));
  const matches = [{ tacticId: owed[0].tacticId, amount: usd('400.00') }];
  assert.equal((await call('POST', `${url}/match`, { body: { matches } })).body.state, 'matched');
  const review = { validAmount: usd('400.00') };
  const unproved = await call('POST', `${url}/validate`, { body: review });
  assert.deepEqual(
    [unproved.status, unproved.body.errors[0].path],
    [422, 'withoutProof'],
    'a scan-back needs scan proof',
  );
  const withoutProof = 'the scan data is in our own panel';
  const reviewed = await call('POST', `${url}/validate`, { body: { ...review, withoutProof } });
  assert.equal(reviewed.body.state, 'partially_valid');
  const read = await call('GET', url);
  assert.deepEqual(read.body.matches[0].amount, usd('400.00'));
  const listed = await call('GET', '/deductions?state=partially_valid');
  assert.deepEqual([listed.body.items.length, listed.body.items[0].reference], [1, 'D-1']);
  assert.equal((await call('GET', '/claims')).body.items.length, 0);
  assert.equal((await call('GET', url, { bearer: 'b' })).status, 404);
  const unknownPerson = { itemKind: 'deduction', itemId: made.body.id, kind: 'offset' };
  assert.equal((await call('POST', '/settlements', { body: unknownPerson })).body.code, 'approval.limit_exceeded');
  const tie = await call('GET', '/accruals/tie-out');
  assert.equal(tie.body.items[0].agrees, true);
});

test('bad input is refused with what is wrong, and nothing is kept', async (t) => {
  const { call, customerId } = await api(t);
  const good = { customerId, reference: 'D', amount: usd('10.00'), takenOn: '2026-06-01' };
  const bad: [number, unknown][] = [
    [400, {}],
    [400, { ...good, amount: { amount: 'ten', currency: 'USD' } }],
    [400, { ...good, amount: { amount: '10.00', currency: 'XXQ' } }],
    [400, { ...good, amount: usd('1e9') }],
    [400, { ...good, amount: usd('10.001') }],
    [400, { ...good, takenOn: '2026-02-30' }],
    [422, { ...good, takenOn: '9999-12-31' }],
    [422, { ...good, takenOn: '2026-06-16' }],
    [422, { ...good, amount: usd('1000000000000.01') }],
    [422, { ...good, takenOn: '0000-01-01' }],
    [422, { ...good, disputeByOn: '9999-12-31' }],
    [400, { ...good, reference: 'a\u0000b' }],
    [400, { ...good, unknown: true }],
    [422, { ...good, amount: usd('-10.00') }],
    [422, { ...good, amount: usd('0.00') }],
    [422, { ...good, tax: '10.01' }],
    [422, { ...good, disputeByOn: '2026-05-31' }],
    [404, { ...good, customerId: randomUUID() }],
  ];
  for (const [status, body] of bad) {
    for (const path of ['/deductions', '/claims']) {
      const answer = await call('POST', path, { body });
      assert.equal(answer.status, status, `${path} ${JSON.stringify(body)} ${JSON.stringify(answer.body)}`);
    }
  }
  assert.equal((await call('GET', '/deductions')).body.items.length, 0);
  assert.equal((await call('GET', '/deductions?sort=drop')).status, 400);
  assert.equal((await call('GET', '/deductions?cursor=xx')).status, 400);
  assert.equal((await call('GET', '/deductions/not-an-id')).status, 400);
  assert.equal((await call('POST', '/accruals', { body: { periodId: randomUUID() } })).status, 404);
  for (const on of ['1999-01-01', '0000-01-01', '9999-12-31']) {
    assert.equal((await call('POST', '/periods', { body: { on } })).body.code, 'calendar.missing', on);
  }
  assert.equal((await call('GET', '/deductions?search=%00')).status, 400);
  for (const path of ['journals', 'deductions', 'claims']) {
    assert.equal((await call('GET', `/${path}/${randomUUID()}`)).status, 404, path);
  }
  const { body } = await call('POST', '/claims', { body: good });
  assert.equal(
    (await call('POST', `/claims/${body.id}/dispute`, { body: { note: 'no' } })).status,
    404,
    'no such action',
  );
  const settle = { itemKind: 'claim', itemId: body.id, kind: 'check' };
  assert.equal((await call('POST', '/settlements', { body: settle })).body.code, 'state.conflict');
  assert.equal((await call('POST', '/settlements', { body: { ...settle, kind: 'write_off' } })).status, 400);
  const parts = [{ amount: usd('4.00') }, { amount: usd('7.00') }];
  assert.equal((await call('POST', `/claims/${body.id}/split`, { body: { parts } })).body.code, 'rule.violated');
});

test('a settlement that is sent again with its Idempotency-Key gets the first answer, and is booked once', async (t) => {
  const { call, house, customerId, tactics, maker, ports, period, validItem } = await api(t);
  const p = await period('2026-06-15');
  tactics.push(...workedTactics(customerId, p.startsOn, '2026-12-28', p.endsOn));
  await prepareAccruals(maker, ports, p.id);
  const tacticId = tactics[0]?.tacticId ?? '';
  await makeCallerAPerson(house);
  const paid = await validItem('deduction', 'D-1', [{ tacticId, amount: '100.00' }]);
  const [a, b] = [
    await validItem('deduction', 'D-2', [{ tacticId, amount: '10.00' }]),
    await validItem('claim', 'K-1', [{ tacticId, amount: '1.00' }]),
  ];
  const items = [a, b].map(({ kind, id }) => ({ itemKind: kind, itemId: id }));
  for (const [path, body] of [
    ['/settlements', { itemKind: 'deduction', itemId: paid.id, kind: 'offset' }],
    ['/settlements/together', { items, kind: 'credit_memo' }],
  ] as const) {
    const headers = { 'idempotency-key': path };
    const first = await call('POST', path, { body, headers });
    const again = await call('POST', path, { body, headers });
    assert.equal(first.status, 201, JSON.stringify(first.body));
    assert.deepEqual([again.status, again.body], [201, first.body], path);
    assert.equal(again.headers['idempotency-replayed'], 'true', path);
    const anew = await call('POST', path, { body });
    assert.deepEqual([anew.status, anew.body.code], [409, 'state.conflict'], `${path} without the key`);
  }
  const settled = (await call('GET', '/settlements')).body.items;
  assert.deepEqual(settled.map(({ amount }: { amount: { amount: string } }) => amount.amount).sort(), [
    '1.00',
    '10.00',
    '100.00',
  ]);
  const journals = (await call('GET', '/journals')).body.items;
  const kinds = journals.map(({ kind }: { kind: string }) => kind).sort();
  assert.deepEqual(kinds, ['accrual', 'settlement', 'settlement']);
  const owed = (await call('GET', '/accruals')).body.items;
  assert.ok(owed.some((one: { openLiability: object }) => isDeepStrictEqual(one.openLiability, usd('5889.00'))));
});

/** Makes whoever the bearer token stands for a person without a limit of their own. */
async function makeCallerAPerson(house: TestHouse): Promise<void> {
  const { actor, tenant } = house.context();
  const owner = new pg.Client({ connectionString: house.url });
  await owner.connect();
  await addStranger(house, { id: actor.id, name: 'Caller', email: 'c@example.com' });
  await owner.query(
    `insert into identity.membership (tenant_id, person_id, roles, approval_limit, approval_currency, created_at)
     values ($1, $2, '{finance_controller}', null, 'USD', now())`,
    [tenant.id, actor.id],
  );
  await owner.end();
}
