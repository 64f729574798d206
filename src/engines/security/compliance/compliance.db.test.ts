import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { sql } from '#db';
import type { Control } from '#module';
import type { Problem } from '#problem';
import { makeLogger } from '#telemetry';
import { type TestHouse, testHouse, testTenants } from '../../../../test/house.ts';
import { addPerson } from '../../../../test/people.ts';
import { controls } from '../../../apps/modules.ts';
import { changeFinding } from './change-finding.ts';
import { collectEvidence } from './collect-evidence.ts';
import { compileReport } from './compile-report.ts';
import { complianceRoutes } from './compliance-routes.ts';
import { listEvidence, listFindings } from './compliance-store.ts';
import { renewEvidence } from './evidence-loop.ts';
import { readTestRecord, sourcesDigest } from './recorded-tests.ts';

/** Holds while nobody of the tenant has a comment on file. */
const planted: Control = {
  code: 'test.planted',
  frameworks: ['SOX', 'GDPR'],
  title: 'Planted',
  statement: 'There is no role of the tenant’s own.',
  ownerRole: 'administrator',
  severity: 'high',
  everyDays: 1,
  evidence: {
    kind: 'query',
    ask: async (tx) => {
      const rows = await tx.many<{ code: string }>(
        sql`select code from identity.role where tenant_id = ${tx.context.tenant.id}`,
      );
      const exceptions = rows.map(({ code }) => `role/${code}: there`);
      return { holds: rows.length === 0, measured: `${rows.length} roles.`, exceptions };
    },
  },
};

const tested: Control = {
  ...planted,
  code: 'test.tested',
  everyDays: 31,
  evidence: {
    kind: 'tests',
    tests: [
      { file: 'a.test.ts', name: 'one' },
      { file: 'a.test.ts', name: 'two' },
    ],
  },
};

const addRole = (house: TestHouse) =>
  house.db.transact(house.context(), (tx) =>
    tx.run(sql`insert into identity.role (tenant_id, code, name, permissions, created_at)
      values (${tx.context.tenant.id}, 'own', 'Own', '{}', now())`),
  );

const openFindings = (house: TestHouse) => {
  const context = house.context();
  return context.db.read(context, (tx) => listFindings(tx, { open: true }, { limit: 50 }));
};

test('every test that a control names stands in its file under that name', () => {
  const named = controls.flatMap(({ code, evidence }) =>
    evidence.kind === 'tests' ? evidence.tests.map((one) => ({ code, ...one })) : [],
  );
  assert.ok(named.length > 5);
  for (const { code, file, name } of named) {
    const source = readFileSync(new URL(`../../../../${file}`, import.meta.url), 'utf8');
    assert.ok(source.includes(`test('${name}'`) || source.includes(`test("${name}"`), `${code}: ${file}: ${name}`);
  }
});

test('every control of the house can be asked, of an empty tenant too', async (t) => {
  const house = await testHouse(t);
  assert.ok(controls.length > 25, `${controls.length}`);
  for (const control of controls) {
    const { outcome, measured } = await collectEvidence(house.context(), control, undefined);
    const wanted = control.evidence.kind === 'query' ? 'holds' : 'unproved';
    assert.equal(outcome, wanted, `${control.code}: ${measured}`);
  }
});

test('failing evidence opens one finding a framework, and evidence that holds again closes them', async (t) => {
  const house = await testHouse(t);
  await addRole(house);
  const first = await collectEvidence(house.context(), planted, undefined);
  assert.deepEqual([first.outcome, first.exceptions], ['fails', ['role/own: there']]);
  await collectEvidence(house.context(), planted, undefined);
  const opened = await openFindings(house);
  assert.deepEqual(opened.items.map(({ framework }) => framework).sort(), ['GDPR', 'SOX']);
  assert.equal(opened.items[0]?.dueOn, '2026-06-29', 'fourteen days for high');
  const holding: Control = {
    ...planted,
    evidence: { kind: 'query', ask: async () => ({ holds: true, measured: 'All well.', exceptions: [] }) },
  };
  house.clock.set('2026-06-15T12:01:00Z');
  await collectEvidence(house.context(), holding, undefined);
  assert.deepEqual((await openFindings(house)).items, []);
  const context = house.context();
  const looks = await context.db.read(context, (tx) => listEvidence(tx, planted.code, { limit: 50 }));
  assert.deepEqual(
    looks.items.map(({ outcome }) => outcome),
    ['holds', 'fails', 'fails'],
  );
});

test('a test that failed fails its control, one that did not run, or too long ago, leaves it unproved', async (t) => {
  const house = await testHouse(t);
  const record = (results: { name: string; passed: boolean }[]) => ({
    ...{ version: '1', sources: 'x', isOutdated: false, ranAt: '2026-06-01T00:00:00Z' },
    results: results.map((result) => ({ file: 'a.test.ts', ...result })),
  });
  const outcome = async (results: { name: string; passed: boolean }[] | undefined) =>
    (await collectEvidence(house.context(), tested, results && record(results))).outcome;
  assert.equal(await outcome(undefined), 'unproved');
  assert.equal(await outcome([{ name: 'one', passed: true }]), 'unproved');
  assert.equal(
    await outcome([
      { name: 'one', passed: true },
      { name: 'two', passed: false },
    ]),
    'fails',
  );
  assert.equal(
    await outcome([
      { name: 'one', passed: true },
      { name: 'two', passed: true },
    ]),
    'holds',
  );
  house.clock.set('2026-07-03T00:00:00Z');
  assert.equal(
    await outcome([
      { name: 'one', passed: true },
      { name: 'two', passed: true },
    ]),
    'unproved',
    'a run of 32 days ago shows nothing of a control that is looked at every 31',
  );
});

test('a record of tests that ran on other sources, or from which some were taken out, proves no control', async (t) => {
  const house = await testHouse(t);
  const folder = mkdtempSync(join(tmpdir(), 'tradeai-evidence-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const [sources, file] = [join(folder, 'src'), join(folder, 'tests.json')];
  mkdirSync(join(sources, 'deep'), { recursive: true });
  writeFileSync(join(sources, 'deep', 'a.ts'), 'one');
  const keep = (names: readonly string[]) =>
    writeFileSync(
      file,
      JSON.stringify({
        ...{ version: '1', sources: sourcesDigest([sources]), ranAt: '2026-06-14T00:00:00Z' },
        results: names.map((name) => ({ file: 'a.test.ts', name, passed: true })),
      }),
    );
  const outcome = async () => (await collectEvidence(house.context(), tested, readTestRecord(file, [sources]))).outcome;
  assert.equal(await outcome(), 'unproved', 'never run');
  keep(['one', 'two']);
  assert.equal(await outcome(), 'holds');
  writeFileSync(join(sources, 'deep', 'a.ts'), 'two');
  assert.equal(await outcome(), 'unproved', 'a file was changed since');
  keep(['one']);
  assert.equal(await outcome(), 'unproved', 'one was taken out');
  keep(['one', 'two']);
  renameSync(join(sources, 'deep', 'a.ts'), join(sources, 'a.ts'));
  assert.equal(await outcome(), 'unproved', 'a file was moved since');
  const results = ['one', 'two'].map((name) => ({ file: 'a.test.ts', name, passed: true }));
  writeFileSync(file, JSON.stringify({ version: '1', ranAt: '2026-06-14T00:00:00Z', results }));
  assert.equal(await outcome(), 'unproved', 'as an earlier release wrote it');
});

test('a person raises a finding, another one closes it; its owner may not; the report names what is open and overdue', async (t) => {
  const house = await testHouse(t);
  const app = await house.server(complianceRoutes([planted], undefined));
  const call = async (method: 'GET' | 'POST' | 'PATCH', url: string, payload?: object) => {
    const headers = { authorization: 'Bearer a' };
    const reply = await app.inject({
      method,
      url: `/api/v1/compliance${url}`,
      headers,
      ...(payload ? { payload } : {}),
    });
    return {
      status: reply.statusCode,
      body: reply.headers['content-type']?.includes('json') ? reply.json() : reply.rawPayload,
    };
  };
  const input = {
    framework: 'SOX',
    title: 'Limits are too wide',
    detail: 'See the list.',
    severity: 'low',
    ownerId: null,
    dueOn: '2026-06-01',
  };
  const raised = await call('POST', '/findings', input);
  assert.equal(raised.status, 201);
  assert.equal((await call('POST', '/findings', { ...input, ownerId: testTenants.b.id })).status, 422);
  const report = await call('GET', '/reports/SOX');
  assert.deepEqual(
    [report.body.findings.map((finding: { overdue: boolean }) => finding.overdue), report.body.controls[0].standing],
    [[true], 'never'],
  );
  const pdf = await call('GET', '/reports/SOX/pdf');
  assert.equal(pdf.body.subarray(0, 5).toString(), '%PDF-');
  assert.ok(pdf.body.length > 1_500);
  assert.equal((await call('POST', '/controls/test.planted/evidence')).status, 201);
  assert.equal((await call('POST', '/controls/test.absent/evidence')).status, 404);
  const { items } = (await call('GET', '/frameworks')).body;
  assert.deepEqual(items[0].controls, { holds: 1, fails: 0, unproved: 0, stale: 0, never: 0 });
  assert.deepEqual([items[0].open, items[0].overdue], [1, 1]);
  const ownerId = await addPerson(house, ['finance_controller'], '0');
  assert.equal((await call('PATCH', `/findings/${raised.body.id}`, { ownerId })).status, 200);
  await assert.rejects(
    changeFinding(house.context({ userId: ownerId }), raised.body.id, { resolution: 'Done.' }, undefined),
    (error: Problem) => error.code === 'approval.own_work',
  );
  await assert.rejects(
    changeFinding(
      house.context({ userId: ownerId }),
      raised.body.id,
      { ownerId: null, resolution: 'Nobody’s.' },
      undefined,
    ),
    (error: Problem) => error.code === 'approval.own_work',
  );
  assert.equal((await call('PATCH', `/findings/${raised.body.id}`, { ownerId: null })).status, 200);
  await assert.rejects(
    changeFinding(house.context({ userId: ownerId }), raised.body.id, { resolution: 'Handed over first.' }, undefined),
    (error: Problem) => error.code === 'approval.own_work',
  );
  const closed = await call('PATCH', `/findings/${raised.body.id}`, { resolution: 'Narrowed.' });
  assert.equal(closed.status, 200);
  assert.equal((await call('PATCH', `/findings/${raised.body.id}`, { resolution: 'Again.' })).status, 409);
  await app.close();
});

test('evidence is taken of every tenant before it is too old, and not before', async (t) => {
  const house = await testHouse(t);
  const parts = {
    ...{ db: house.db, clock: house.clock, log: makeLogger('silent'), controls: [planted], tests: undefined },
    tenants: async () => Object.values(testTenants),
  };
  const looks = async () => {
    const counts = [];
    for (const tenant of ['a', 'b'] as const) {
      const context = house.context({ tenant });
      counts.push((await context.db.read(context, (tx) => listEvidence(tx, planted.code, { limit: 50 }))).items.length);
    }
    return counts;
  };
  await renewEvidence(parts);
  await renewEvidence(parts);
  assert.deepEqual(await looks(), [1, 1]);
  house.clock.set('2026-06-16T08:00:00Z');
  await renewEvidence(parts);
  assert.deepEqual(await looks(), [2, 2]);
  const report = await compileReport(house.context(), [planted], 'GDPR');
  assert.equal(report.controls[0]?.standing, 'holds');
});
