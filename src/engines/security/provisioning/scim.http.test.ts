import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { sql } from '#db';
import { insertPasskey } from '../sign-in/passkey-store.ts';
import { everything, password, type TestSecurity, testSecurity } from '../test-security.ts';

async function provisioning(house: TestSecurity, joinScope: object | null = everything) {
  const { token } = await house.signIn('admin');
  const account = await house.call('POST', '/service-accounts', {
    token,
    body: { name: 'Directory', permissions: ['users:manage'], scope: everything, joinScope },
  });
  const body = { name: 'scim', permissions: ['users:manage'] };
  const key = await house.call('POST', `/service-accounts/${account.body.id}/keys`, { token, body });
  const scim = (method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, sent?: unknown) =>
    house.call(method, `/scim/v2${path}`, {
      token: key.body.token,
      ...(sent === undefined ? {} : { body: sent, headers: { 'content-type': 'application/scim+json' } }),
    });
  return { scim, admin: token };
}

const nina = {
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
  userName: 'Nina@maker.example',
  name: { givenName: 'Nina', familyName: 'Roth' },
  externalId: 'ext-1',
  active: true,
  title: 'is not kept',
};
const patch = (...Operations: unknown[]) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations,
});

test('a directory finds, creates, reads, changes and lists people in the words of RFC 7643', async (t) => {
  const house = await testSecurity(t);
  const { scim } = await provisioning(house);
  const filter = `/Users?filter=${encodeURIComponent('userName eq "nina@MAKER.example"')}`;
  assert.deepEqual((await scim('GET', filter)).body.totalResults, 0);
  const made = await scim('POST', '/Users', nina);
  assert.equal(made.status, 201, JSON.stringify(made.body));
  assert.match(String(made.headers['content-type']), /^application\/scim\+json/);
  assert.equal(made.headers['cache-control'], 'no-store');
  const { id, userName, displayName, active, externalId, groups } = made.body;
  assert.deepEqual(
    [userName, displayName, active, externalId, groups],
    ['nina@maker.example', 'Nina Roth', true, 'ext-1', []],
  );
  assert.equal(made.headers.location, `http://localhost:3000/scim/v2/Users/${id}`);
  assert.deepEqual(
    (await scim('GET', filter)).body.Resources.map((one: { id: string }) => one.id),
    [id],
  );
  const again = await scim('POST', '/Users', nina);
  assert.deepEqual(
    [again.status, again.body.scimType, again.body.schemas],
    [409, 'uniqueness', ['urn:ietf:params:scim:api:messages:2.0:Error']],
  );
  const renamed = await scim(
    'PATCH',
    `/Users/${id}`,
    patch({ op: 'Replace', path: 'name.familyName', value: 'Bloom' }, { op: 'add', value: { externalId: 'ext-2' } }),
  );
  assert.deepEqual([renamed.body.displayName, renamed.body.externalId], ['Nina Bloom', 'ext-2']);
  const put = await scim('PUT', `/Users/${id}`, {
    ...nina,
    userName: 'nina.bloom@maker.example',
    displayName: 'N. Bloom',
    name: undefined,
  });
  assert.deepEqual(
    [put.status, put.body.userName, put.body.displayName],
    [200, 'nina.bloom@maker.example', 'N. Bloom'],
  );
  const seen = new Set<string>();
  for (let startIndex = 1; startIndex <= 10; startIndex += 4) {
    const page = await scim('GET', `/Users?startIndex=${startIndex}&count=4`);
    assert.equal(page.body.totalResults, 10);
    for (const one of page.body.Resources) seen.add(one.id);
  }
  assert.equal(seen.size, 10);
  assert.equal((await scim('GET', '/Users?count=0')).body.Resources.length, 0);
  for (const path of ['/ServiceProviderConfig', '/Schemas', '/ResourceTypes']) {
    assert.equal((await scim('GET', path)).status, 200, path);
  }
});

test('taking somebody out of the directory, by a flag or for good, ends their sessions and keys at once', async (t) => {
  const house = await testSecurity(t);
  const { scim } = await provisioning(house);
  const id = house.people.find(({ login }) => login === 'kam')?.id;
  const login = { email: 'kam@demo.tradeai.example', password };
  for (const remove of [
    () => scim('PATCH', `/Users/${id}`, patch({ op: 'replace', path: 'active', value: 'False' })),
    () => scim('PATCH', `/Users/${id}`, patch({ op: 'replace', value: { active: false } })),
    () => scim('DELETE', `/Users/${id}`),
  ]) {
    const { token, cookie } = await house.signIn('kam');
    const key = await house.call('POST', '/auth/keys', {
      token,
      body: { name: 'k', permissions: ['promotions:read'] },
    });
    assert.equal(key.status, 201);
    assert.ok([200, 204].includes((await remove()).status));
    assert.equal((await house.call('GET', '/auth/me', { token })).status, 401);
    assert.equal((await house.call('POST', '/auth/refresh', { cookie })).status, 401);
    assert.equal((await house.call('GET', '/people', { token: key.body.token })).status, 401);
    assert.equal((await house.call('POST', '/auth/login', { body: login })).status, 401);
    await scim('PATCH', `/Users/${id}`, patch({ op: 'replace', path: 'active', value: true }));
  }
  assert.equal((await scim('GET', `/Users/${id}`)).status, 404);
  const back = await scim('POST', '/Users', { userName: login.email, active: true });
  assert.deepEqual(
    [back.status, back.body.id, back.body.groups],
    [201, id, []],
    'the same person comes back, without rights',
  );
});

test('groups are roles: being added gives the rights, being taken out takes them, and the last administrator stays', async (t) => {
  const house = await testSecurity(t);
  const { scim } = await provisioning(house);
  const groups = await scim('GET', `/Groups?filter=${encodeURIComponent('displayName eq "Auditor"')}`);
  const [group] = groups.body.Resources;
  assert.equal(group.id, 'auditor');
  const { id } = (await scim('POST', '/Users', nina)).body;
  const rolesOf = async () =>
    (await scim('GET', `/Users/${id}`)).body.groups.map((one: { value: string }) => one.value);
  await scim('PATCH', '/Groups/auditor', patch({ op: 'add', path: 'members', value: [{ value: id }] }));
  assert.deepEqual(await rolesOf(), ['auditor']);
  await scim('PATCH', '/Groups/auditor', patch({ op: 'remove', path: `members[value eq "${id}"]` }));
  assert.deepEqual(await rolesOf(), []);
  const before = (await scim('GET', '/Groups/auditor')).body.members;
  await scim('PUT', '/Groups/auditor', { displayName: 'Auditor', members: [...before, { value: id }] });
  assert.deepEqual(await rolesOf(), ['auditor']);
  const last = await scim('PUT', '/Groups/administrator', { displayName: 'Administrator', members: [] });
  assert.deepEqual([last.status, /last administrator/.test(last.body.detail)], [422, true]);
  const admin = house.people.find(({ login }) => login === 'admin')?.id;
  assert.equal((await scim('DELETE', `/Users/${admin}`)).status, 422);
  assert.equal(
    (await scim('PATCH', '/Groups/auditor', patch({ op: 'replace', path: 'displayName', value: 'X' }))).body.scimType,
    'mutability',
  );
  assert.equal((await scim('POST', '/Groups', { displayName: 'New' })).status, 403);
});

test('nobody provisions without the permission, nor across tenants, and broken requests are refused as SCIM has it', async (t) => {
  const house = await testSecurity(t);
  const { scim } = await provisioning(house);
  const kam = await house.signIn('kam');
  const id = house.people.find(({ login }) => login === 'kam')?.id;
  for (const [method, path] of [
    ['GET', '/Users'],
    ['POST', '/Users'],
    ['GET', `/Users/${id}`],
    ['PUT', `/Users/${id}`],
    ['PATCH', `/Users/${id}`],
    ['DELETE', `/Users/${id}`],
    ['GET', '/Groups'],
    ['PATCH', '/Groups/auditor'],
    ['GET', '/Schemas'],
  ] as const) {
    assert.equal((await house.call(method, `/scim/v2${path}`)).status, 401, `${method} ${path} of nobody`);
    const refused = await house.call(method, `/scim/v2${path}`, { token: kam.token });
    assert.deepEqual([refused.status, refused.body.status], [403, '403'], `${method} ${path}`);
  }
  // An administrator changes rights under /users, where that takes a recent proof; a key of theirs proves nothing.
  const admin = await house.signIn('admin');
  const keyBody = { name: 'mine', permissions: ['users:manage'] };
  const own = await house.call('POST', '/auth/keys', { token: admin.token, body: keyBody });
  for (const token of [admin.token, own.body.token]) {
    const body = patch({ op: 'add', path: 'members', value: [{ value: id }] });
    const refused = await house.call('PATCH', '/scim/v2/Groups/auditor', { token, body });
    assert.equal(refused.status, 403, JSON.stringify(refused.body));
  }
  const wrong: [Parameters<typeof scim>, number, string | undefined][] = [
    [['POST', '/Users', { userName: 'no e-mail' }], 400, 'invalidValue'],
    [['POST', '/Users', []], 400, 'invalidSyntax'],
    [['POST', '/Users', '{'], 400, 'invalidSyntax'],
    [['PATCH', `/Users/${id}`, patch({ op: 'explode' })], 400, 'invalidSyntax'],
    [['PATCH', `/Users/${id}`, patch({ op: 'replace', path: 'shoeSize', value: 43 })], 400, 'invalidPath'],
    [['PATCH', `/Users/${id}`, patch({ op: 'replace', path: 'active', value: 'maybe' })], 400, 'invalidValue'],
    [['GET', '/Users?filter=userName%20sw%20%22a%22'], 400, 'invalidFilter'],
    [['GET', `/Users?filter=${encodeURIComponent('userName eq "a" or id eq "b"')}`], 400, 'invalidFilter'],
    [['GET', '/Users/nobody'], 404, undefined],
    [['GET', '/Users/0190a000-0000-7000-8000-000000000001'], 404, undefined],
    [['PATCH', '/Groups/nothing', patch({ op: 'add', path: 'members', value: [] })], 404, undefined],
    [
      [
        'PATCH',
        '/Groups/auditor',
        patch({ op: 'add', path: 'members', value: [{ value: '0190a000-0000-7000-8000-000000000001' }] }),
      ],
      404,
      undefined,
    ],
  ];
  for (const [request, status, scimType] of wrong) {
    const answer = await scim(...request);
    assert.deepEqual([answer.status, answer.body.scimType], [status, scimType], JSON.stringify(request));
    assert.deepEqual(answer.body.schemas, ['urn:ietf:params:scim:api:messages:2.0:Error']);
  }
});

test('a tenant’s directory changes neither e-mail nor name of somebody who belongs to another tenant too', async (t) => {
  const house = await testSecurity(t);
  const { scim } = await provisioning(house);
  const id = house.people.find(({ login }) => login === 'kam')?.id;
  await house.house.db.system(async (tx) => {
    const { sql } = await import('#db');
    await tx.run(sql`insert into identity.membership (tenant_id, person_id, roles, approval_currency, created_at)
      select id, ${id}, '{}', 'USD', now() from identity.tenant where slug = 'beta'`);
  });
  const seized = await scim(
    'PATCH',
    `/Users/${id}`,
    patch({ op: 'replace', path: 'userName', value: 'thief@evil.example' }),
  );
  assert.deepEqual([seized.status, seized.body.scimType], [400, 'mutability']);
  const renamed = await scim('PATCH', `/Users/${id}`, patch({ op: 'replace', path: 'displayName', value: 'Other' }));
  assert.deepEqual([renamed.status, renamed.body.displayName], [200, 'Kira Almond']);
});

test('whoever joins through a directory sees what was said of it, and it gives its maker no rights', async (t) => {
  const house = await testSecurity(t);
  const part = { customers: [randomUUID()], products: null };
  const { scim, admin } = await provisioning(house, part);
  const made = await scim('POST', '/Users', nina);
  assert.equal(made.status, 201, JSON.stringify(made.body));
  const kept = await house.call('GET', `/users/${made.body.id}`, { token: admin });
  assert.deepEqual(kept.body.scope, part);
  const maker = (await house.call('GET', '/auth/me', { token: admin })).body.id;
  const give = await scim('PATCH', '/Groups/auditor', patch({ op: 'add', path: 'members', value: [{ value: maker }] }));
  assert.equal(give.status, 403, JSON.stringify(give.body));
  const other = await scim(
    'PATCH',
    '/Groups/auditor',
    patch({ op: 'add', path: 'members', value: [{ value: made.body.id }] }),
  );
  assert.equal(other.status, 200);
  const accounts = (await house.call('GET', '/service-accounts', { token: admin })).body.items;
  const unsaid = { token: admin, body: { joinScope: null } };
  assert.equal((await house.call('PATCH', `/service-accounts/${accounts[0].id}`, unsaid)).status, 200);
  assert.equal((await scim('POST', '/Users', { ...nina, userName: 'later@maker.example' })).status, 403);
});

test('whoever proves to own an e-mail finds no way in that was set up while the account was under another', async (t) => {
  const house = await testSecurity(t, true);
  const { scim } = await provisioning(house);
  const { id } = (await scim('POST', '/Users', nina)).body;
  const call = (value: string) => scim('PATCH', `/Users/${id}`, patch({ op: 'replace', path: 'userName', value }));
  const passkeys = () =>
    house.house.db.system((tx) => tx.many<{ name: string }>(sql`select name from identity.passkey order by name`));
  const planted = (name: string) =>
    house.house.db.system((tx) =>
      insertPasskey(tx, {
        ...{ id: randomUUID(), personId: id, credentialId: name, publicKey: Buffer.from('key'), counter: 0, name },
        ...{ transports: [], backedUp: false, createdAt: house.house.clock.now() },
      }),
    );
  const reset = async () => {
    await house.call('POST', '/auth/forgot', { body: { email: 'nina@maker.example' } });
    await house.security.close();
    const token = /reset#token=([\w-]+)/.exec(house.mails.at(-1)?.text ?? '')?.[1];
    assert.equal(
      (await house.call('POST', '/auth/reset', { body: { token, password: 'my own new password' } })).status,
      204,
    );
  };
  assert.equal((await call('stand-in@maker.example')).status, 200);
  house.pass(1_000);
  await planted('theirs');
  house.pass(1_000);
  assert.equal((await call('nina@maker.example')).status, 200);
  house.pass(1_000);
  await planted('hers');
  await reset();
  assert.deepEqual(await passkeys(), [{ name: 'hers' }]);
});
