import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import type { Context } from '#context';
import type { Database, TenantTx } from '#db';
import { effectsOf, type InstanceDesk, model, node, setInstanceDesk, user } from './test-desk.ts';
import { teachWorkflow } from './workflow-parts.ts';

/** Whoever acts loses the session of their database after so many statements of their transaction. */
function losingSessionAfter(who: Context, statements: number): { context: Context; asked(): number } {
  let asked = 0;
  const losing = (tx: TenantTx<Context>, context: Context): TenantTx<Context> =>
    new Proxy(tx, {
      get: (target, name) => {
        if (name === 'context') return context;
        const member = Reflect.get(target, name) as unknown;
        if (typeof member !== 'function' || name === 'afterCommit') return member;
        return async (...given: unknown[]) => {
          asked += 1;
          if (asked > statements) await target.client.query('select pg_terminate_backend(pg_backend_pid())');
          return member.apply(target, given);
        };
      },
    });
  const db: Database = {
    ...who.db,
    transact: (scope, work) =>
      who.db.transact(scope, (tx) => work(losing(tx as never, scope as never) as never)) as never,
  };
  return { context: { ...who, db }, asked: () => asked };
}

const tables = [
  ...['workflow.instance', 'workflow.task', 'workflow.candidate', 'workflow.wait', 'workflow.incident'],
  ...['timer.timer', 'event.outbox', 'audit.entry'],
];

/** Everything that an act changes, as its owner sees it. */
async function wholeState({ house }: InstanceDesk): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: house.url });
  await client.connect();
  try {
    const states: unknown[] = [];
    for (const table of tables) {
      const { rows } = await client.query(`select to_jsonb(one) as row from ${table} one order by to_jsonb(one)::text`);
      states.push(rows);
    }
    return states;
  } finally {
    await client.end();
  }
}

test('a database session lost at any statement of a decision loses and doubles nothing', async (t) => {
  const desk = await setInstanceDesk(t);
  t.after(() => teachWorkflow({ effects: {} }));
  let booked = 0;
  teachWorkflow({
    effects: effectsOf({
      book: async (tx) => {
        tx.afterCommit(() => {
          booked += 1;
        });
        return 'booked';
      },
    }),
  });
  await desk.publish(model('below', [node('start', 's'), user('i'), node('end', 'e')], 's > i, i > e'));
  const late = { attachedTo: 'a', interrupting: true, event: { type: 'timer', timer: { after: 'PT1H' } } };
  const of = model(
    'fragile',
    [
      ...[node('start', 's'), node('end', 'e'), node('parallel', 'f'), user('a'), node('boundary', 'late', late)],
      ...[node('service', 'book', { effect: 'book' }), node('call', 'c', { process: 'below' }), user('z')],
      node('send', 'tell', { message: 'told' }),
    ],
    's > a, late > e, a > f, f > book, f > c, book > tell, tell > z, c > e, z > e',
  );
  const id = await desk.start(of);
  const task = await desk.open(id, 'a');
  const before = await wholeState(desk);
  let statements = 0;
  for (; ; statements++) {
    const { context, asked } = losingSessionAfter(desk.anna, statements);
    const [done] = await Promise.allSettled([desk.done(context, task)]);
    if (asked() <= statements) {
      assert.equal(done.status, 'fulfilled');
      break;
    }
    assert.equal(done.status, 'rejected', `after ${statements} statements`);
    assert.deepEqual(await wholeState(desk), before, `after ${statements} statements`);
    assert.equal(booked, 0);
  }
  assert.ok(statements > 15, `only ${statements} statements`);
  assert.equal(booked, 1);
  const open = (await desk.tasks(id)).filter(({ state }) => state === 'open').map(({ step }) => step);
  assert.deepEqual(open.sort(), ['i', 'z']);
  await desk.done(desk.bert, await desk.open(id, 'i'));
  await desk.done(desk.cleo, await desk.open(id, 'z'));
  assert.equal((await desk.row(id)).state, 'completed');
  t.diagnostic(`${statements} statements`);
});

test('a connection that is lost aside, while candidates are looked for, is told and is no incident of the process', async (t) => {
  const desk = await setInstanceDesk(t);
  t.after(() => teachWorkflow({ managerOf: async () => null }));
  let isLost = true;
  teachWorkflow({
    managerOf: async () => {
      if (isLost) throw new Error('Connection terminated unexpectedly');
      return desk.bert.actor.id;
    },
  });
  const candidates = { permission: 'promotions:approve', managerOf: { person: 'a.by' } };
  const of = model(
    'asks-aside',
    [node('start', 's'), user('a'), user('b', { candidates }), node('end', 'e')],
    's > a, a > b, b > e',
  );
  const id = await desk.start(of);
  const task = await desk.open(id, 'a');
  const before = await wholeState(desk);
  await assert.rejects(desk.done(desk.anna, task), /Connection terminated/);
  assert.deepEqual(await wholeState(desk), before);
  isLost = false;
  await desk.done(desk.anna, task);
  await desk.done(desk.bert, await desk.open(id, 'b'));
  assert.equal((await desk.row(id)).state, 'completed');
});
