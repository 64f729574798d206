import assert from 'node:assert/strict';
import { test } from 'node:test';
import { strFromU8, unzipSync } from 'fflate';
import pg from 'pg';
import { sql } from '#db';
import { TimerLoop } from '#events';
import { makeLogger } from '#telemetry';
import { testTenants } from '../../../../test/house.ts';
import { createDemoPeople } from '../people/create-demo-people.ts';
import { everything, password, type TestSecurity, testSecurity } from '../test-security.ts';
import { privacyModule } from './privacy-module.ts';

const said = { decision: 'Asked by letter, checked, done.' };

async function officer(t: Parameters<typeof testSecurity>[0], mails = false) {
  const house = await testSecurity(t, mails);
  const { token } = await house.signIn('admin');
  const call = (method: 'GET' | 'POST' | 'PATCH', path: string, body?: object, headers?: Record<string, string>) =>
    house.call(method, `/privacy${path}`, { token, ...(body ? { body } : {}), ...(headers ? { headers } : {}) });
  const open = async (kind: string, login: string, checked = true) => {
    const personId = idOf(house, login);
    const made = await call('POST', '/requests', { kind, personId, contact: `${login}, by post`, asked: 'Please.' });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    if (checked) {
      const body = { action: 'check_identity', proof: 'Passport shown' };
      assert.equal((await call('POST', `/requests/${made.body.id}/act`, body)).status, 200);
    }
    return made.body;
  };
  return { house, token, call, open };
}

const idOf = (house: TestSecurity, login: string): string =>
  house.people.find((person) => person.login === login)?.id ?? '';

async function asOwner<T>(house: TestSecurity, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: house.house.url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Everything that stands in the tables of a schema, as one text; bytes as they are. */
async function textOf(house: TestSecurity, schemas: readonly string[]): Promise<string> {
  return asOwner(house, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      `select schemaname || '.' || tablename as name from pg_tables where schemaname = any($1)`,
      [schemas],
    );
    let text = '';
    for (const { name } of rows) {
      const found = await client.query(`select t.*::text as row from ${name} t`.replace('t.*::text', 't::text'));
      text += found.rows.map(({ row }) => row).join('\n');
    }
    return text;
  });
}

test('no name and no e-mail of anybody stands in the database in clear, also not of those who are only invited', async (t) => {
  const { house, token } = await officer(t);
  const body = { email: 'nora@maker.example', name: 'Nora Bell', roles: ['auditor'], scope: everything };
  assert.equal((await house.call('POST', '/users/invitations', { token, body })).status, 201);
  await house.signIn('kam');
  const text = await textOf(house, ['identity', 'audit', 'security', 'privacy', 'event', 'keys']);
  assert.ok(text.length > 10_000);
  for (const clear of ['Kira Almond', 'Almond', 'kam@demo', 'demo.tradeai.example', 'Nora', 'nora@maker']) {
    assert.ok(!text.toLowerCase().includes(clear.toLowerCase()), clear);
    assert.ok(!text.includes(Buffer.from(clear).toString('hex')), `${clear} as bytes`);
  }
  const clear =
    "insert into identity.person (id, email, name, created_at) values (gen_random_uuid(), 'a@b.example', 'A', now())";
  await assert.rejects(
    asOwner(house, (client) => client.query(clear)),
    /person_sealed/,
  );
});

test('a request is due in a month, may be extended once by two, and what is decided stays decided', async (t) => {
  const { call, open } = await officer(t);
  const { id, dueOn, receivedOn } = await open('access', 'kam', false);
  assert.deepEqual([receivedOn, dueOn], ['2026-06-15', '2026-07-15']);
  const early = await call('POST', '/requests', { kind: 'access', contact: 'x', receivedOn: '2026-01-31' });
  assert.equal(early.body.dueOn, '2026-02-28');
  assert.equal(early.body.overdue, true);
  assert.equal(
    (await call('POST', '/requests', { kind: 'access', contact: 'x', receivedOn: '2026-06-16' })).status,
    400,
  );
  const act = (body: object, headers?: Record<string, string>) => call('POST', `/requests/${id}/act`, body, headers);
  assert.equal((await act({ action: 'extend', reason: 'Many' }, { 'if-match': '"9"' })).status, 409);
  assert.equal((await act({ action: 'extend', reason: 'Many records' })).body.dueOn, '2026-09-15');
  assert.equal((await act({ action: 'extend', reason: 'again' })).status, 409);
  assert.equal((await act({ action: 'complete', decision: 'done' })).status, 409, 'nobody checked who asked');
  assert.equal((await act({ action: 'check_identity', proof: 'Known by voice' })).status, 200);
  const done = await act({ action: 'complete', decision: 'Handed over' });
  assert.equal(done.body.state, 'done');
  assert.deepEqual(
    done.body.steps.map(({ what, actorName }: { what: string; actorName: string }) => `${what} ${actorName}`),
    ['opened', 'extend', 'check_identity', 'complete'].map((what) => `${what} Adam Quist`),
  );
  assert.equal((await act({ action: 'refuse', reason: 'late' })).status, 409);
  const list = await call('GET', '/requests?state=open');
  assert.deepEqual(
    list.body.items.map((item: { contact: string }) => item.contact),
    ['x'],
  );
});

test('access gives all that is held of a person and nobody else as JSON and CSV, without what would let a thief in', async (t) => {
  const { house, call, open } = await officer(t);
  await house.signIn('kam');
  const { id } = await open('access', 'kam', false);
  assert.equal((await call('POST', `/requests/${id}/export`)).status, 409);
  await call('POST', `/requests/${id}/act`, { action: 'check_identity', proof: 'Passport' });
  const { token } = await house.signIn('admin');
  const url = `/api/v1/privacy/requests/${id}/export`;
  const answer = await house.raw(url, token);
  assert.equal(answer.headers['content-type'], 'application/zip');
  const files = unzipSync(answer.rawPayload);
  const { about, data } = JSON.parse(strFromU8(files['data.json'] ?? new Uint8Array()));
  assert.deepEqual(about.person, { id: idOf(house, 'kam'), name: 'Kira Almond', email: 'kam@demo.tradeai.example' });
  assert.equal(data['identity.person'][0].name_sealed, 'Kira Almond');
  assert.deepEqual(data['identity.membership'][0].roles, ['key_account_manager']);
  assert.equal(data['identity.session'].length, 1);
  assert.ok(data['audit.entry'].length >= 1);
  assert.equal(data['privacy.request'][0].contact, 'kam, by post');
  assert.ok(files['processing.json']);
  assert.match(strFromU8(files['identity.person.csv'] ?? new Uint8Array()), /Kira Almond/);
  const all = Object.values(files)
    .map((file) => strFromU8(file))
    .join('');
  assert.ok(!all.includes('$argon2'), 'no hash of a password');
  for (const { name, login } of house.people) if (login !== 'kam') assert.ok(!all.includes(name), name);
  const trail = await house.call('GET', `/audit?action=personal_data.exported`, { token });
  assert.equal(trail.body.items.length, 1);
});

test('people take their own data without an officer, after a fresh proof, and nobody waits while much of it is put together', async (t) => {
  const house = await testSecurity(t);
  const kam = await house.signIn('kam');
  const many = 20_000;
  await house.house.db.system((tx) =>
    tx.run(sql`insert into identity.session (tenant_id, id, person_id, rotated_at, created_at, expires_at)
      select tenant_id, gen_random_uuid(), person_id, now(), now(), now()
      from identity.membership cross join generate_series(1, ${many}) where person_id = ${kam.user.id}`),
  );
  const body = { kind: 'access' };
  const started = house.raw('/api/v1/auth/personal-data', kam.token, body);
  let served = 0;
  let done = false;
  void started.finally(() => {
    done = true;
  });
  while (!done) {
    assert.equal((await house.call('GET', '/auth/me', { token: kam.token })).status, 200);
    served += 1;
  }
  assert.ok(served > 5, `only ${served} others were served meanwhile`);
  const files = unzipSync((await started).rawPayload);
  const { data } = JSON.parse(strFromU8(files['data.json'] ?? new Uint8Array()));
  assert.equal(data['identity.session'].length, many + 1);
  assert.equal(strFromU8(files['identity.session.csv'] ?? new Uint8Array()).split('\r\n').length, many + 3);
  house.pass(11 * 60_000);
  const { cookie } = kam;
  const again = await house.call('POST', '/auth/refresh', { cookie });
  const stale = await house.call('POST', '/auth/personal-data', { token: again.body.accessToken, body });
  assert.deepEqual([stale.status, stale.body.demand], [403, 'proof']);
});

test('a rectified name and e-mail hold at once and for signing in, and what they were is kept, sealed', async (t) => {
  const { house, token, call, open } = await officer(t, true);
  const kam = await house.signIn('kam');
  await house.call('POST', '/auth/forgot', { body: { email: 'kam@demo.tradeai.example' } });
  await house.security.close();
  const link = /reset#token=([\w-]+)/.exec(house.mails[0]?.text ?? '')?.[1];
  const role = { code: 'privacy', name: 'Privacy', permissions: ['privacy:manage'] };
  assert.equal((await house.call('POST', '/roles', { token, body: role })).status, 201);
  const second = { token, body: { roles: ['privacy'] } };
  assert.equal((await house.call('PATCH', `/users/${idOf(house, 'finance')}`, second)).status, 200);
  const other = await house.signIn('finance');
  const { id } = await open('rectification', 'kam');
  const rectify = (body: object) =>
    house.call('POST', `/privacy/requests/${id}/rectify`, { token: other.token, body: { ...body, ...said } });
  const body = { name: 'Kira Olmond', email: 'kira@demo.tradeai.example' };
  const alone = await call('POST', `/requests/${id}/rectify`, { ...body, ...said });
  assert.equal(alone.body.code, 'approval.own_work', 'whoever checked who asked would take the account over');
  assert.equal((await rectify({ email: 'finance@demo.tradeai.example' })).status, 409);
  const done = await rectify(body);
  assert.equal(done.status, 200, JSON.stringify(done.body));
  const reset = { body: { token: link, password: 'a brand new password' } };
  assert.equal((await house.call('POST', '/auth/reset', reset)).status, 401, 'the link went to the former address');
  assert.deepEqual(done.body.evidence, { fields: ['name', 'email'] });
  assert.equal((await house.call('GET', '/auth/me', { token: kam.token })).status, 401, 'their sessions ended');
  const login = (email: string) => house.call('POST', '/auth/login', { body: { email, password } });
  assert.equal((await login('kam@demo.tradeai.example')).status, 401);
  assert.equal((await login('kira@demo.tradeai.example')).body.user.name, 'Kira Olmond');
  const { rows } = await asOwner(house, (client) => client.query('select before, after from privacy.rectification'));
  assert.equal(rows.length, 1);
  assert.ok(!rows[0].before.includes('Almond'));
  const own = await open('rectification', 'admin');
  assert.equal((await call('POST', `/requests/${own.id}/rectify`, { name: 'Me', ...said })).status, 422);
});

test('an erasure ends access, makes the person a pseudonym everywhere, and tells table by table what stays and why', async (t) => {
  const { house, call, open } = await officer(t);
  const kam = await house.signIn('kam');
  const { id } = await open('erasure', 'kam');
  const plan = (await call('GET', `/requests/${id}/erasure`)).body;
  assert.deepEqual(plan.obstacles, []);
  assert.equal(plan.everywhere, true);
  const rules = Object.fromEntries(plan.lines.map((line: { table: string; rule: string }) => [line.table, line.rule]));
  assert.equal(rules['identity.password'], 'deleted');
  assert.equal(rules['audit.entry'], 'kept under a pseudonym');
  assert.ok(plan.lines.every(({ rule, because }: { rule: string; because: string }) => rule === 'deleted' || because));
  const done = await call('POST', `/requests/${id}/erase`, said);
  assert.equal(done.status, 200, JSON.stringify(done.body));
  assert.equal(done.body.state, 'done');
  assert.equal(done.body.contact, null, 'who asked is unreadable too');
  const { rows } = await asOwner(house, (client) =>
    client.query(
      `select name_sealed, email_sealed, email_index, (select count(*)::int from identity.password where person_id = p.id) as passwords
       from identity.person p where id = $1`,
      [idOf(house, 'kam')],
    ),
  );
  assert.deepEqual(rows, [{ name_sealed: null, email_sealed: null, email_index: null, passwords: 0 }]);
  assert.equal((await house.call('GET', '/auth/me', { token: kam.token })).status, 401);
  const login = { email: 'kam@demo.tradeai.example', password };
  assert.equal((await house.call('POST', '/auth/login', { body: login })).status, 401);
  const { token } = await house.signIn('admin');
  const person = (await house.call('GET', `/users/${idOf(house, 'kam')}`, { token })).body;
  assert.equal(person.name, `Erased person ${idOf(house, 'kam').slice(-6)}`);
  assert.deepEqual([person.email, person.disabled], ['', true]);
  const trail = await house.call('GET', `/audit?actorId=${idOf(house, 'kam')}`, { token });
  assert.ok(trail.body.items.length >= 1, 'what they did stays');
  assert.match(trail.body.items[0].actorName, /^Erased person /);
  const again = await house.call('POST', '/users/invitations', {
    token,
    body: { email: login.email, roles: ['auditor'], scope: everything },
  });
  assert.equal(again.status, 201, 'the e-mail is free again');
});

test('nobody erases themselves or the last administrator, nor anybody under a legal hold or without a check of who asked', async (t) => {
  const { house, token, call, open } = await officer(t);
  const erase = async (request: { id: string }) => call('POST', `/requests/${request.id}/erase`, said);
  const unchecked = await open('erasure', 'kam', false);
  assert.equal((await erase(unchecked)).status, 409);
  const own = await erase(await open('erasure', 'admin'));
  assert.equal(own.status, 422);
  assert.match(own.body.detail, /Nobody erases themselves.*last administrator/);
  assert.equal((await erase(await open('access', 'kam'))).status, 422);
  const held = await house.call('POST', '/audit/legal-holds', { token, body: { note: 'Lawsuit' } });
  assert.ok(held.status < 300, JSON.stringify(held.body));
  const refused = await erase(await open('erasure', 'legal'));
  assert.equal(refused.status, 422);
  assert.match(refused.body.detail, /legal hold/);
  assert.equal((await house.call('GET', '/users?search=Leon', { token })).body.items.length, 1);
});

test('a member of two tenants loses the membership that asked and keeps account and name for the other', async (t) => {
  const { house, call, open } = await officer(t);
  const others = await createDemoPeople(house.house.db, house.house.clock, testTenants.b.id, password, 'other.example');
  assert.equal(others.length, 9);
  await asOwner(house, (client) =>
    client.query(
      `insert into identity.membership (tenant_id, person_id, roles, approval_currency, created_at)
      values ($1, $2, '{auditor}', 'USD', now())`,
      [testTenants.b.id, idOf(house, 'kam')],
    ),
  );
  const { id } = await open('erasure', 'kam');
  const done = await call('POST', `/requests/${id}/erase`, said);
  assert.equal(done.body.evidence.everywhere, false);
  const login = { email: 'kam@demo.tradeai.example', password, tenant: testTenants.b.slug };
  assert.equal((await house.call('POST', '/auth/login', { body: login })).status, 200);
  const { tenant: _, ...here } = login;
  assert.equal((await house.call('POST', '/auth/login', { body: here })).body.user.tenantId, testTenants.b.id);
});

test('consents are given and withdrawn with their wording, and the newest holds', async (t) => {
  const { house, call } = await officer(t);
  const consent = { personId: idOf(house, 'kam'), purpose: 'Newsletter', wording: 'v1', source: 'form' };
  assert.equal((await call('POST', '/consents', { ...consent, given: false })).status, 409);
  assert.equal((await call('POST', '/consents', { ...consent, given: true })).status, 201);
  house.pass(1_000);
  assert.equal((await call('POST', '/consents', { ...consent, given: false })).status, 201);
  const { body } = await call('GET', '/consents');
  assert.deepEqual(
    body.items.map((one: { given: boolean; holds: boolean; personName: string }) => [
      one.given,
      one.holds,
      one.personName,
    ]),
    [
      [false, true, 'Kira Almond'],
      [true, false, 'Kira Almond'],
    ],
  );
});

test('a breach has 72 hours from the awareness, reminds as they run out, and closes only when those are told whom the law names', async (t) => {
  const { house, call } = await officer(t);
  const { clock, db } = house.house;
  const awareAt = new Date(clock.now().getTime() - 3_600_000).toISOString();
  const made = await call('POST', '/breaches', { title: 'Lost laptop', whatHappened: 'On a train', awareAt });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  assert.equal(Date.parse(made.body.dueAt) - Date.parse(awareAt), 72 * 3_600_000);
  const act = (body: object) => call('POST', `/breaches/${made.body.id}/act`, { note: 'n', ...body });
  assert.equal((await act({ action: 'close' })).status, 422);
  assert.equal((await act({ action: 'assess', risk: 'high', peopleAffected: 9 })).body.peopleAffected, 9);
  assert.equal((await act({ action: 'close' })).status, 422);
  const timers = new TimerLoop({
    ...{ db, clock, log: makeLogger('silent'), tenant: async () => testTenants.a },
    handlers: privacyModule.timers ?? {},
  });
  house.pass(24 * 3_600_000);
  await timers.fireDue();
  house.pass(48 * 3_600_000);
  await timers.fireDue();
  const steps = (
    await house.call('GET', `/privacy/breaches/${made.body.id}`, { token: (await house.signIn('admin')).token })
  ).body.steps;
  assert.deepEqual(
    steps.filter(({ what }: { what: string }) => what === 'reminder').map(({ note }: { note: string }) => note),
    ['48 hours are left.', '24 hours are left.', '6 hours are left.', 'The 72 hours are over.'],
  );
  const { token } = await house.signIn('admin');
  const later = (body: object) =>
    house.call('POST', `/privacy/breaches/${made.body.id}/act`, { token, body: { note: 'n', ...body } });
  assert.equal((await later({ action: 'tell_authority' })).status, 422, 'late without a reason');
  assert.equal((await later({ action: 'tell_authority', lateReason: 'Found late' })).status, 200);
  assert.equal((await later({ action: 'close' })).status, 422, 'high risk: those whom it concerns');
  assert.equal((await later({ action: 'tell_people' })).status, 200);
  assert.ok((await later({ action: 'close' })).body.closedAt);
  assert.equal((await later({ action: 'measure' })).status, 409);
});

test('the record of processing is answered, and only those who manage privacy see any of this', async (t) => {
  const { house, call } = await officer(t);
  const { body } = await call('GET', '/processing');
  const data = body.items.flatMap(({ data: columns }: { data: { table: string; column: string }[] }) => columns);
  assert.ok(
    data.some(
      ({ table, column }: { table: string; column: string }) => `${table}.${column}` === 'identity.person.email_sealed',
    ),
  );
  const kam = await house.signIn('kam');
  for (const path of ['/requests', '/consents', '/breaches', '/processing']) {
    assert.equal((await house.call('GET', `/privacy${path}`, { token: kam.token })).status, 403, path);
  }
});
