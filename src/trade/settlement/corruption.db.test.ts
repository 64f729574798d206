import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import pg from 'pg';
import { sql } from '#db';
import { addDays } from '#fiscal-calendar';
import { checkInvariants, invariantsModule } from '#invariants';
import { sealAudit } from '#security';
import { testSecretKey } from '../../../test/house.ts';
import { channels } from '../../apps/channels.ts';
import { invariants } from '../../apps/modules.ts';
import { invariantsOfBooks } from './books/invariants.ts';
import { prepareAccruals } from './books/prepare-accruals.ts';
import { captureItem } from './claims/capture-item.ts';
import { settleItem } from './claims/settle-item.ts';
import { splitItem } from './claims/work-item.ts';
import { openBooks, type TestBooks, usd, workedTactics } from './test-books.ts';

/** How each invariant is broken behind the product's back: a table and what somebody with all rights does to it. */
const corruptions: Record<string, { table: string; statement: string }> = {
  'audit.sealed': {
    table: 'audit.unsealed',
    statement: `insert into audit.unsealed (tenant_id, entry_id, at, retention_class)
      select tenant_id, id, at, retention_class from audit.entry limit 1`,
  },
  'audit.keeping': {
    table: 'audit.retention',
    statement: `insert into audit.retention select tenant_id, 'operational', 91 from audit.entry limit 1`,
  },
  'funds.balance-is-the-sum-of-entries': {
    table: 'funds.entry',
    statement: `update funds.entry set amount = amount + 0.01 where kind = 'deposit'`,
  },
  'funds.months-sum-to-the-balance': {
    table: 'funds.balance',
    statement: 'update funds.balance set available = available + 1',
  },
  'funds.holds-agree-with-the-ledger': {
    table: 'funds.hold',
    statement: 'update funds.hold set committed = committed + 5',
  },
  'settlement.journal-balances': {
    table: 'settlement.journal_line',
    statement: `update settlement.journal_line set amount = amount + 0.01
      where (journal_id, position) = (select journal_id, position from settlement.journal_line limit 1)`,
  },
  'settlement.period-balances': {
    table: 'settlement.journal_line',
    statement: `delete from settlement.journal_line
      where (journal_id, position) = (select journal_id, position from settlement.journal_line limit 1)`,
  },
  'settlement.liability-is-the-sum-of-entries': {
    table: 'settlement.liability',
    statement: 'update settlement.liability set earned = earned + 0.01',
  },
  'settlement.sub-ledger-is-the-journals': {
    table: 'settlement.accrual_entry',
    statement: `update settlement.accrual_entry set amount = amount - 0.01 where kind = 'earn'`,
  },
  'settlement.funds-follow-liabilities': {
    table: 'settlement.liability',
    statement: 'update settlement.liability set settled = settled + 1',
  },
  'claims.item-is-its-resolutions-and-what-is-open': {
    table: 'settlement.item',
    statement: 'update settlement.item set settled = settled - 1 where settled > 1',
  },
  'claims.parts-sum-to-the-whole': {
    table: 'settlement.item',
    statement: 'update settlement.item set amount = amount + 1 where parent_id is not null',
  },
  'claims.matches-within-the-amount': {
    table: 'settlement.match',
    statement: 'update settlement.match set amount = amount + 100000',
  },
  'claims.remittance-adds-up': {
    table: 'settlement.remittance',
    statement: `insert into settlement.remittance
        (tenant_id, id, customer_id, reference, paid_on, currency, total, line_count, captured_by, captured_at)
      select tenant_id, gen_random_uuid(), id, 'R', '2026-06-01', 'USD', 5, 1, id, now() from master_data.customer`,
  },
};

/** Books with something of everything: a fund, accruals, a settled deduction, a split one. */
async function fullBooks(t: TestContext): Promise<TestBooks> {
  const books = await openBooks(t);
  const { house, maker, checker, ports, tactics } = books;
  const period = await books.period('2026-05-15');
  tactics.push(
    ...workedTactics(books.customerId, addDays(period.endsOn, -13), addDays(period.endsOn, -6), period.endsOn),
  );
  house.clock.set(`${period.endsOn}T12:00:00Z`);
  await prepareAccruals(maker, ports, period.id);
  house.clock.set('2026-06-15T12:00:00Z');
  const [scan] = tactics;
  assert.ok(scan);
  const item = await books.validItem('deduction', 'D1', [{ tacticId: scan.tacticId, amount: '900.00' }]);
  await settleItem(checker, ports, { ...item, paidBy: 'offset', beyondLiability: false, note: '' });
  const split = await captureItem(maker, {
    ...{
      kind: 'deduction',
      customerId: books.customerId,
      reference: 'D2',
      amount: usd('50.00'),
      takenOn: '2026-06-10',
    },
  });
  const parts = [{ amount: usd('20.00') }, { amount: usd('30.00') }];
  await splitItem(maker, { kind: 'deduction', id: split.id, ifMatch: undefined, parts });
  return books;
}

test('every invariant of the house: a deliberate corruption is caught by the next check and raises an alert', async (t) => {
  const books = await fullBooks(t);
  const { house, maker } = books;
  // Everything there is was recorded months ago: what is old is looked at like what is new.
  house.clock.set('2026-12-15T12:00:00Z');
  const owner = new pg.Client({ connectionString: house.url });
  owner.on('error', () => undefined);
  await owner.connect();
  t.after(() => owner.end());
  // What nobody can do through the product: without triggers and foreign keys, as somebody with the disk could.
  await owner.query(`set session_replication_role = 'replica'`);
  const app = await house.server(invariantsModule(invariants).routes ?? []);
  const look = async () => {
    house.clock.set(new Date(house.clock.now().getTime() + 20_000).toISOString());
    assert.equal(await checkInvariants(maker, invariants), true);
    const reply = await app.inject({ url: '/api/v1/monitoring/invariants', headers: { authorization: 'Bearer a' } });
    const { items } = reply.json() as { items: { name: string; state: string; failure: string | null }[] };
    for (const { name, failure } of items) assert.equal(failure, null, name);
    return items.filter(({ state }) => state === 'broken').map(({ name }) => name);
  };
  const alerts = () =>
    house.db.system((tx) =>
      tx.many<{ type: string; name: string }>(
        sql`select type, data->>'name' as name from event.outbox where type like 'invariants.%' order by seq`,
      ),
    );
  assert.deepEqual(
    invariants.map(({ name }) => name).sort(),
    Object.keys(corruptions).sort(),
    'an invariant without a corruption here was never seen to catch anything',
  );
  await sealAudit({ ...house, secretKey: testSecretKey }, async () => undefined, assert.ifError);
  assert.deepEqual(await look(), [], 'sound books');
  for (const { name } of invariants) {
    const { table, statement } = corruptions[name]!;
    await owner.query(`create temporary table kept as select * from ${table}`);
    const { rowCount } = await owner.query(statement);
    assert.ok(rowCount, `${name}: the corruption touched nothing`);
    const before = (await alerts()).length;
    assert.ok((await look()).includes(name), `${name} was not found broken`);
    const raised = (await alerts()).slice(before).filter((alert) => alert.type === 'invariants.invariant.broken');
    assert.ok(
      raised.some((alert) => alert.name === name),
      `${name} raised no alert`,
    );
    const columns = await owner.query<{ list: string }>(
      `select string_agg(quote_ident(attname), ', ' order by attnum) as list from pg_attribute
       where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = '' and attidentity = ''`,
      [table],
    );
    const list = columns.rows[0]!.list;
    await owner.query(`delete from ${table}; insert into ${table} (${list}) select ${list} from kept; drop table kept`);
    assert.deepEqual(await look(), [], `${name} holds again once it is mended`);
  }
  const alertTypes = channels.find(({ name }) => name === 'alerts')?.events ?? [];
  assert.ok(alertTypes.some(({ type }) => 'invariants.invariant.broken'.startsWith(type)));
});

test('in large books that are looked at in turns, three turns find what a whole look finds', async (t) => {
  const { house, maker } = await fullBooks(t);
  const owner = new pg.Client({ connectionString: house.url });
  await owner.connect();
  await owner.query(`set session_replication_role = 'replica'`);
  for (const { name, findBreaches } of invariantsOfBooks(-2)) {
    const { table, statement } = corruptions[name]!;
    await owner.query(`create temporary table kept as select * from ${table}`);
    await owner.query(statement);
    const look = (number?: number) =>
      house.db.read(maker, (tx) => findBreaches(tx, number === undefined ? undefined : { number, of: 3 }));
    const subjects = (breaches: readonly { subject: string }[]) => breaches.map(({ subject }) => subject).sort();
    const whole = subjects(await look());
    assert.ok(whole.length > 0, name);
    const turns = [...(await look(0)), ...(await look(1)), ...(await look(2))];
    // Two journals of one period may fall to two turns: each tells of the period.
    assert.deepEqual([...new Set(subjects(turns))], whole, name);
    await owner.query(`delete from ${table}; insert into ${table} select * from kept; drop table kept`);
  }
  await owner.end();
});
