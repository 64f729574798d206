import pg from 'pg';
import type { Context } from '#context';
import { openFundIn } from '#funds';
import { createCustomer, createProduct, ensureCalendarFor, recordPrice } from '#master-data';
import { openPeriod, prepareAccruals } from '#settlement';
import { settlementPorts } from '../../src/apps/settlement-ports.ts';
import type { BenchHouse, BenchPart } from './part.ts';

const accounts = 100;
const skus = 50;
const funds = 20;
const weeksPerTactic = 10;
/** Every promotion has a scan-back and a bill-back. */
const tacticsPerPromotion = 2;
const firstWeek = '2026-01-05';
/** A day of the period that takes everything: all promotions have ended. */
const accruedOn = '2026-12-07';

/** Promotions over half a year, their tactics, and the weeks of sales and shipments that they earn on. */
const fillSql = (promotions: number) => `
  create temporary table account as select row_number() over (order by code) - 1 as i, id from master_data.customer;
  create temporary table sku as select row_number() over (order by code) - 1 as i, id from master_data.product;
  create temporary table payer as select row_number() over (order by code) - 1 as i, id from funds.fund;
  create temporary table event as select p, gen_random_uuid() as id, account.id as customer_id, sku.id as product_id,
      payer.id as fund_id, (date '${firstWeek}' + 7 * (p * 7 % 26)::int)::date as starts_on
    from generate_series(0, ${promotions - 1}) p join account on account.i = p % ${accounts}
      join sku on sku.i = (p / ${accounts} + p * 13) % ${skus} join payer on payer.i = p % ${funds};
  insert into promotions.promotion (tenant_id, id, code, name, customer_id, state, starts_on, ends_on, ship_starts_on,
      ship_ends_on, claim_by_on, currency, makers, created_by, created_at, updated_at, submitted_at)
    select $1, id, 'B' || p, 'Event', customer_id, 'ended', starts_on, starts_on + ${7 * weeksPerTactic - 1}, starts_on,
      starts_on + ${7 * weeksPerTactic - 1}, date '2027-03-31', 'USD', '{}', gen_random_uuid(), now(), now(), now() from event;
  insert into promotions.tactic (tenant_id, id, promotion_id, position, mechanic, product_ids, rate_amount, rate_currency,
      rate_per, pass_through, fund_split)
    select $1, gen_random_uuid(), event.id, kind.position, kind.mechanic, array[product_id], kind.amount, 'USD', kind.per, 1,
      jsonb_build_array(jsonb_build_object('fundId', fund_id, 'share', '1'))
    from event cross join (values (0, 'scan_back', 0.35, 'unit'), (1, 'bill_back', 2.1, 'case')) kind (position, mechanic, amount, per);
  insert into performance.sales (tenant_id, customer_id, product_id, period_start, units, revenue, feature, display,
      price_reduction, currency, source, recorded_at)
    select $1, customer_id, product_id, starts_on + 7 * week, 100 + p % 37, 0, false, false, true, 'USD', 'bench', now()
    from event cross join generate_series(0, ${weeksPerTactic - 1}) week on conflict do nothing;
  insert into performance.shipment (tenant_id, customer_id, product_id, period_start, cases, revenue, currency, source, recorded_at)
    select $1, customer_id, product_id, starts_on + 7 * week, 10 + p % 7, 0, 'USD', 'bench', now()
    from event cross join generate_series(0, ${weeksPerTactic - 1}) week on conflict do nothing;
  analyze promotions.promotion; analyze promotions.tactic; analyze performance.sales; analyze performance.shipment`;

/** The same money as one plain sum over the raw weeks: what the reading alone costs. */
const peerSql = `
  select tactic.id, sum(case mechanic when 'scan_back' then sales.units else shipment.cases end * rate_amount)
  from promotions.tactic join promotions.promotion on promotion.id = tactic.promotion_id
    join performance.sales on sales.customer_id = promotion.customer_id and sales.product_id = any(product_ids)
      and sales.period_start between promotion.starts_on and promotion.ends_on
    join performance.shipment on shipment.customer_id = sales.customer_id and shipment.product_id = sales.product_id
      and shipment.period_start = sales.period_start
  group by tactic.id`;

async function makeMasterData({ context, db }: BenchHouse): Promise<void> {
  await db.transact(context, (tx) => ensureCalendarFor(tx, { from: '2025-12-01', to: '2027-01-31' }));
  const usd = (amount: string) => ({ amount, currency: 'USD' });
  for (let i = 0; i < accounts; i++) {
    await createCustomer(context, { code: `C${i}`, name: `Account ${i}`, type: 'account', currency: 'USD' });
  }
  for (let i = 0; i < skus; i++) {
    const facts = { level: 'sku', own: true, unitsPerCase: '12' } as const;
    const { id } = await createProduct(context, { code: `P${i}`, name: `Product ${i}`, ...facts });
    await recordPrice(context, { productId: id, listPrice: usd('30.00'), cost: usd('16.00'), validFrom: '2025-01-01' });
  }
  const validity = { validFrom: '2026-01-01', validTo: '2026-12-31' };
  await db.transact(context, async (tx) => {
    for (let i = 0; i < funds; i++) {
      const fund = { code: `F${i}`, name: `Fund ${i}`, kind: 'fixed', currency: 'USD' } as const;
      await openFundIn(tx, { ...fund, ...validity, amount: '100000000.00' });
    }
  });
}

/** The context with a stop-watch on its transactions. */
function timed(context: Context): { context: Context; transactionsMs: number[] } {
  const transactionsMs: number[] = [];
  const transact: Context['db']['transact'] = async (scope, work) => {
    const begun = performance.now();
    try {
      return await context.db.transact(scope, work);
    } finally {
      transactionsMs.push(performance.now() - begun);
    }
  };
  return { context: { ...context, db: { ...context.db, transact } }, transactionsMs };
}

/** The accrual run of a period end over the whole chain: promotions, sales, books, journals, funds. */
export const part: BenchPart = {
  name: 'accrual run',
  what: 'preparing a period’s accruals, from weekly facts to journals and checkbooks; size = tactic-weeks',
  sizes: [10_000, 30_000, 100_000],
  targets: { 'run, nothing accrued before': 20_000, 'longest transaction': 1_000 },
  run: async (house: BenchHouse, size: number) => {
    await makeMasterData(house);
    const owner = new pg.Client({ connectionString: house.url });
    await owner.connect();
    try {
      const { id: tenantId } = house.context.tenant;
      for (const statement of fillSql(size / (tacticsPerPromotion * weeksPerTactic)).split(';\n')) {
        await owner.query(statement.replaceAll('$1', `'${tenantId}'::uuid`));
      }
      const { context, transactionsMs } = timed(house.context);
      const period = await openPeriod(context, accruedOn);
      const stopWatch = async (work: () => Promise<unknown>) => {
        const begun = performance.now();
        await work();
        return performance.now() - begun;
      };
      const first = await stopWatch(() => prepareAccruals(context, settlementPorts, period.id));
      const again = await stopWatch(() => prepareAccruals(context, settlementPorts, period.id));
      const plain = await stopWatch(() => owner.query(peerSql));
      const { rows } = await owner.query<{ tactics: number; earned: string }>(
        `select count(*)::int as tactics, sum(earned)::text as earned from settlement.liability`,
      );
      return {
        figures: {
          'run, nothing accrued before': first,
          'run again, nothing due': again,
          'longest transaction': Math.max(...transactionsMs),
          'peer: the same weeks summed by plain SQL': plain,
        },
        note: `${rows[0]?.tactics} tactics earned ${rows[0]?.earned} USD in ${transactionsMs.length} transactions`,
      };
    } finally {
      await owner.end();
    }
  },
};
