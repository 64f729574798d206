import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import pg from 'pg';
import type { Context } from '#context';
import { sql } from '#db';
import {
  createCustomer,
  createImports,
  createProduct,
  ensureCalendarFor,
  fileInMemory,
  fiscalWeeks,
  recordFxRate,
  recordPrice,
} from '#master-data';
import { amountOf } from '#money';
import { type TestHouse, testHouse } from '../../../test/house.ts';
import type { LineJson } from './agreement-json.ts';
import { agreeTerms, declineTerms } from './decide-terms.ts';
import { draftAgreement, draftChange, type NewAgreement } from './draft-terms.ts';
import { termsImport } from './import-terms.ts';
import { readAgreement } from './read-agreements.ts';
import { everydayTermsOn, readTermLines } from './read-terms.ts';
import { recordCondition } from './record-condition.ts';
import { waterfallScope } from './waterfall-query.ts';

const line = (code: string, rate: string, kind: LineJson['kind'] = 'on_invoice'): LineJson => ({
  ...{ code, kind, basis: 'percent_of_list', rate, tiers: null },
  condition: kind === 'conditional' ? 'full pallets' : null,
  payment: kind === 'on_invoice' ? 'on_invoice' : 'quarterly',
});

interface Scene {
  house: TestHouse;
  kam: Context;
  finance: Context;
  bannerId: string;
  storeId: string;
  brandId: string;
  skuId: string;
  /** On-invoice and standing terms of a case of the SKU at the store on a day. */
  termsOn(on: string): Promise<[string, string] | null>;
  draft(content?: Partial<NewAgreement>): ReturnType<typeof draftAgreement>;
}

async function scene(t: TestContext): Promise<Scene> {
  const house = await testHouse(t);
  const kam = house.context();
  const finance = house.context({ userId: randomUUID() });
  const banner = await createCustomer(kam, { code: 'B', name: 'Banner', type: 'banner' });
  const store = await createCustomer(kam, { code: 'S', name: 'Store', type: 'store', parentId: banner.id });
  const brand = await createProduct(kam, { code: 'BR', name: 'Brand', level: 'brand' });
  const usd = (amount: string) => ({ amount, currency: 'USD' });
  const sku = await createProduct(kam, {
    ...{ code: 'P', name: 'Product', level: 'sku', parentId: brand.id, own: true, unitsPerCase: '12' },
    ...{ listPrice: usd('30.00'), cost: usd('16.00') },
  });
  const [bannerId, storeId, skuId] = [banner.id, store.id, sku.id];
  return {
    ...{ house, kam, finance, bannerId, storeId, skuId, brandId: brand.id },
    termsOn: async (on) => {
      const terms = await kam.db.read(kam, (tx) => everydayTermsOn(tx, storeId, [skuId], on));
      const found = terms.get(skuId);
      return found ? [amountOf(found.onInvoice), amountOf(found.standing)] : null;
    },
    draft: (content = {}) =>
      draftAgreement(kam, {
        ...{ code: 'A-2026', name: 'Year', customerId: bannerId, productId: null, currency: 'USD', note: '' },
        ...{
          validFrom: '2026-01-01',
          validTo: '2026-12-31',
          lines: [line('ON', '5'), line('STANDING', '2', 'off_invoice')],
        },
        ...content,
      }),
  };
}

test('terms count once somebody else has agreed to them, come down to the store, and hold on their days only', async (t) => {
  const { draft, kam, finance, termsOn } = await scene(t);
  const { id, version } = await draft();
  assert.equal(await termsOn('2026-06-01'), null);
  await assert.rejects(agreeTerms(kam, id), { code: 'approval.own_work' });
  await assert.rejects(agreeTerms(finance, id, version + 1), { code: 'version.conflict' });
  await agreeTerms(finance, id, version);
  assert.deepEqual(await termsOn('2026-06-01'), ['1.50', '0.60']);
  assert.deepEqual(await termsOn('2026-12-31'), ['1.50', '0.60']);
  assert.equal(await termsOn('2027-01-01'), null);
  await assert.rejects(agreeTerms(finance, id), { code: 'state.conflict' });
});

test('a change closes the version before it, and both stay as they were believed', async (t) => {
  const { draft, house, kam, finance, termsOn, storeId, skuId } = await scene(t);
  const { id } = await draft();
  await agreeTerms(finance, id);
  const before = house.clock.now();
  house.clock.set('2026-06-15T13:00:00Z');
  const change = { lines: [line('ON', '10')] };
  const { current, draft: waiting } = await draftChange(kam, id, undefined, change);
  assert.deepEqual([current?.number, waiting?.number], [1, 2]);
  assert.deepEqual(await termsOn('2026-06-01'), ['1.50', '0.60'], 'a draft changes nothing');
  await agreeTerms(finance, id);
  assert.deepEqual(await termsOn('2026-06-01'), ['3.00', '0.00']);
  const rates = async (recordedAt?: Date) => {
    const query = { customerIds: [storeId], productIds: [skuId], from: '2026-06-01', to: '2026-06-01', recordedAt };
    const { lines } = await kam.db.read(kam, (tx) => readTermLines(tx, query));
    return lines.map(({ code, rate }) => `${code} ${rate}`).sort();
  };
  assert.deepEqual(await rates(before), ['ON 5', 'STANDING 2']);
  assert.deepEqual(await rates(), ['ON 10']);
  const then = await kam.db.read(kam, (tx) => readAgreement(tx, id, before));
  assert.deepEqual([then.current?.number, then.draft], [1, null]);
  await assert.rejects(draftChange(kam, id, undefined, { lines: [line('ON', '10.00')] }), { code: 'rule.violated' });
});

test('the application cannot rewrite a version, nor take away a line', async (t) => {
  const { draft, finance, kam } = await scene(t);
  const { id } = await draft();
  await agreeTerms(finance, id);
  const attempts = [
    sql`update terms.agreement_version set valid_to = '2030-01-01'`,
    sql`update terms.agreement_version set agreed_at = now() + interval '1 day'`,
    sql`update terms.line set rate = 1`,
    sql`delete from terms.line`,
  ];
  for (const attempt of attempts) {
    await assert.rejects(
      kam.db.transact(kam, (tx) => tx.run(attempt)),
      /never rewritten|permission denied/,
    );
  }
});

test('whoever had a hand in a draft may not agree to it, also where somebody else wrote it last', async (t) => {
  const { draft, house, kam, finance } = await scene(t);
  const director = house.context({ userId: randomUUID() });
  const { id } = await draft();
  await draftChange(finance, id, undefined, { lines: [line('ON', '4')] });
  await assert.rejects(agreeTerms(kam, id), { code: 'approval.own_work' });
  await assert.rejects(agreeTerms(finance, id), { code: 'approval.own_work' });
  assert.equal((await agreeTerms(director, id)).current?.number, 2);
  await draftChange(kam, id, undefined, { lines: [line('ON', '9')] });
  const declined = await declineTerms(director, id, undefined, 'too much');
  assert.deepEqual([declined.current?.number, declined.draft], [2, null]);
});

test('of two people who agree at once one does, and one version is in force', async (t) => {
  const { draft, house, finance } = await scene(t);
  const { id } = await draft();
  const others = [finance, house.context({ userId: randomUUID() }), house.context({ userId: randomUUID() })];
  const outcomes = await Promise.allSettled(others.map((other) => agreeTerms(other, id)));
  assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
  const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.code] : []));
  assert.deepEqual(refused, ['state.conflict', 'state.conflict']);
});

test('an unmet condition takes its term out of its fiscal period, and a later word counts instead', async (t) => {
  const { draft, kam, finance, termsOn } = await scene(t);
  await kam.db.transact(kam, (tx) => ensureCalendarFor(tx, { from: '2026-01-05', to: '2026-12-28' }));
  const { id } = await draft({ lines: [line('PALLETS', '1', 'conditional')] });
  await agreeTerms(finance, id);
  const [week] = await kam.db.read(kam, (tx) => fiscalWeeks(tx, '2026-06-01', '2026-06-01'));
  const { fiscalYear, period } = week!;
  const word = { lineCode: 'PALLETS', fiscalYear, period, note: '' };
  assert.deepEqual(await termsOn('2026-06-01'), ['0.00', '0.30']);
  await recordCondition(finance, id, { ...word, met: false });
  assert.equal(await termsOn('2026-06-01'), null);
  await recordCondition(finance, id, { ...word, met: true });
  assert.deepEqual(await termsOn('2026-06-01'), ['0.00', '0.30']);
  await assert.rejects(recordCondition(finance, id, { ...word, lineCode: 'OTHER', met: true }), {
    code: 'rule.violated',
  });
  await assert.rejects(recordCondition(finance, id, { ...word, period: 13, met: true }), { code: 'calendar.missing' });
});

test('absurd terms are refused with every fault, and nothing is stored', async (t) => {
  const { draft, house } = await scene(t);
  const faulty = [
    { ...line('A', '100') },
    { ...line('A', '1'), payment: 'yearly' as const },
    { ...line('B', '1', 'growth') },
    { ...line('C', '1', 'conditional'), condition: null },
  ];
  await assert.rejects(
    draft({ validTo: '2025-01-01', lines: faulty }),
    (error: { code: string; errors: unknown[] }) => {
      assert.equal(error.code, 'rule.violated');
      assert.equal(error.errors.length, 6);
      return true;
    },
  );
  const owner = new pg.Client({ connectionString: house.url });
  await owner.connect();
  const { rows } = await owner.query('select count(*)::int as n from terms.agreement');
  await owner.end();
  assert.deepEqual(rows, [{ n: 0 }]);
});

const header = 'code,name,customer_code,product_code,valid_from,valid_to,line_code,kind,basis,rate,tiers,condition';
const file = [
  header,
  'K,Key terms,B,,2026-01-01,2026-12-31,ON,on_invoice,percent_of_list,3.50,,',
  'K,Key terms,B,,2026-01-01,2026-12-31,VOLUME,volume_rebate,percent_of_invoice,,1000:1.0|2000:2,',
  'L,Brand terms,S,BR,2026-01-01,,PALLETS,conditional,per_case,0.20,,full pallets',
  'M,Nowhere,XX,,2026-01-01,,ON,on_invoice,percent_of_list,3,,',
  'N,Broken,B,,2026-01-01,,ON,on_invoice,percent_of_list,3,,',
  'N,Broken,B,,2026-02-01,,OTHER,on_invoice,percent_of_list,3,,',
  'O,Tiers,B,,2026-01-01,,G,growth,percent_of_list,,8:1|3:2,',
].join('\n');

test('terms that leave nothing of a list price are not agreed to, and what was in force stays', async (t) => {
  const { draft, kam, finance, termsOn } = await scene(t);
  const { id } = await draft();
  await agreeTerms(finance, id);
  const perCase = (rate: string): LineJson => ({ ...line('STANDING', rate, 'off_invoice'), basis: 'per_case' });
  const left = /nothing is left of the list price of P on 2026-01-01, 30.00: A-2026 ON, A-2026 STANDING/;
  await draftChange(kam, id, undefined, { lines: [line('ON', '5'), perCase('28.50')] });
  await assert.rejects(agreeTerms(finance, id), (problem: { code: string; detail: string }) => {
    assert.equal(problem.code, 'rule.violated');
    assert.match(problem.detail, left);
    return true;
  });
  assert.deepEqual(await termsOn('2026-06-01'), ['1.50', '0.60']);
  await draftChange(kam, id, undefined, { lines: [line('ON', '5'), perCase('28.49')] });
  await agreeTerms(finance, id);
  assert.deepEqual(await termsOn('2026-06-01'), ['1.50', '28.49']);
});

test('terms in another currency than their customer’s are not drafted', async (t) => {
  const { draft } = await scene(t);
  await assert.rejects(draft({ currency: 'EUR' }), { code: 'money.currency_mismatch' });
});

test('a waterfall over days that end before they begin is refused, never answered with nothing', async (t) => {
  const { kam, bannerId: customerId } = await scene(t);
  const over = (from: string, to: string) => kam.db.read(kam, (tx) => waterfallScope(tx, { customerId, from, to }));
  await assert.rejects(over('2026-02-02', '2026-02-01'), { code: 'rule.violated' });
  assert.equal((await over('2026-02-01', '2026-02-01')).currency, 'USD');
});

test('a file of terms becomes drafts once; what does not fit is kept with its reason', async (t) => {
  const { kam, finance, termsOn } = await scene(t);
  const { runImport } = createImports({ kinds: [termsImport] });
  const run = (text: string) =>
    runImport(kam, { kind: 'terms', fileName: 'terms.csv', source: fileInMemory(Buffer.from(text)) });
  const first = await run(file);
  assert.deepEqual(first.rows, { read: 7, stored: 3, unchanged: 0, quarantined: 4 });
  assert.deepEqual((await run(file)).rows, { read: 7, stored: 0, unchanged: 3, quarantined: 4 });
  assert.equal(await termsOn('2026-06-01'), null, 'nobody has agreed yet');
  const ids = await kam.db.read(kam, (tx) => tx.many<{ id: string }>(sql`select id from terms.agreement`));
  for (const { id } of ids) await agreeTerms(finance, id);
  assert.deepEqual(await termsOn('2026-06-01'), ['1.05', '0.20']);
  assert.equal((await run(file)).rows.stored, 0);
  const changed = await run(file.replace('3.50', '4.00'));
  assert.deepEqual(changed.rows, { read: 7, stored: 2, unchanged: 1, quarantined: 4 });
});

test('terms are held against every price that comes while they hold, and against what stores below have beside them', async (t) => {
  const { draft, kam, finance, skuId, storeId } = await scene(t);
  const perCase = (code: string, rate: string): LineJson => ({ ...line(code, rate, 'off_invoice'), basis: 'per_case' });
  const refused = (detail: RegExp) => (problem: { code: string; detail: string }) => {
    assert.equal(problem.code, 'rule.violated');
    assert.match(problem.detail, detail);
    return true;
  };
  const { id } = await draft({ lines: [perCase('STANDING', '20')] });
  const usd = (amount: string) => ({ amount, currency: 'USD' });
  const price = { productId: skuId, cost: usd('16.00'), validFrom: '2026-09-01', validTo: '2026-09-30' };
  await recordPrice(kam, { ...price, listPrice: usd('20.00') });
  await assert.rejects(agreeTerms(finance, id), refused(/list price of P on 2026-09-01, 20.00: A-2026 STANDING/));
  await recordPrice(kam, { ...price, listPrice: usd('20.01') });
  await agreeTerms(finance, id);
  const below = await draft({
    code: 'STORE',
    customerId: storeId,
    validFrom: '2026-03-01',
    lines: [perCase('OWN', '5')],
  });
  await assert.rejects(agreeTerms(finance, below.id), refused(/P on 2026-09-01, 20.01: STORE OWN, A-2026 STANDING/));
  await draftChange(kam, below.id, undefined, { validTo: '2026-08-31' });
  await agreeTerms(finance, below.id);
  const { id: wider } = await draft({ code: 'MORE', lines: [perCase('EXTRA', '5')], validTo: '2026-08-31' });
  await assert.rejects(
    agreeTerms(finance, wider),
    refused(/P on 2026-03-01, 30.00: MORE EXTRA, STORE OWN, A-2026 STANDING/),
  );
});

test('terms in another currency are converted at the typed rate of their day, and that rate stays with the version', async (t) => {
  const { draft, kam, finance, termsOn } = await scene(t);
  const perCase = (rate: string): LineJson => ({ ...line('STANDING', rate, 'off_invoice'), basis: 'per_case' });
  const inEuro = { currency: 'EUR', lines: [perCase('1'), line('ON', '5')] };
  await assert.rejects(draft(inEuro), { code: 'money.currency_mismatch' });
  await assert.rejects(draft({ ...inEuro, fx: { type: 'plan' } }), { code: 'fx.rate_missing' });
  const euro = { type: 'plan', from: 'EUR', to: 'USD' };
  await recordFxRate(kam, { ...euro, on: '2026-01-01', rate: '1.1' });
  const { id } = await draft({ ...inEuro, fx: { type: 'plan' } });
  await recordFxRate(kam, { ...euro, on: '2026-01-01', rate: '1.3' });
  await recordFxRate(kam, { ...euro, on: '2026-06-01', rate: '1.2' });
  const agreed = await agreeTerms(finance, id);
  assert.deepEqual([agreed.current?.fx?.rate, agreed.current?.fx?.on], ['1.1', '2026-01-01']);
  assert.deepEqual(await termsOn('2026-06-15'), ['1.50', '1.10'], 'a percentage has no currency');
  await draftChange(kam, id, undefined, { fx: { type: 'plan', on: '2026-06-15' } });
  await agreeTerms(finance, id);
  assert.deepEqual(await termsOn('2026-06-15'), ['1.50', '1.20']);
});
