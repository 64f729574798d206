import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { sql } from '#db';
import type { Breach, Invariant } from '#module';
import { type TestHouse, testHouse } from '../../../test/house.ts';
import { checkEveryMs } from './check-invariants.ts';
import { checkInvariants, invariantsModule } from './index.ts';

/** An invariant whose breaches the test decides. */
function invariantOf(name: string, breaches: Breach[]): Invariant {
  return { name, statement: `${name} holds`, findBreaches: async () => breaches };
}

function passTime({ clock }: TestHouse): void {
  clock.set(new Date(clock.now().getTime() + checkEveryMs).toISOString());
}

async function round(house: TestHouse, invariants: readonly Invariant[], tenant: 'a' | 'b' = 'a'): Promise<boolean> {
  passTime(house);
  return checkInvariants(house.context({ tenant }), invariants);
}

async function page(t: TestContext, house: TestHouse, invariants: readonly Invariant[], token = 'a') {
  const app = await house.server(invariantsModule(invariants).routes ?? []);
  const ask = async (path: string) => {
    const headers = { authorization: `Bearer ${token}` };
    const answer = await app.inject({ method: 'GET', url: `/api/v1/monitoring/invariants${path}`, headers });
    assert.equal(answer.statusCode, 200, t.name);
    return answer.json().items;
  };
  return { items: await ask(''), history: await ask('/breaches') };
}

const told = (house: TestHouse) =>
  house.db.system((tx) =>
    tx.many<{ type: string; data: Record<string, unknown> }>(
      sql`select type, data from event.outbox where type like 'invariants.%' order by seq`,
    ),
  );

test('a breach is kept, shown and told once, and again when it is gone', async (t) => {
  const house = await testHouse(t);
  const breaches: Breach[] = [];
  const all = [invariantOf('first', breaches), invariantOf('second', [])];
  assert.equal((await page(t, house, all)).items[0].state, 'unchecked', 'nothing is green before it was looked at');
  await round(house, all);
  assert.deepEqual(await told(house), []);
  const sound = (await page(t, house, all)).items;
  assert.deepEqual(
    sound.map(({ name, state }: { name: string; state: string }) => [name, state]),
    [
      ['first', 'holds'],
      ['second', 'holds'],
    ],
  );

  breaches.push({ subject: 'fund/1', detail: '10 is not 11' });
  await round(house, all);
  await round(house, all);
  const broken = (await page(t, house, all)).items[0];
  assert.equal(broken.state, 'broken');
  assert.deepEqual([broken.breaches[0].subject, broken.breaches[0].detail], ['fund/1', '10 is not 11']);
  assert.ok(broken.since < broken.checkedAt, 'since stays where it was while the state does');

  breaches.length = 0;
  await round(house, all);
  const { items, history } = await page(t, house, all);
  assert.deepEqual([items[0].state, items[0].breaches], ['holds', []]);
  assert.deepEqual(
    history.map(({ subject, change }: { subject: string; change: string }) => [subject, change]),
    [
      ['fund/1', 'closed'],
      ['fund/1', 'opened'],
    ],
  );
  assert.deepEqual(
    (await told(house)).map(({ type, data }) => [type, data.name]),
    [
      ['invariants.invariant.broken', 'first'],
      ['invariants.invariant.restored', 'first'],
    ],
  );
});

test('what is found in its turn stays broken in every other, until a whole look says that it holds', async (t) => {
  const house = await testHouse(t);
  let broken = true;
  const asked: (number | undefined)[] = [];
  const large: Invariant = {
    name: 'large',
    statement: 'it is looked at in turns',
    findBreaches: async (_, turn) => {
      asked.push(turn?.number);
      return broken && (turn?.number ?? 1) === 1 ? [{ subject: 'thing/1', detail: 'odd' }] : [];
    },
  };
  for (let n = 0; n < 5; n++) await round(house, [large]);
  broken = false;
  for (let n = 0; n < 4; n++) await round(house, [large]);
  assert.deepEqual(asked, [0, 1, undefined, undefined, undefined, undefined, 0, 1, 2]);
  assert.deepEqual(
    (await told(house)).map(({ type }) => type),
    ['invariants.invariant.broken', 'invariants.invariant.restored'],
  );
});

test('a check that cannot run is neither green nor gone: what it had found stays open', async (t) => {
  const house = await testHouse(t);
  let fails = false;
  const fragile: Invariant = {
    name: 'fragile',
    statement: 'it can be read',
    findBreaches: async (tx) => {
      if (fails) await tx.run(sql`select 1 / 0`);
      return [{ subject: 'thing/1', detail: 'odd' }];
    },
  };
  await round(house, [fragile]);
  fails = true;
  await round(house, [fragile, invariantOf('next', [])]);
  const [item, next] = (await page(t, house, [fragile, invariantOf('next', [])])).items;
  assert.equal(item.state, 'unchecked');
  assert.match(item.failure, /division by zero/);
  assert.equal(item.breaches.length, 1);
  assert.equal(next.state, 'holds', 'the others are looked at all the same');
  assert.deepEqual(
    (await told(house)).map(({ type }) => type),
    ['invariants.invariant.broken', 'invariants.invariant.unchecked'],
  );
});

test('of several processes one checks, each tenant apart, and a check writes nothing of its own', async (t) => {
  const house = await testHouse(t);
  const breach = [{ subject: 'fund/1', detail: 'wrong' }];
  const writing: Invariant = {
    name: 'writing',
    statement: 'a check reads only',
    findBreaches: async (tx) => {
      await tx.run(sql`insert into invariant.round values (${tx.context.tenant.id}, now())`);
      return [];
    },
  };
  passTime(house);
  const rounds = await Promise.all(
    Array.from({ length: 6 }, () => checkInvariants(house.context(), [invariantOf('first', breach), writing])),
  );
  assert.equal(rounds.filter(Boolean).length, 1);
  assert.equal((await told(house)).length, 2);
  const other = await page(t, house, [invariantOf('first', breach)], 'b');
  assert.deepEqual([other.items[0].state, other.history], ['unchecked', []], 'the other tenant has its own round');
  assert.equal(await round(house, [invariantOf('first', [])], 'b'), true);
  const mine = (await page(t, house, [writing])).items[0];
  assert.match(mine.failure, /read-only transaction/);
});
