import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import pg from 'pg';
import type { Context } from '#context';
import { sql } from '#db';
import { type TestHouse, testHouse, testTenants } from '../../../../test/house.ts';
import { listAudit } from './list-audit.ts';
import { recordAudit, setAuditSecret } from './record-audit.ts';
import { seal } from './test-trail.ts';
import { verifyAudit } from './verify-audit.ts';

async function record(context: Context, entityId: string, after: unknown = { state: 'draft' }): Promise<void> {
  await context.db.transact(context, (tx) =>
    recordAudit(tx, {
      action: 'promotion.changed',
      entityType: 'promotion',
      entityId,
      before: { state: null },
      after,
      reason: 'because',
    }),
  );
}

async function asSuperuser(house: TestHouse, statement: string, parameters: unknown[] = []): Promise<number> {
  const client = new pg.Client({ connectionString: house.url });
  await client.connect();
  try {
    return (await client.query(statement, parameters)).rowCount ?? 0;
  } finally {
    await client.end();
  }
}

test('every edit of an audit entry is found, whichever member a superuser touches', async (t) => {
  const house = await testHouse(t);
  const edits = [
    "actor_id = '0190a000-0000-7000-8000-0000000000ff'",
    "on_behalf_of = '0190a000-0000-7000-8000-0000000000ff'",
    "at = at + interval '1 microsecond'",
    "at = 'infinity'",
    "action = 'promotion.read'",
    "entity_type = 'fund'",
    "entity_id = 'other'",
    'before = null',
    `after = '{"state":"approved"}'`,
    `after = '{"state": "draft"}'`,
    "reason = 'because!'",
    'reason = null',
    "request_id = 'other'",
    'mac_version = 2',
    "mac = ''",
    `tenant_id = '${testTenants.b.id}'`,
  ];
  const context = house.context();
  for (const edit of edits) await record(context, edit);
  await record(context, 'untouched', {
    amount: '15600.00',
    big: 10n,
    at: house.clock.now(),
    nested: [{ b: 1, a: 'ü' }],
  });
  const before = await verifyAudit(house.db, testTenants.a.id);
  assert.deepEqual([before.entries, before.waiting, before.badCount], [edits.length + 1, edits.length + 1, 0]);
  for (const edit of edits) {
    assert.equal(await asSuperuser(house, `update audit.entry set ${edit} where entity_id = $1`, [edit]), 1);
  }
  const a = await verifyAudit(house.db, testTenants.a.id);
  const b = await verifyAudit(house.db, testTenants.b.id);
  // The one that was moved to another tenant is missed here and out of place there.
  assert.deepEqual([a.entries, a.badCount], [edits.length, edits.length]);
  assert.deepEqual([b.entries, b.badCount], [1, 1]);
});

test('what was written verifies before its seal and after it, whatever characters and instants it holds', async (t) => {
  const house = await testHouse(t);
  const control = String.fromCharCode(...Array.from({ length: 31 }, (_, at) => at + 1), 127);
  const fixed = [control, '', 'N', '\\N', '\\\\N\t\\t', '"\\"', '\\v\v\\u000b', 'ü\u2028𝕏', '\\', '{"a":null}'];
  const drawn = fc.sample(fc.string({ unit: 'binary' }), 200).map((text) => text.replaceAll('\0', ''));
  for (const [at, text] of [...fixed, ...drawn].entries()) {
    house.clock.set(`2026-06-15T12:00:00.${['000', '500', '050', '005', '123', '120'][at % 6]}Z`);
    await house.db.transact(house.context(), (tx) =>
      recordAudit(tx, {
        ...{ action: `changed ${text}`, entityType: text, entityId: text, reason: text },
        ...{ before: { [text]: text }, after: at % 2 ? null : [text] },
      }),
    );
  }
  const count = fixed.length + drawn.length;
  const waiting = await verifyAudit(house.db, testTenants.a.id);
  assert.deepEqual([waiting.entries, waiting.waiting, waiting.bad], [count, count, []]);
  await seal(house);
  const sealed = await verifyAudit(house.db, testTenants.a.id);
  assert.deepEqual([sealed.entries, sealed.sealed, sealed.bad], [count, count, []]);
});

test('an audit entry does not verify under another secret key', async (t) => {
  const house = await testHouse(t);
  await record(house.context(), 'one');
  setAuditSecret('another-secret-key-that-has-32-characters');
  assert.equal((await verifyAudit(house.db, testTenants.a.id)).badCount, 1);
});

test('an audit entry exists if and only if its change does', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  const failing = context.db.transact(context, async (tx) => {
    await recordAudit(tx, { action: 'promotion.changed', entityType: 'promotion', entityId: 'one' });
    throw new Error('the change failed');
  });
  await assert.rejects(failing, /the change failed/);
  assert.equal((await verifyAudit(house.db, testTenants.a.id)).entries, 0);
});

test('neither the application nor the system can alter or delete what is in the trail, nor write for another tenant', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  await record(context, 'one');
  const denied = { code: '42501' };
  for (const statement of [
    sql`update audit.entry set reason = 'x'`,
    sql`delete from audit.entry`,
    sql`truncate audit.entry`,
  ]) {
    await assert.rejects(
      context.db.transact(context, (tx) => tx.run(statement)),
      denied,
    );
    await assert.rejects(
      context.db.system((tx) => tx.run(statement)),
      denied,
    );
  }
  await assert.rejects(
    context.db.transact({ ...context, tenant: testTenants.b }, (tx) =>
      recordAudit(Object.assign(tx, { context }), { action: 'a.b', entityType: 'x', entityId: 'y' }),
    ),
    denied,
  );
});

test('the trail is searched by who, what, when and record, newest first, within one tenant', async (t) => {
  const house = await testHouse(t);
  const context = house.context();
  const other = house.context({ tenant: 'b' });
  for (const [instant, entityId] of [
    ['2026-06-15T03:59:59.999Z', 'yesterday'],
    ['2026-06-15T04:00:00Z', 'midnight'],
    ['2026-06-16T03:59:59.999Z', 'evening'],
    ['2026-06-16T04:00:00Z', 'tomorrow'],
  ] as const) {
    house.clock.set(instant);
    await record(context, entityId);
    await record(other, `${entityId} elsewhere`);
  }
  const search = async (filter: Parameters<typeof listAudit>[1], limit = 50) => {
    const page = await context.db.transact(context, (tx) => listAudit(tx, filter, { limit }));
    return page.items.map(({ entityId }) => entityId);
  };
  assert.deepEqual(await search({}), ['tomorrow', 'evening', 'midnight', 'yesterday']);
  // The tenant lives in New York: its 15 June begins at 04:00 UTC.
  assert.deepEqual(await search({ from: '2026-06-15', to: '2026-06-15' }), ['evening', 'midnight']);
  assert.deepEqual(await search({ from: '2026-06-15T04:00:00Z', to: '2026-06-16T04:00:00Z' }), ['evening', 'midnight']);
  assert.deepEqual(await search({ entityType: 'promotion', entityId: 'midnight' }), ['midnight']);
  assert.deepEqual(await search({ actorId: context.actor.id, action: 'promotion.changed' }, 1), ['tomorrow']);
  assert.deepEqual(await search({ actorId: testTenants.b.id }), []);
});
