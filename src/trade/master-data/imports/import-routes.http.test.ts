import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemActor } from '#context';
import { makeHttpServer } from '#http';
import type { Permission } from '#module';
import { makeLogger } from '#telemetry';
import { testHouse, testTenants } from '../../../../test/house.ts';
import { createImports, masterDataImports } from '../index.ts';

const imports = createImports({ kinds: masterDataImports });

/** A multipart body; a file part has a file name. */
function multipart(parts: { name: string; value: string | Buffer; fileName?: string }[]) {
  const boundary = 'x-boundary-x';
  const chunks = parts.flatMap(({ name, value, fileName }) => [
    `--${boundary}\r\ncontent-disposition: form-data; name="${name}"${fileName ? `; filename="${fileName}"` : ''}\r\n\r\n`,
    value,
    '\r\n',
  ]);
  const payload = Buffer.concat([...chunks, `--${boundary}--\r\n`].map((chunk) => Buffer.from(chunk as string)));
  return { payload, headers: { 'content-type': `multipart/form-data; boundary=${boundary}` } };
}

async function api(t: Parameters<typeof testHouse>[0], permissions: Permission[] = ['bulk:import', 'customers:write']) {
  const house = await testHouse(t);
  const actorOf = (tenant: string) => ({
    tenant: testTenants[tenant as 'a' | 'b'],
    actor: { ...systemActor, kind: 'user' as const, permissions: new Set(permissions) },
    signIn: null,
  });
  const app = await makeHttpServer({
    ...{ db: house.db, clock: house.clock, log: makeLogger('silent'), trustProxy: false },
    routes: imports.module.routes ?? [],
    authenticate: async (bearer) => actorOf(bearer),
  });
  t.after(() => app.close());
  const call = async (url: string, body?: ReturnType<typeof multipart>, bearer = 'a') => {
    const authorization = `Bearer ${bearer}`;
    const answer = await app.inject({
      ...{ method: body ? 'POST' : 'GET', url: `/api/v1${url}` },
      ...(body ? { payload: body.payload } : {}),
      headers: { authorization, ...body?.headers },
    });
    return { status: answer.statusCode, body: answer.json() };
  };
  const runJob = async (importId: string) => {
    const job = imports.module.jobs?.[0];
    await job?.handle({ ...house.context(), signal: new AbortController().signal }, { importId } as never);
  };
  return { house, call, runJob };
}

const csv = 'code,name,type\nA,A,banner\nB,,banner\n';
const fileOf = (value: string | Buffer) => ({ name: 'file', fileName: '../etc/customers.csv', value });
const kind = { name: 'kind', value: 'customers' };

test('an upload is accepted, run by its job, and answers its result and its quarantine', async (t) => {
  const { call, runJob } = await api(t);
  // The file may come before the kind, and be larger than one chunk.
  const big = `${csv}${Array.from({ length: 40_000 }, (_, i) => `C,${'x'.repeat(30)}${i},store`).join('\n')}\n`;
  const accepted = await call('/imports', multipart([fileOf(big), kind]));
  assert.equal(accepted.status, 202);
  const { id } = accepted.body;
  const queued = (await call(`/imports/${id}`)).body;
  assert.deepEqual(
    [queued.status, queued.kind, queued.fileName, queued.progress],
    ['queued', 'customers', 'customers.csv', null],
  );
  await runJob(id);
  const { body } = await call(`/imports/${id}`);
  assert.deepEqual([body.status, body.progress], ['finished', '1.00']);
  assert.deepEqual(body.rows, { read: 40_002, stored: 2, unchanged: 0, quarantined: 40_000 });
  const page = (await call(`/imports/${id}/quarantine?limit=2`)).body;
  assert.deepEqual(page.items[0].raw, { code: 'B', name: '', type: 'banner' });
  assert.deepEqual(page.items[0].reasons, ['name is missing']);
  assert.equal((await call(`/imports/${id}/quarantine?limit=2&cursor=${page.nextCursor}`)).body.items[0].rowNumber, 5);
  assert.equal((await call('/imports')).body.items[0].id, id);
});

test('an upload leaves no bytes behind once it has run or was turned down', async (t) => {
  const { house, call, runJob } = await api(t);
  const { id } = (await call('/imports', multipart([kind, fileOf(csv)]))).body;
  const chunks = async () => {
    const { default: pg } = await import('pg');
    const client = new pg.Client({ connectionString: house.url });
    await client.connect();
    const { rows } = await client.query('select count(*)::int as n from master_data.import_chunk');
    await client.end();
    return rows[0].n;
  };
  assert.equal(await chunks(), 1);
  await runJob(id);
  assert.equal(await chunks(), 0);
  assert.equal((await call('/imports', multipart([fileOf(csv), { name: 'kind', value: 'nonsense' }]))).status, 400);
  assert.equal(await chunks(), 0);
});

test("another tenant's imports are not there", async (t) => {
  const { call } = await api(t);
  const { id } = (await call('/imports', multipart([kind, fileOf(csv)]))).body;
  for (const path of [`/imports/${id}`, `/imports/${id}/quarantine`]) {
    assert.equal((await call(path, undefined, 'b')).status, 404);
  }
  assert.deepEqual((await call('/imports', undefined, 'b')).body.items, []);
});

test('bad uploads are answered with 4xx and a reason', async (t) => {
  const { call } = await api(t);
  const whole = multipart([kind, fileOf(csv)]);
  const tried: [ReturnType<typeof multipart>, number][] = [
    [multipart([kind]), 400],
    [multipart([fileOf(csv)]), 400],
    [multipart([kind, fileOf('')]), 400],
    [multipart([kind, kind, fileOf(csv)]), 400],
    [multipart([kind, { name: 'surprise', value: '1' }, fileOf(csv)]), 400],
    [multipart([kind, { name: 'mapping', value: '{' }, fileOf(csv)]), 400],
    [multipart([kind, { name: 'mapping', value: '{"kind":"customers"}' }, fileOf(csv)]), 400],
    [multipart([{ name: 'kind', value: 'products' }, fileOf(csv)]), 403],
    [{ payload: Buffer.from('{}'), headers: { 'content-type': 'application/json' } }, 415],
    [{ payload: Buffer.from('{'), headers: { 'content-type': 'application/json' } }, 400],
    [{ payload: Buffer.from('--x'), headers: { 'content-type': 'multipart/form-data' } }, 400],
    [{ ...whole, payload: whole.payload.subarray(0, -30) }, 400],
    [{ ...whole, payload: whole.payload.subarray(0, 20) }, 400],
  ];
  for (const [body, status] of tried) {
    const answer = await call('/imports', body);
    const sent = body.payload.toString().slice(0, 300);
    assert.equal(answer.status, status, `${sent}: ${JSON.stringify(answer.body)}`);
    assert.ok(answer.body.code);
  }
});

test('without bulk:import no import is seen or made', async (t) => {
  const { call } = await api(t, ['customers:write']);
  assert.equal((await call('/imports', multipart([kind, fileOf(csv)]))).status, 403);
  assert.equal((await call('/imports')).status, 403);
});
