import pg from 'pg';
import { sql } from '#db';
import { type SettlementPorts, weighItems } from '#settlement';
import type { BenchHouse, BenchPart } from './part.ts';

/** Retailers, each with so many accounts below it. */
const retailers = 20;
const accounts = 10;
/** Three years of events. */
const days = 3 * 365;

/** Two tactics for every deduction, two of each promotion; a third of the texts name the promotion as it is. */
const fillSql = (size: number) => `
  create temporary table node as select r, a, gen_random_uuid() as id from generate_series(0, ${retailers - 1}) r,
    generate_series(0, ${accounts}) a;
  insert into master_data.customer (tenant_id, id, code, name, parent_id, type, currency, created_at, updated_at)
    select $1, me.id, 'C' || me.r || '-' || me.a, 'Customer ' || me.r || '-' || me.a, null, 'account', 'USD', now(), now()
    from node me;
  update master_data.customer child set parent_id = parent.id from node me join node parent on parent.r = me.r and parent.a = 0
    where child.id = me.id and me.a > 0;
  create temporary table event as select p, gen_random_uuid() as id, (p * 7919) % ${retailers} as r, (p * 31) % ${accounts} as a,
    date '2023-06-01' + (p::bigint * 104729 % ${days})::int as starts_on from generate_series(1, ${size}) p;
  insert into settlement.liability (tenant_id, tactic_id, promotion_id, customer_id, promotion_code, mechanic, starts_on,
      currency, claim_by_on, earned)
    select $1, gen_random_uuid(), event.id, node.id, 'EVT-' || lpad(p::text, 6, '0'),
      (array['scan_back', 'bill_back', 'feature', 'display'])[1 + (p + n) % 4], starts_on, 'USD', starts_on + 104,
      round(200 + ((p * 2 + n)::bigint * 7907 % 1000003) / 100.0, 2)
    from event join node on node.r = event.r and node.a = event.a cross join generate_series(0, 1) n;
  insert into settlement.item (tenant_id, id, kind, customer_id, reference, amount, currency, taken_on, dispute_by_on, note,
      captured_by, captured_at)
    select $1, gen_random_uuid(), 'deduction', retailer.id, 'D' || p, owed.earned, 'USD', starts_on + 20 + p % 40,
      starts_on + 150, case p % 3 when 0 then 'EVT-' || lpad(p::text, 6, '0') when 1 then 'brand ' || p % 50 || ' feature' else '' end,
      '00000000-0000-0000-0000-000000000000', now()
    from event join node retailer on retailer.r = event.r and retailer.a = 0
      join lateral (select earned from settlement.liability where promotion_id = event.id order by tactic_id limit 1) owed on true;
  analyze settlement.item; analyze settlement.liability; analyze master_data.customer`;

/** What a rule costs that looks for the exact code alone, in one statement of SQL. */
const peerSql = `select count(*) from settlement.item join settlement.liability
  on liability.tenant_id = item.tenant_id and liability.promotion_code = item.note where item.tenant_id = $1`;

/** Promotions come with names and products, as the house describes them. */
const ports: Pick<SettlementPorts, 'describePromotions'> = {
  describePromotions: async (tx, codes) => {
    const ids = await tx.many<{ id: string; code: string; endsOn: string }>(sql`select distinct promotion_id as id,
      promotion_code as code, starts_on + 14 as "endsOn" from settlement.liability where promotion_code = any(${[...codes]})`);
    return new Map(
      ids.map(({ id, code, endsOn }) => {
        const number = Number(code.slice(4));
        return [
          id,
          { name: `Brand ${number % 50} event ${number % 13}`, endsOn, productNames: [`Product ${number % 200}`] },
        ];
      }),
    );
  },
};

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

async function run(house: BenchHouse, size: number) {
  const { context } = house;
  const owner = new pg.Client({ connectionString: house.url });
  await owner.connect();
  try {
    for (const statement of fillSql(size).split(';\n')) {
      await owner.query(statement.replaceAll('$1', `'${context.tenant.id}'::uuid`));
    }
    const peerMs = await timed(() => owner.query(peerSql, [context.tenant.id]));
    let weighed = 0;
    const allMs = await timed(async () => {
      weighed = await weighItems(context, ports as SettlementPorts, { anew: false });
    });
    if (weighed !== size) throw new Error(`${weighed} of ${size} deductions were weighed`);
    const { rows } = await owner.query<{ proposed: number }>(
      'select count(confidence)::int as proposed from settlement.suggestion where tenant_id = $1',
      [context.tenant.id],
    );
    return {
      figures: { 'match all': allMs, 'exact code by SQL alone': peerMs },
      note: `${2 * size} tactics; a first suggestion for ${rows[0]?.proposed} of ${size}`,
    };
  } finally {
    await owner.end();
  }
}

/** Matching of deductions against twice as many tactics, as the job does it: reading, weighing, keeping. */
export const part: BenchPart = {
  name: 'matching',
  what: 'n deductions weighed against 2n tactics of 20 retailers by the job, suggestions stored',
  sizes: [2_500, 5_000, 10_000],
  targets: { 'match all': 30_000 },
  run,
};
