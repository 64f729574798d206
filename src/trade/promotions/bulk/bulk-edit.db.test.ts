import assert from 'node:assert/strict';
import { test } from 'node:test';
import { completeTask } from '#workflow';
import { promotionApproval } from '../life/change-state.ts';
import { submitPromotion } from '../life/submit-promotion.ts';
import { planPromotion } from '../planning/plan-promotion.ts';
import { findPromotion } from '../promotion-store.ts';
import { nothingSettled, openTask, setScene } from '../test-scene.ts';
import { editInBulk } from './bulk-edit.ts';
import { copyToTargets } from './copy-promotion.ts';
import { retireTemplate, saveTemplate } from './save-template.ts';

test('a template is copied to several customers and dates: each a whole draft, or refused with its reason', async (t) => {
  const scene = await setScene(t);
  const source = await planPromotion(
    scene.maker,
    scene.input({ shipStartsOn: '2026-06-29', shipEndsOn: '2026-07-12' }),
  );
  const template = await saveTemplate(scene.maker, source.id, 'Leaflet');
  await assert.rejects(saveTemplate(scene.maker, source.id, 'LEAFLET'), { code: 'code.taken' });
  const outcomes = await copyToTargets(scene.maker, { templateId: template.id }, [
    { startsOn: '2026-09-07', name: 'Autumn' },
    { customerId: scene.banner, startsOn: '2026-10-05' },
    { startsOn: '2027-01-04' },
  ]);
  assert.deepEqual(
    outcomes.map(({ outcome, promotion, problem }) => [
      outcome,
      promotion?.name,
      promotion?.customerId,
      promotion?.shipStartsOn,
      problem?.code,
    ]),
    [
      ['created', 'Autumn', scene.account, '2026-08-31', undefined],
      ['created', 'Summer', scene.banner, '2026-09-28', undefined],
      ['refused', undefined, undefined, undefined, 'fund.not_eligible'],
    ],
  );
  await retireTemplate(scene.maker, template.id);
  await assert.rejects(copyToTargets(scene.maker, { templateId: template.id }, [{}]), { code: 'not_found' });
  await saveTemplate(scene.maker, source.id, 'Leaflet');
});

test('a shift in bulk moves drafts and amends what is in force; what cannot be moved stays and says why', async (t) => {
  const scene = await setScene(t);
  const draft = await planPromotion(scene.maker, scene.input());
  const inForce = await planPromotion(scene.maker, scene.input({ startsOn: '2026-08-03', endsOn: '2026-08-09' }));
  await submitPromotion(scene.maker, inForce.id, undefined);
  for (const who of [scene.approver, scene.finance]) {
    const yes = { outcome: 'approved' as const, comment: '' };
    await completeTask(who, [promotionApproval], await openTask(scene.maker, inForce.id), yes);
  }
  const waiting = await planPromotion(scene.maker, scene.input({ startsOn: '2026-09-07', endsOn: '2026-09-13' }));
  await submitPromotion(scene.maker, waiting.id, undefined);
  const items = [{ id: draft.id, version: 1 }, { id: inForce.id }, { id: waiting.id }, { id: draft.id, version: 1 }];
  const outcomes = await editInBulk(scene.maker, nothingSettled, items, {
    ...{ kind: 'shift', days: 7, reason: 'the leaflet is a week late' },
  });
  assert.deepEqual(
    outcomes.map(({ outcome, problem }) => [outcome, problem?.code]),
    [
      ['changed', undefined],
      ['proposed', undefined],
      ['refused', 'state.conflict'],
      ['refused', 'version.conflict'],
    ],
  );
  const startOf = async (id: string) =>
    (await scene.maker.db.read(scene.maker, (tx) => findPromotion(tx, id)))?.startsOn;
  assert.deepEqual(await Promise.all([draft, inForce, waiting].map(({ id }) => startOf(id))), [
    '2026-07-13',
    '2026-08-03',
    '2026-09-07',
  ]);
});

test('a bulk change of rates is refused for what has none, and cancelling takes its own permission', async (t) => {
  const scene = await setScene(t);
  const draft = await planPromotion(scene.maker, scene.input());
  const items = [{ id: draft.id }];
  const [noRate] = await editInBulk(scene.maker, nothingSettled, items, { kind: 'rate', percent: '10', reason: 'up' });
  assert.equal(noRate?.problem?.code, 'rule.violated');
  const planner = scene.house.context({ permissions: ['promotions:update'], userId: scene.maker.actor.id });
  const cancel = { kind: 'cancel' as const, reason: 'no more' };
  await assert.rejects(editInBulk(planner, nothingSettled, items, cancel), { code: 'auth.forbidden' });
  const [cancelled] = await editInBulk(scene.maker, nothingSettled, items, cancel);
  assert.equal(cancelled?.promotion?.state, 'cancelled');
});
