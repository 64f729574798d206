import assert from 'node:assert/strict';
import { test } from 'node:test';
import { submitPromotion } from '../life/submit-promotion.ts';
import { changePromotion, planPromotion } from '../planning/plan-promotion.ts';
import { inputOf } from '../planning/promotion-terms.ts';
import { findPromotion } from '../promotion-store.ts';
import { setScene } from '../test-scene.ts';
import { copyPromotion } from './copy-promotion.ts';

const dated = { shipStartsOn: '2026-06-29', shipEndsOn: '2026-07-12', claimByOn: '2026-08-31' };

test('a copy on another first day keeps every distance between its dates', async (t) => {
  const scene = await setScene(t);
  const source = await planPromotion(scene.maker, scene.input(dated));
  const copy = await copyPromotion(scene.maker, source.id, { startsOn: '2026-10-05' });
  const { startsOn, endsOn, shipStartsOn, shipEndsOn, claimByOn } = copy;
  assert.deepEqual(
    { startsOn, endsOn, shipStartsOn, shipEndsOn, claimByOn },
    {
      startsOn: '2026-10-05',
      endsOn: '2026-10-18',
      shipStartsOn: '2026-09-28',
      shipEndsOn: '2026-10-11',
      // The clocks go back in between; days are days.
      claimByOn: '2026-11-30',
    },
  );
  assert.equal(copy.name, 'Summer (copy)');
  const longer = await copyPromotion(scene.maker, source.id, { name: 'Longer', endsOn: '2026-07-26' });
  assert.deepEqual([longer.name, longer.startsOn, longer.endsOn], ['Longer', '2026-07-06', '2026-07-26']);
});

test('a copy is a draft of its own: other code, other tactics, and its maker is who copied', async (t) => {
  const scene = await setScene(t);
  const source = await planPromotion(scene.maker, scene.input());
  await submitPromotion(scene.maker, source.id, undefined);
  const copy = await copyPromotion(scene.finance, source.id, {});
  assert.deepEqual([copy.state, copy.version, copy.submittedBy], ['draft', 1, null]);
  assert.deepEqual(copy.makers, [scene.finance.actor.id]);
  assert.notEqual(copy.code, source.code);
  const withoutId = (tactics: typeof copy.tactics) => tactics.map(({ id: _id, ...tactic }) => tactic);
  assert.deepEqual(withoutId(copy.tactics), [{ ...withoutId(source.tactics)[0], lumpSum: '400' }]);
  assert.notEqual(copy.tactics[0]?.id, source.tactics[0]?.id);
  const [tactic] = inputOf(copy).tactics;
  assert.ok(tactic);
  const dearer = { ...tactic, lumpSum: { amount: '500.00', currency: 'USD' } };
  await changePromotion(scene.finance, copy, copy.version, { ...inputOf(copy), tactics: [dearer] });
  const untouched = await scene.maker.db.read(scene.maker, (tx) => findPromotion(tx, source.id));
  assert.equal(Number(untouched?.tactics[0]?.lumpSum), 400);
});

test('the name of a copy fits also where the original’s is as long as a name may be', async (t) => {
  const scene = await setScene(t);
  const source = await planPromotion(scene.maker, scene.input({ name: 'x'.repeat(200) }));
  const copy = await copyPromotion(scene.maker, source.id, {});
  assert.equal(copy.name, `${'x'.repeat(193)} (copy)`);
});

test('another tenant’s promotion cannot be copied', async (t) => {
  const scene = await setScene(t);
  const source = await planPromotion(scene.maker, scene.input());
  const stranger = scene.house.context({ tenant: 'b' });
  await assert.rejects(copyPromotion(stranger, source.id, {}), { code: 'not_found' });
});
