import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '#clock';
import { openDatabase } from '#db';
import { makeLogger } from '#telemetry';
import { type AnyRoute, makeHttpServer, route } from './index.ts';

const fine = route({
  ...{ method: 'GET', path: '/things', summary: 'Things', access: 'funds:read', answers: { 200: null } },
  handle: async () => undefined,
});

/** What a server with some routes says when it is made; nothing connects. */
async function made(routes: readonly unknown[]) {
  const db = openDatabase('postgres://nobody@localhost/nowhere', 'no-key', () => undefined);
  const app = await makeHttpServer({
    ...{ db, clock: systemClock, log: makeLogger('silent'), trustProxy: false, routes: routes as AnyRoute[] },
    authenticate: async () => Promise.reject(new Error('nobody signs in')),
  });
  return app;
}

test('a server with a route that declares no permission, an unknown one, or the same twice does not start', async () => {
  const { access: _access, ...undeclared } = fine;
  await assert.rejects(made([fine, undeclared]), /GET \/things does not declare a permission/);
  await assert.rejects(made([{ ...fine, access: 'funds:raed' }]), /declare a permission: it says funds:raed/);
  await assert.rejects(made([fine, { ...fine, access: 'public' }]), /declared twice/);
});

test('nothing answers below the API that was not declared, whoever adds it', async () => {
  const app = await made([fine]);
  assert.throws(() => app.get('/api/v1/backdoor', async () => 'hello'), /backdoor does not declare a permission/);
  app.get('/health/live', async () => 'fine');
  assert.equal((await app.inject('/health/live')).statusCode, 200);
  await app.close();
});
