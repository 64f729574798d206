import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { createDemoPeople, createTenant } from '#security';
import { TestClient } from '../../src/engines/realtime/test-client.ts';
import { callOver, signIn } from '../faults/served.ts';
import { eventually, expecting, runHouse } from './running-house.ts';

const password = 'correct horse battery';
const email = 'finance@acme.example';

test('guessing at somebody’s password in a running house is told to who watches, and keeps nobody out', async (t) => {
  const { house, url, socketUrl, ownerUrl } = await runHouse(t);
  const { store, clock } = house;
  const { tenantId } = await createTenant(store.db, clock, { slug: 'acme', publicUrl: url });
  await createDemoPeople(store.db, clock, tenantId, password, 'acme.example');
  const token = await signIn(url, 'admin@acme.example', password);
  const admin = callOver(url, token);
  const watcher = await TestClient.signedIn(socketUrl, token);
  t.after(() => watcher.socket.terminate());
  watcher.send({ type: 'subscribe', id: 'a', channel: 'alerts' });
  await watcher.frame('subscription_confirmed');
  const owner = await signIn(url, email, password);

  for (let n = 0; n < 15; n++) {
    const answer = await house.app.inject({
      ...{ method: 'POST', url: '/api/v1/auth/login', remoteAddress: `203.0.${n % 5}.7` },
      headers: { 'user-agent': 'a tool' },
      payload: { email, password: `guess ${n}` },
    });
    assert.equal(answer.statusCode, 401);
  }
  const alert = await watcher.frame('alerts_update', (frame) => /brute-force/.test(JSON.stringify(frame.data)));
  assert.match(JSON.stringify(alert.data), /"operation":"raised"/);
  const incidents = () => expecting(admin)(200, 'GET', '/security/incidents?state=unclosed');
  const { items } = await eventually('there is one incident', incidents, (found) => found.items.length === 1);
  const [{ id, people, version }] = items;
  assert.equal(people[0].id, (await expecting(callOver(url, owner))(200, 'GET', '/auth/me')).id);
  const read = () => expecting(admin)(200, 'GET', `/security/incidents/${id}`);
  const done = await eventually('the rule’s remedy was taken', read, (one) => one.remedies.length > 0);
  assert.deepEqual(
    done.remedies.map(({ kind, state }: { kind: string; state: string }) => [kind, state]),
    [['step_up', 'taken']],
  );

  // The owner gets in by the right password from where they are, and nobody is locked.
  await signIn(url, email, password);
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  const { rows } = await client.query(
    'select person_id from identity.membership where locked_at is not null or disabled_at is not null',
  );
  assert.deepEqual(rows, []);
  // A guess that is looked at after the incident was closed would begin another one.
  const waiting = async () => (await client.query('select from security.event_inbox')).rowCount;
  await eventually('all of it was looked at', waiting, (count) => count === 0);
  await client.end();
  const [remedy] = done.remedies;
  await expecting(admin)(200, 'POST', `/security/incidents/${id}/remedies/${remedy.id}/undo`);
  const closed = await expecting(admin)(200, 'PATCH', `/security/incidents/${id}`, {
    state: 'closed',
    verdict: 'attack',
  });
  assert.equal(closed.state, 'closed');
  assert.ok(closed.version > version);
  const rules = await expecting(admin)(200, 'GET', '/security/rules');
  const rule = rules.items.find((one: { id: string }) => one.id === 'brute-force');
  assert.deepEqual(rule.hits, { incidents: 1, attacks: 1, falseAlarms: 0, open: 0 });
});
