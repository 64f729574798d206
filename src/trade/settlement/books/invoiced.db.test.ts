import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '#db';
import { openFundIn } from '#funds';
import { Decimal } from '#money';
import { openBooks, workedTactics } from '../test-books.ts';
import { booksInvariants } from './invariants.ts';
import { prepareAccruals } from './prepare-accruals.ts';

test('what is given on the invoice is earned and paid in the checkbook and never accrues, however often it is counted', async (t) => {
  const books = await openBooks(t);
  const { maker, ports, tactics, house } = books;
  const period = await books.period('2026-05-15');
  const fund = await maker.db.transact(maker, (tx) =>
    openFundIn(tx, {
      ...{ code: 'ON-INVOICE', name: 'On invoice', kind: 'fixed', currency: 'USD', amount: '90000.00' },
      ...{ validFrom: '2026-01-01', validTo: '2026-12-31' },
    }),
  );
  const [scan] = workedTactics(books.customerId, period.startsOn, period.startsOn, period.endsOn);
  assert.ok(scan);
  const week = (volume: number) => ({ on: period.startsOn, volume: new Decimal(volume), rate: new Decimal('1.50') });
  const given = { ...scan, mechanic: 'off_invoice' as const, fundSplit: [{ fundId: fund.id, share: new Decimal(1) }] };
  house.clock.set(`${period.endsOn}T12:00:00Z`);
  const held = async (...volumes: number[]) => {
    const late = { ...week(500), forecast: true as const };
    tactics.splice(0, tactics.length, { ...given, volumes: [...volumes.map(week), late] });
    const journals = await prepareAccruals(maker, ports, period.id);
    assert.deepEqual(journals, [], 'nothing is accrued');
    return maker.db.read(maker, (tx) =>
      tx.many(sql`select trim_scale(earned)::text as earned, trim_scale(paid)::text as paid from funds.hold`),
    );
  };
  assert.deepEqual(await held(1000), [{ earned: '1500', paid: '1500' }]);
  assert.deepEqual(await held(1000), [{ earned: '1500', paid: '1500' }]);
  assert.deepEqual(await held(1000, -200), [{ earned: '1200', paid: '1200' }], 'returns take it back');
  assert.deepEqual(await held(-200), [], 'never below nothing');
  for (const invariant of booksInvariants) {
    assert.deepEqual(await maker.db.read(maker, (tx) => invariant.findBreaches(tx)), [], invariant.name);
  }
});
