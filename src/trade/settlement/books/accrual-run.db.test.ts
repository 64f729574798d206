import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { sql } from '#db';
import { readCheckbooks } from '#funds';
import { amountOf } from '#money';
import { numberedTactics, openBooks, type TestBooks } from '../test-books.ts';
import { cancelRun } from './accrual-run.ts';
import { listRuns } from './accrual-run-store.ts';
import { changeGlMapping } from './change-gl-mapping.ts';
import { houseGlMapping } from './domain/gl-mapping.ts';
import { booksInvariants } from './invariants.ts';
import { findJournal } from './journal-store.ts';
import { prepareAccruals } from './prepare-accruals.ts';
import type { KilledRun } from './test-killed-run.ts';

const script = fileURLToPath(new URL('./test-killed-run.ts', import.meta.url));
const page = { limit: 50 };

/** Σ accrued, Earned of the fund, the runs as `state tactics`, the journals as `state total`; no invariant is broken. */
async function stateOf({ house, maker, fundId }: TestBooks) {
  return house.db.transact(maker, async (tx) => {
    for (const { name, findBreaches } of booksInvariants) assert.deepEqual(await findBreaches(tx), [], name);
    const { accrued } = await tx.one<{ accrued: string }>(
      sql`select coalesce(sum(amount), 0)::text as accrued from settlement.accrual_entry`,
    );
    const earned = (await readCheckbooks(tx, [fundId])).get(fundId)?.earned;
    const runs = (await listRuns(tx, { ...page, sort: 'startedAt' }, [])).items;
    const journals = await tx.many<{ text: string }>(
      sql`select state || ' ' || trunc(total, 2) as text from settlement.journal order by prepared_at, id`,
    );
    return {
      accrued: Number(accrued),
      earned: earned && Number(amountOf(earned)),
      runs: runs.map(({ state, tactics }) => `${state} ${tactics}`),
      journals: journals.map(({ text }) => text),
    };
  });
}

test('a run that is killed half-way has booked whole batches, and the next run books the rest and doubles nothing', async (t) => {
  const books = await openBooks(t);
  const { house, maker, checker, ports, customerId, fundId, tactics } = books;
  const { id: periodId, startsOn, endsOn } = await books.period('2026-06-15');
  const of = { customerId, fundId, startsOn, endsOn, tactics: 5 };
  tactics.push(...numberedTactics(of));
  const told: KilledRun = {
    ...{ ...of, url: house.url, now: house.clock.now().toISOString(), userId: maker.actor.id, periodId },
    dieInBatch: 4,
  };
  const child = spawn(process.execPath, [script, JSON.stringify(told)], { stdio: 'ignore' });
  const [, signal] = await once(child, 'close');
  assert.equal(signal, 'SIGKILL');
  const half = { accrued: 600, earned: 600, runs: ['running 3'], journals: ['preparing 600.00'] };
  assert.deepEqual(await stateOf(books), half, 'three batches whole, the fourth not at all');

  await assert.rejects(
    prepareAccruals(checker, ports, periodId),
    { code: 'state.conflict' },
    'it may still be running',
  );
  assert.deepEqual(await stateOf(books), half);
  house.clock.set('2026-06-15T12:01:00Z');
  await prepareAccruals(checker, ports, periodId);
  assert.deepEqual(await stateOf(books), {
    ...{ accrued: 1500, earned: 1500, runs: ['interrupted 3', 'finished 5'] },
    journals: ['prepared 600.00', 'prepared 900.00'],
  });
  assert.deepEqual(await prepareAccruals(checker, ports, periodId), []);
});

/** Resolves once somebody of the test's database waits for a row that another holds. */
async function waitsForLock({ house, maker }: TestBooks): Promise<void> {
  for (let waiting = false; !waiting; ) {
    ({ waiting } = await house.db.read(maker, (tx) =>
      tx.one<{ waiting: boolean }>(sql`select exists (select from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock') as waiting`),
    ));
  }
}

test('a run that is cancelled stops at the next batch, and what it booked waits for approval', async (t) => {
  const books = await openBooks(t);
  const { house, maker, checker, ports, customerId, fundId, tactics } = books;
  const { id: periodId, startsOn, endsOn } = await books.period('2026-06-15');
  tactics.push(...numberedTactics({ customerId, fundId, startsOn, endsOn, tactics: 4 }));
  const cancelling = {
    ...ports,
    readEarnings: async (...[tx, period, after]: Parameters<typeof ports.readEarnings>) => {
      const batch = await ports.readEarnings(tx, period, after);
      if (after !== '2') return batch;
      // By now two batches are in; somebody presses cancel, which waits for the batch at hand.
      const [run] = await house.db.read(maker, (other) => listRuns(other, page, [])).then(({ items }) => items);
      cancelled = cancelRun(checker, run?.id ?? '');
      cancelled.catch(() => undefined);
      await waitsForLock(books);
      return batch;
    },
  };
  let cancelled: Promise<unknown> = Promise.reject(new Error('nobody cancelled'));
  cancelled.catch(() => undefined);
  await assert.rejects(prepareAccruals(maker, cancelling, periodId), { code: 'state.conflict' });
  await cancelled;
  assert.deepEqual(await stateOf(books), {
    ...{ accrued: 600, earned: 600, runs: ['cancelled 3'], journals: ['prepared 600.00'] },
  });
});

test('an account that the mapping does not name refuses its batch by name; the batches before it stand', async (t) => {
  const books = await openBooks(t);
  const { house, maker, ports, customerId, fundId, tactics } = books;
  const { id: periodId, startsOn, endsOn } = await books.period('2026-06-15');
  const [first, second] = numberedTactics({ customerId, fundId, startsOn, endsOn, tactics: 2 });
  assert.ok(first && second);
  tactics.push(first, { ...second, mechanic: 'slotting' });
  const without = houseGlMapping.lines.filter(
    ({ movement, mechanic }) => !(movement === 'accrue' && mechanic !== 'scan_back'),
  );
  await changeGlMapping(maker, { validFrom: '2026-01-01', lines: without, ifMatch: 0 });
  await assert.rejects(prepareAccruals(maker, ports, periodId), {
    code: 'gl_mapping.missing',
    extra: { movement: 'accrue', mechanic: 'slotting' },
  });
  const stands = { accrued: 100, earned: 100, runs: ['interrupted 1'], journals: ['prepared 100.00'] };
  assert.deepEqual(await stateOf(books), stands);

  house.clock.set('2026-06-15T12:00:01Z');
  await assert.rejects(changeGlMapping(maker, { validFrom: '2026-01-01', lines: without, ifMatch: 0 }), {
    code: 'version.conflict',
  });
  const special = { ...houseGlMapping.lines[0], customerId, debitAccount: '4711', costCentre: 'KA-1' };
  const lines = [...houseGlMapping.lines, special as (typeof houseGlMapping.lines)[number]];
  await changeGlMapping(maker, { validFrom: '2026-01-01', lines, ifMatch: 1 });
  const [id = ''] = await prepareAccruals(maker, ports, periodId);
  const journal = await house.db.transact(maker, (tx) => findJournal(tx, id));
  assert.equal(journal.glMapping, 2);
  const accounts = await house.db.transact(maker, (tx) =>
    tx.many(
      sql`select side, gl_account, cost_centre from settlement.journal_line where journal_id = ${id} order by position`,
    ),
  );
  assert.deepEqual(accounts, [
    { side: 'debit', gl_account: '4711', cost_centre: 'KA-1' },
    { side: 'credit', gl_account: '2150', cost_centre: 'KA-1' },
  ]);
  assert.equal((await stateOf(books)).accrued, 300);
});
