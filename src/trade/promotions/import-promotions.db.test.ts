import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Context } from '#context';
import { sql } from '#db';
import { openFundIn } from '#funds';
import { createImports, createProduct, fileInMemory } from '#master-data';
import type { Promotion } from './domain/promotion.ts';
import { promotionsImport } from './import-promotions.ts';
import { changePromotion } from './planning/plan-promotion.ts';
import { inputOf } from './planning/promotion-terms.ts';
import { allPromotions } from './promotion-store.ts';
import { setScene } from './test-scene.ts';

const imports = createImports({ kinds: [promotionsImport] });
const header =
  'code,name,customer_code,starts_on,ends_on,mechanic,product_codes,rate,rate_per,lump_sum,fund_code,state';

interface Sheets {
  maker: Context;
  load(
    rows: readonly string[],
    columns?: string,
  ): Promise<{ rows: Record<string, number>; reasons: [number, string[]][] }>;
  stored(): Promise<Promotion[]>;
}

/** The scene with a second product, and the way from rows of a sheet to what became of them. */
async function setSheets(t: TestContext): Promise<Sheets> {
  const { maker } = await setScene(t);
  await createProduct(maker, { code: 'SKU-2', name: 'Other', level: 'sku', own: true });
  return {
    maker,
    load: async (rows, columns = header) => {
      const source = fileInMemory(Buffer.from([columns, ...rows, ''].join('\n')));
      const done = await imports.runImport(maker, {
        kind: 'promotions',
        source,
        fileName: 'plans.csv',
        mapping: undefined,
      });
      assert.deepEqual([done.status, done.errors], ['finished', []]);
      const reasons = await maker.db.read(maker, (tx) =>
        tx.many<{ row: number; reasons: string[] }>(sql`select row_number::integer as row, reasons
          from master_data.import_quarantine where import_id = ${done.id} order by row_number`),
      );
      return { rows: { ...done.rows }, reasons: reasons.map((one) => [one.row, one.reasons]) };
    },
    stored: () => maker.db.read(maker, allPromotions),
  };
}

const plans = [
  'P-1,Autumn,A,2026-09-07,2026-09-20,scan_back,SKU|SKU-2,2.50,case,,F,',
  'P-1,Autumn,A,2026-09-07,2026-09-20,display,SKU,,,150.00,F,',
  'P-2,Spring,B,2026-03-02,2026-03-15,off_invoice,SKU,10,percent,,F,ended',
];

test('rows of one code make one promotion: plans arrive as drafts, past events as ended, neither moves money', async (t) => {
  const sheets = await setSheets(t);
  const { rows } = await sheets.load(plans);
  assert.deepEqual(rows, { read: 3, stored: 3, unchanged: 0, quarantined: 0 });
  const [autumn, spring, ...others] = await sheets.stored();
  assert.deepEqual(others, []);
  assert.ok(autumn && spring);
  assert.deepEqual([autumn.code, autumn.state, autumn.version], ['P-1', 'draft', 1]);
  assert.deepEqual(
    autumn.tactics.map(({ mechanic, productIds, rate }) => [mechanic, productIds.length, rate?.amount, rate?.per]),
    [
      ['scan_back', 2, '2.5', 'case'],
      ['display', 1, undefined, undefined],
    ],
  );
  assert.equal(Number(autumn.tactics[1]?.lumpSum), 150);
  assert.deepEqual([autumn.shipStartsOn, autumn.shipEndsOn], ['2026-09-07', '2026-09-20']);
  assert.deepEqual([spring.code, spring.state, spring.submittedAt], ['P-2', 'ended', null]);
  const { held } = await sheets.maker.db.read(sheets.maker, (tx) =>
    tx.one<{ held: number }>(sql`select count(*)::integer as held from funds.hold`),
  );
  assert.equal(held, 0);
});

test('the same file twice changes nothing, also with its rows and decimals written otherwise', async (t) => {
  const sheets = await setSheets(t);
  await sheets.load(plans);
  const before = await sheets.stored();
  const again = await sheets.load(plans);
  assert.deepEqual(again.rows, { read: 3, stored: 0, unchanged: 3, quarantined: 0 });
  const [first = '', second = '', third = ''] = plans;
  const otherwise = [
    second.replace('150.00', '150'),
    first.replace('2.50', '2.5').replace('SKU|SKU-2', 'SKU-2|SKU'),
    third,
  ];
  assert.deepEqual((await sheets.load(otherwise)).rows, { read: 3, stored: 0, unchanged: 3, quarantined: 0 });
  assert.deepEqual(await sheets.stored(), before);
});

test('a known code with other terms overwrites nothing and says so, whoever changed: the sheet or the workspace', async (t) => {
  const sheets = await setSheets(t);
  await sheets.load(plans);
  const [first = '', second = '', third = ''] = plans;
  const said = ['P-1 is already there with other terms; change it in its workspace'];
  const changes = [
    [first.replace('2.50', '2.60'), second],
    [first],
    [first, second].map((row) => row.replace('2026-09-20', '2026-09-27')),
    [first.replace('SKU|SKU-2', 'SKU'), second],
  ];
  for (const rows of changes) {
    const { reasons } = await sheets.load(rows);
    assert.deepEqual(
      reasons,
      rows.map((_, i) => [i + 1, said]),
    );
  }
  const [autumn] = await sheets.stored();
  assert.ok(autumn);
  assert.equal(autumn.version, 1);
  await changePromotion(sheets.maker, autumn, autumn.version, { ...inputOf(autumn), name: 'Harvest' });
  const late = await sheets.load([first, second, third]);
  assert.deepEqual(late.rows, { read: 3, stored: 0, unchanged: 1, quarantined: 2 });
  assert.equal((await sheets.stored())[0]?.name, 'Harvest');
});

test('a promotion with a wrong row goes to quarantine whole, with every reason, and the others are stored', async (t) => {
  const sheets = await setSheets(t);
  const { rows, reasons } = await sheets.load([
    'P-1,Autumn,A,2026-09-07,2026-09-20,scan_back,SKU,2.50,case,,F,',
    'P-3,Lost,NOWHERE,2026-09-07,2026-09-20,scan_back,SKU|NONE,2.50,case,,NOFUND,',
    'P-4,Two names,A,2026-09-07,2026-09-20,scan_back,SKU,2.50,case,,F,',
    'P-4,Two Names,A,2026-09-07,2026-09-20,display,SKU,,,10,F,',
    'P-5,Backwards,A,2026-09-20,2026-09-07,scan_back,SKU,2.50,case,,F,',
    'P-6,Not yet over,A,2026-06-01,2026-06-15,scan_back,SKU,2.50,case,,F,ended',
    'P-7,Before the fund,A,2025-09-07,2025-09-20,scan_back,SKU,2.50,case,,F,ended',
    'P-8,Free of charge,A,2026-09-07,2026-09-20,scan_back,SKU,,,,F,',
  ]);
  assert.deepEqual(rows, { read: 8, stored: 1, unchanged: 0, quarantined: 7 });
  assert.deepEqual(reasons, [
    [2, ['there is no customer NOWHERE', 'there is no product NONE', 'there is no fund NOFUND']],
    [3, ['the rows of P-4 differ in name']],
    [4, ['the rows of P-4 differ in name']],
    [5, ['endsOn is before startsOn; shipEndsOn is before shipStartsOn']],
    [6, ['state is ended, but ends_on has not passed']],
    [7, ['F is valid from 2026-01-01 to 2026-12-31, the tactic from 2025-09-07 to 2025-09-20.']],
    [8, ['tactics.0 needs a rate or a lump sum']],
  ]);
  assert.deepEqual(
    (await sheets.stored()).map(({ code }) => code),
    ['P-1'],
  );
});

test('a sheet states every term of a tactic and several funds, and the same again is unchanged', async (t) => {
  const sheets = await setSheets(t);
  await sheets.maker.db.transact(sheets.maker, (tx) =>
    openFundIn(tx, {
      ...{ code: 'G', name: 'Second', kind: 'fixed', currency: 'USD', amount: '10.00' },
      ...{ validFrom: '2026-01-01', validTo: '2026-12-31' },
    }),
  );
  const columns = [
    ...['code', 'name', 'customer_code', 'starts_on', 'ends_on', 'product_codes', 'fund_code', 'mechanic', 'rate'],
    ...['rate_per', 'percent_of', 'tier_method', 'tiers', 'cap', 'lump_sum', 'stores', 'recognition'],
    ...['redemption_rate', 'tactic_starts_on', 'tactic_ends_on', 'funding_basis'],
  ];
  const row = (cells: Record<string, string>) => {
    const all: Record<string, string> = {
      ...{ code: 'P-9', name: 'Everything', customer_code: 'A', starts_on: '2026-09-07', ends_on: '2026-09-20' },
      ...{ product_codes: 'SKU', fund_code: 'F:0.6|G:0.4', ...cells },
    };
    return columns.map((column) => all[column] ?? '').join(',');
  };
  const rows = [
    row({
      ...{ mechanic: 'volume_rebate', rate: '0', rate_per: 'percent', percent_of: 'invoice', cap: '90.00' },
      ...{ tier_method: 'retroactive', tiers: '500:1.5|1000:2' },
    }),
    row({ mechanic: 'display', lump_sum: '4.00', stores: '25', recognition: 'on_date', tactic_ends_on: '2026-09-13' }),
    row({ mechanic: 'coupon', rate: '0.5', rate_per: 'unit', redemption_rate: '0.03' }),
    row({ mechanic: 'temporary_price_reduction', rate: '1', rate_per: 'case', funding_basis: 'shipments' }),
  ];
  const { reasons } = await sheets.load(rows, columns.join(','));
  assert.deepEqual(reasons, []);
  const [stored] = await sheets.stored();
  const [rebate, display, coupon, reduction] = stored?.tactics ?? [];
  assert.deepEqual(rebate?.tiers, {
    ...{
      method: 'retroactive',
      steps: [
        { from: '500', rate: '1.5' },
        { from: '1000', rate: '2' },
      ],
    },
  });
  assert.deepEqual([rebate?.rate?.percentOf, Number(rebate?.cap)], ['invoice', 90]);
  assert.deepEqual(
    rebate?.fundSplit.map(({ share }) => share),
    ['0.6', '0.4'],
  );
  assert.deepEqual([display?.stores, display?.recognition, display?.endsOn], [25, 'on_date', '2026-09-13']);
  assert.deepEqual([coupon?.redemptionRate, reduction?.fundingBasis], ['0.03', 'shipments']);
  const again = await sheets.load([...rows].reverse(), columns.join(','));
  assert.deepEqual(again.rows, { read: 4, stored: 0, unchanged: 4, quarantined: 0 });
  const wrong = row({ code: 'P-10', mechanic: 'volume_rebate', rate: '1', rate_per: 'case', tiers: 'many:2' });
  const bad = await sheets.load([wrong], columns.join(','));
  assert.match(bad.reasons[0]?.[1].join(' ') ?? '', /tiers is not cases:rate/);
  const half = row({ code: 'P-11', mechanic: 'display', lump_sum: '1.00', fund_code: 'F:0.6|G:0.3' });
  const short = await sheets.load([half], columns.join(','));
  assert.match(short.reasons[0]?.[1].join(' ') ?? '', /shares sum to 0.9, not to 1/);
});
