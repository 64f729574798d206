import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { testHouse } from '../../../test/house.ts';
import { readPostEvent } from './measure-promotion.ts';
import { insertPostEvent } from './post-event-store.ts';

test('after weeks were restated the measurement of the day before is still the one that was believed then', async (t) => {
  const house = await testHouse(t, '2026-08-01T12:00:00Z');
  const context = house.context();
  const promotionId = randomUUID();
  const measure = (version: number, netRoi: string) =>
    context.db.transact(context, (tx) =>
      insertPostEvent(tx, {
        ...{ promotionId, version, state: 'measured', formulaVersion: '1', baselineVersion: 'b', event: {} },
        result: { actual: { netRoi } },
      }),
    );
  const roiOn = async (asOf?: string) =>
    (await context.db.read(context, (tx) => readPostEvent(tx, promotionId, undefined, asOf)))?.actual?.netRoi;
  await measure(1, '0.1200');
  house.clock.set('2026-08-20T12:00:00Z');
  await measure(2, '-0.3077');
  assert.equal(await roiOn(), '-0.3077');
  assert.equal(await roiOn('2026-08-19T12:00:00Z'), '0.1200');
  assert.equal(await roiOn('2026-07-31T12:00:00Z'), undefined);
});
