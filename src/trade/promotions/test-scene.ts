import type { TestContext } from 'node:test';
import type { Context } from '#context';
import { sql } from '#db';
import { openFundIn } from '#funds';
import { createCustomer, createProduct, ensureCalendarFor, recordPrice } from '#master-data';
import { workflowModule } from '#workflow';
import { type TestHouse, testHouse } from '../../../test/house.ts';
import { addPerson } from '../../../test/people.ts';
import { promotionDecisions, promotionProcesses } from './module.ts';
import type { PromotionInput } from './planning/promotion-terms.ts';
import type { PromotionPorts } from './ports.ts';

/** A world in which nothing was accrued or claimed yet. */
export const nothingSettled: PromotionPorts = { settlementOf: async () => new Map() };

/** What the tests of this module play in. */
export interface Scene {
  house: TestHouse;
  maker: Context;
  approver: Context;
  finance: Context;
  fundId: string;
  input(change?: Partial<PromotionInput>): PromotionInput;
  banner: string;
  account: string;
}

/** A banner with an account, one product, one fund of 1000.00, a planner and two approvers. */
export async function setScene(t: TestContext): Promise<Scene> {
  workflowModule(promotionProcesses(nothingSettled), { decisions: promotionDecisions });
  const house = await testHouse(t);
  const maker = house.context({ userId: await addPerson(house, ['key_account_manager'], '0') });
  const approver = house.context({ userId: await addPerson(house, ['trade_marketing_manager'], '100000') });
  const finance = house.context({ userId: await addPerson(house, ['finance_controller'], '200000') });
  const banner = await createCustomer(maker, { code: 'B', name: 'Banner', type: 'banner', currency: 'USD' });
  const account = await createCustomer(maker, {
    code: 'A',
    name: 'Account',
    type: 'account',
    currency: 'USD',
    parentId: banner.id,
  });
  const product = await createProduct(maker, { code: 'SKU', name: 'Product', level: 'sku', own: true });
  await recordPrice(maker, {
    productId: product.id,
    listPrice: { amount: '30.00', currency: 'USD' },
    cost: { amount: '16.00', currency: 'USD' },
    validFrom: '2026-01-01',
  });
  const fund = await maker.db.transact(maker, async (tx) => {
    await ensureCalendarFor(tx, { from: '2026-01-05', to: '2026-12-28' });
    return openFundIn(tx, {
      code: 'F',
      name: 'Fund',
      kind: 'fixed',
      currency: 'USD',
      validFrom: '2026-01-01',
      validTo: '2026-12-31',
      amount: '1000.00',
    });
  });
  return {
    house,
    maker,
    approver,
    finance,
    fundId: fund.id,
    banner: banner.id,
    account: account.id,
    input: (change = {}) => ({
      name: 'Summer',
      customerId: account.id,
      startsOn: '2026-07-06',
      endsOn: '2026-07-19',
      tactics: [
        {
          mechanic: 'scan_back',
          productIds: [product.id],
          fundSplit: [{ fundId: fund.id, share: '1' }],
          lumpSum: { amount: '400.00', currency: 'USD' },
        },
      ],
      ...change,
    }),
  };
}

/** The id of the one open task on a promotion. */
export async function openTask(context: Context, promotionId: string): Promise<string> {
  const row = await context.db.read(context, (tx) =>
    tx.one<{
      id: string;
    }>(sql`select task.id from workflow.task join workflow.instance on instance.id = task.instance_id
      where instance.subject_id = ${promotionId} and task.state = 'open'`),
  );
  return row.id;
}
