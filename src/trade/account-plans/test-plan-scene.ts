import { randomUUID } from 'node:crypto';
import type { TestContext } from 'node:test';
import pg from 'pg';
import type { Context } from '#context';
import { openFundIn } from '#funds';
import { createCustomer, createProduct, ensureCalendarFor, recordPrice } from '#master-data';
import { type PromotionInput, planPromotion } from '#promotions';
import { type TestHouse, testHouse, testTenants } from '../../../test/house.ts';
import { addPerson } from '../../../test/people.ts';
import type { AccountPlanPorts } from './ports.ts';

/** What the tests of this module play in: a banner of two accounts, one product, shipments of two years, no model. */
export interface PlanScene {
  house: TestHouse;
  kam: Context;
  ports: AccountPlanPorts;
  banner: string;
  accounts: [east: string, west: string];
  product: string;
  fundId: string;
  /** An agreement of the banner from a day on, agreed by somebody else. */
  agree(validFrom: string, lines: readonly AgreedLine[]): Promise<void>;
  /** Plans a draft for a lump sum: it needs no prediction. */
  draft(change?: Partial<PromotionInput>): Promise<string>;
  input(change?: Partial<PromotionInput>): PromotionInput;
}

/** A line of an agreement; decimal strings. */
export interface AgreedLine {
  code: string;
  kind: string;
  basis: string;
  rate?: string;
  /** Retroactive, by cases. */
  tiers?: { from: string; rate: string }[];
}

async function agree(url: string, customerId: string, validFrom: string, lines: readonly AgreedLine[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const [tenantId, agreementId, versionId] = [testTenants.a.id, randomUUID(), randomUUID()];
  await client.query(
    `insert into terms.agreement (tenant_id, id, code, customer_id, currency, created_at) values ($1, $2, $4, $3, 'USD', now())`,
    [tenantId, agreementId, customerId, `AG-${validFrom}`],
  );
  await client.query(
    `insert into terms.agreement_version (tenant_id, id, agreement_id, number, name, valid_from, made_by, made_at, agreed_by, agreed_at)
     values ($1, $3, $2, 1, 'Terms', $4, gen_random_uuid(), now(), gen_random_uuid(), now())`,
    [tenantId, agreementId, versionId, validFrom],
  );
  for (const [position, { code, kind, basis, rate, tiers }] of lines.entries()) {
    await client.query(
      `insert into terms.line (tenant_id, version_id, code, position, kind, basis, rate, tiers, tier_method, tier_measure, payment)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
      [
        ...[tenantId, versionId, code, position, kind, basis, rate ?? null, tiers ? JSON.stringify(tiers) : null],
        ...[tiers ? 'retroactive' : null, tiers ? 'cases' : null, kind === 'on_invoice' ? 'on_invoice' : 'yearly'],
      ],
    );
  }
  await client.end();
}

/** Weekly shipments of a product to a customer, from a Monday on. */
async function ship(
  url: string,
  row: { customer: string; product: string; from: string; weeks: number; cases: number },
) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(
    `insert into performance.shipment (tenant_id, customer_id, product_id, period_start, cases, revenue, currency, source, recorded_at)
     select $1, $2, $3, $4::date + 7 * week, $6, 0, 'USD', 'test', now() from generate_series(0, $5::int - 1) week`,
    [testTenants.a.id, row.customer, row.product, row.from, row.weeks, row.cases],
  );
  await client.end();
}

/**
 * Fiscal 2026 begins on 2025-12-29 and today is Monday 2026-06-15: 24 weeks are over. Last year shipped 100 and 50 cases a
 * week, this year 120 and 50. List 30.00, cost 16.00.
 */
export async function setPlanScene(t: TestContext): Promise<PlanScene> {
  const house = await testHouse(t);
  const kam = house.context({ userId: await addPerson(house, ['key_account_manager'], '0') });
  const customer = (code: string, parentId?: string) =>
    createCustomer(kam, { code, name: code, type: 'node', currency: 'USD', ...(parentId ? { parentId } : {}) });
  const { id: banner } = await customer('B');
  const { id: east } = await customer('EAST', banner);
  const { id: west } = await customer('WEST', banner);
  const { id: product } = await createProduct(kam, {
    code: 'SKU',
    name: 'Oats',
    level: 'sku',
    own: true,
    unitsPerCase: '12',
  });
  await recordPrice(kam, {
    productId: product,
    listPrice: { amount: '30.00', currency: 'USD' },
    cost: { amount: '16.00', currency: 'USD' },
    validFrom: '2024-01-01',
  });
  const fund = await kam.db.transact(kam, async (tx) => {
    await ensureCalendarFor(tx, { from: '2024-12-30', to: '2026-12-28' });
    return openFundIn(tx, {
      ...{ code: 'F', name: 'Fund', kind: 'fixed', currency: 'USD', amount: '10000.00' },
      ...{ validFrom: '2025-01-01', validTo: '2026-12-31' },
    });
  });
  for (const [at, before, now] of [
    [east, 100, 120],
    [west, 50, 50],
  ] as const) {
    await ship(house.url, { customer: at, product, from: '2024-12-30', weeks: 52, cases: before });
    await ship(house.url, { customer: at, product, from: '2025-12-29', weeks: 24, cases: now });
  }
  const input: PlanScene['input'] = (change = {}) => ({
    ...{ name: 'Autumn', customerId: banner, startsOn: '2026-09-07', endsOn: '2026-09-20' },
    tactics: [
      {
        mechanic: 'feature',
        productIds: [product],
        fundSplit: [{ fundId: fund.id, share: '1' }],
        lumpSum: { amount: '900.00', currency: 'USD' },
      },
    ],
    ...change,
  });
  return {
    ...{ house, kam, banner, accounts: [east, west], product, fundId: fund.id, input },
    ports: { readEarnings: async () => [] },
    agree: (validFrom, lines) => agree(house.url, banner, validFrom, lines),
    draft: async (change) => (await planPromotion(kam, input(change))).id,
  };
}
