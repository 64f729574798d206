import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { DetectionLoop } from '../../detection/detection-loop.ts';
import { listIncidents } from '../../detection/incident-store.ts';
import { clientId, clientSecret, looseProvider } from '../../sign-in/single-sign-on/test-providers.ts';
import { everything, type TestSecurity, testSecurity } from '../../test-security.ts';

const dayMs = 24 * 60 * 60_000;

/** A house with two administrators: Adam, and Leon, who became one. */
async function twoAdministrators(t: TestContext) {
  const house = await testSecurity(t);
  const legal = house.people.find(({ login }) => login === 'legal');
  const adam = await house.signIn('admin');
  const promoted = await house.call('PATCH', `/users/${legal?.id}`, {
    token: adam.token,
    body: { roles: ['administrator'] },
  });
  assert.equal(promoted.status, 200, JSON.stringify(promoted.body));
  return { house, adam, leon: await house.signIn('legal'), legalId: legal?.id };
}

const described = (issuer: string) => ({ name: 'Maker', issuer, clientId, clientSecret });

async function waiting(house: TestSecurity, token: string) {
  return (await house.call('GET', '/single-sign-on/changes', { token })).body.items;
}

const confirm = (house: TestSecurity, token: string, id: string) =>
  house.call('POST', `/single-sign-on/changes/${id}/confirm`, { token });

const offered = async (house: TestSecurity) =>
  (await house.call('GET', '/auth/single-sign-on?tenant=alpha')).body.items.map((one: { name: string }) => one.name);

test('where there are two administrators, nobody signs in through a provider before the other has confirmed it', async (t) => {
  const { house, adam, leon } = await twoAdministrators(t);
  const provider = await looseProvider(t);
  const asked = await house.call('POST', '/single-sign-on', { token: adam.token, body: described(provider.issuer) });
  assert.equal(asked.status, 202, JSON.stringify(asked.body));
  assert.deepEqual(await offered(house), []);
  const [one] = await waiting(house, leon.token);
  assert.deepEqual([one.id, one.happened, one.provider.issuer], [asked.body.waitingChangeId, 'added', provider.issuer]);
  assert.equal(one.askedBy.id, adam.user.id);
  assert.ok(!JSON.stringify(one).includes(clientSecret));
  const begun = await house.call('POST', '/auth/single-sign-on/begin', { body: { providerId: one.providerId } });
  assert.equal(begun.status, 404);
  const own = await confirm(house, adam.token, one.id);
  assert.deepEqual([own.status, own.body.code], [403, 'approval.own_work']);
  const confirmed = await confirm(house, leon.token, one.id);
  assert.deepEqual([confirmed.status, confirmed.body.id], [200, one.providerId], JSON.stringify(confirmed.body));
  assert.deepEqual([await offered(house), await waiting(house, leon.token)], [['Maker'], []]);
  assert.equal((await confirm(house, leon.token, one.id)).status, 404, 'once');
  // The secret came along: the provider takes the exchange.
  provider.account = { email: 'kam@demo.tradeai.example', email_verified: true };
  const start = await house.call('POST', '/auth/single-sign-on/begin', { body: { providerId: one.providerId } });
  const [, browser = ''] = /tradeai_round_trip=([^;]+)/.exec(String(start.headers['set-cookie'])) ?? [];
  const back = await house.call('GET', `/auth/single-sign-on/callback${provider.approve(start.body.url)}`, {
    headers: { cookie: `tradeai_round_trip=${browser}` },
  });
  assert.match(String(back.headers.location), /^\/signed-in/);
});

test('a change that could let somebody in waits for the other administrator; another name and out of use do not', async (t) => {
  const { house, adam, leon } = await twoAdministrators(t);
  const asked = await house.call('POST', '/single-sign-on', {
    token: leon.token,
    body: described('https://id.example'),
  });
  const { id, version } = (await confirm(house, adam.token, asked.body.waitingChangeId)).body;
  const change = (body: object, token = adam.token) => house.call('PATCH', `/single-sign-on/${id}`, { token, body });
  const shown = async () =>
    (await house.call('GET', '/single-sign-on', { token: adam.token })).body.items.find(
      (one: { id: string }) => one.id === id,
    );
  for (const body of [
    { clientSecret: 'another' },
    { emailDomains: ['evil.example'] },
    { joins: true, joinScope: everything },
    { roleClaim: 'groups', roleMap: { all: 'administrator' } },
    { clientId: 'another', enabled: false },
  ]) {
    assert.equal((await change(body)).status, 202, JSON.stringify(body));
    assert.equal((await shown()).version, version, JSON.stringify(body));
  }
  const [last, ...others] = await waiting(house, leon.token);
  assert.deepEqual([last.provider.clientId, others], ['another', []], 'asking again withdraws what was asked before');
  assert.equal((await house.call('DELETE', `/single-sign-on/changes/${last.id}`, { token: leon.token })).status, 204);
  assert.equal((await confirm(house, leon.token, last.id)).status, 404);
  assert.equal((await change({ name: 'Ours' })).status, 200);
  assert.equal((await change({ enabled: false })).status, 200);
  const reopened = await change({ enabled: true });
  assert.equal(reopened.status, 202, 'into use again');
  assert.equal((await change({ name: 'Ours again' })).status, 200);
  const stale = await confirm(house, leon.token, reopened.body.waitingChangeId);
  assert.equal(stale.body.code, 'version.conflict', 'what was changed since is not overwritten');
  const again = await change({ enabled: true });
  house.pass(7 * dayMs + 1);
  const later = await house.signIn('legal');
  assert.equal((await confirm(house, later.token, again.body.waitingChangeId)).status, 404, 'it has lapsed');
});

test('an administrator who has just made themselves the only one still waits, for seven days', async (t) => {
  const { house, adam, legalId } = await twoAdministrators(t);
  house.pass(dayMs);
  const first = await house.signIn('admin');
  const demoted = await house.call('PATCH', `/users/${legalId}`, {
    token: first.token,
    body: { roles: ['auditor'] },
  });
  assert.equal(demoted.status, 200);
  const add = (token: string) =>
    house.call('POST', '/single-sign-on', { token, body: described('https://id.example') });
  assert.equal((await add(first.token)).status, 202);
  house.pass(8 * dayMs);
  const alone = await house.signIn('admin');
  assert.equal(adam.user.id, alone.user.id);
  assert.equal((await add(alone.token)).status, 201);
});

test('what waits is told of like what is in force, and both who asked and who confirmed stand in the trail', async (t) => {
  const { house, adam, leon } = await twoAdministrators(t);
  const asked = await house.call('POST', '/single-sign-on', {
    token: adam.token,
    body: described('https://id.example'),
  });
  const context = house.house.context();
  const loop = new DetectionLoop({
    ...{ db: context.db, clock: context.clock, log: context.log },
    tenant: async () => context.tenant,
  });
  while ((await loop.round()) > 0);
  const { items } = await context.db.read(context, (tx) => listIncidents(tx, {}, { limit: 50 }));
  const told = items.filter(({ rule }) => rule === 'provider-changed').map(({ reasons }) => reasons[0]?.because);
  assert.equal(told.length, 1);
  assert.match(told[0] ?? '', /waits for a second person to be set up/);
  const { body: provider } = await confirm(house, leon.token, asked.body.waitingChangeId);
  const entries = await house.call('GET', `/audit?entityId=${provider.id}`, { token: leon.token });
  const [added] = entries.body.items;
  assert.deepEqual(
    [added.action, added.actorId, added.after.askedBy],
    ['single_sign_on.added', leon.user.id, adam.user.id],
  );
});

test('financial entries are kept for less than seven years only once a second person has confirmed it', async (t) => {
  const { house, adam, leon } = await twoAdministrators(t);
  const set = (retentionClass: string, keepDays: number) => {
    // What the trail says of one moment has no order.
    house.pass(1_000);
    return house.call('PUT', '/audit/retention', { token: adam.token, body: { retentionClass, keepDays } });
  };
  const kept = async () => {
    const { body } = await house.call('GET', '/audit/retention', { token: adam.token });
    const days = body.items.find((one: { retentionClass: string }) => one.retentionClass === 'financial').keepDays;
    return { days, waiting: body.waiting.map((one: { keepDays: number }) => one.keepDays) };
  };
  const confirmed = (token: string, id: string) =>
    house.call('POST', `/audit/retention/changes/${id}/confirm`, { token });
  assert.equal((await set('operational', 100)).status, 200);
  assert.equal((await set('financial', 4_000)).status, 200);
  assert.equal((await set('financial', 2_562)).status, 200, 'seven years are enough');
  const first = await set('financial', 2_000);
  assert.equal(first.status, 202, JSON.stringify(first.body));
  const second = await set('financial', 400);
  assert.deepEqual(await kept(), { days: 2_562, waiting: [400] });
  const { waitingChangeId: id } = second.body;
  assert.equal((await confirmed(leon.token, first.body.waitingChangeId)).status, 404, 'withdrawn by asking again');
  assert.equal((await confirmed(adam.token, id)).body.code, 'approval.own_work');
  house.pass(1_000);
  assert.equal((await confirmed(leon.token, id)).body.keepDays, 400);
  assert.deepEqual(await kept(), { days: 400, waiting: [] });
  assert.equal((await set('financial', 500)).status, 200, 'longer than now');
  const [third, fourth] = await Promise.all([set('financial', 450), set('financial', 440)]);
  assert.deepEqual(
    [third.status, fourth.status, (await kept()).waiting.length],
    [202, 202, 1],
    'two at once: one waits',
  );
  const left = (await house.call('GET', '/audit/retention', { token: adam.token })).body.waiting[0].id;
  const path = `/audit/retention/changes/${left}`;
  assert.equal((await house.call('DELETE', path, { token: leon.token })).status, 204);
  assert.deepEqual(await kept(), { days: 500, waiting: [] });
});
