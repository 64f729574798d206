import type { Context } from '#context';
import { keysetPage, type ListRequest, type Page, type RawBuilder, sql, type TenantTx } from '#db';
import { Problem } from '#problem';
import { scopeFilter } from '#scope';
import type { Promotion, Tactic } from './domain/promotion.ts';
import { liveStates, type PromotionState } from './domain/promotion-state.ts';
import type { Plan } from './planning/build-plan.ts';
import { promotionScope } from './promotion-scope.ts';
import { recordVersion } from './version-store.ts';

type Tx = TenantTx<Context>;

/** A promotion without its tactics, as lists read it. */
export type PromotionRow = Omit<Promotion, 'tactics'>;

const promotionColumns = sql`promotion.id, promotion.code, promotion.name, promotion.customer_id as "customerId",
  promotion.state, promotion.held_from as "heldFrom", promotion.stopped_on as "stoppedOn", promotion.version, promotion.starts_on as "startsOn",
  promotion.ends_on as "endsOn", promotion.ship_starts_on as "shipStartsOn", promotion.ship_ends_on as "shipEndsOn",
  promotion.claim_by_on as "claimByOn", promotion.currency, promotion.makers, promotion.created_by as "createdBy",
  promotion.created_at as "createdAt", promotion.updated_at as "updatedAt", promotion.submitted_by as "submittedBy",
  promotion.submitted_at as "submittedAt", promotion.planned_spend as "plannedSpend",
  promotion.net_profit as "netProfit", promotion.net_roi as "netRoi"`;

interface TacticRow extends Omit<Tactic, 'rate'> {
  promotionId: string;
  rateAmount: string | null;
  rateCurrency: string | null;
  ratePer: 'case' | 'unit' | 'percent' | null;
  ratePercentOf: 'list' | 'invoice' | null;
}

function toTactic(row: TacticRow): Tactic {
  const { promotionId: _promotionId, rateAmount, rateCurrency, ratePer, ratePercentOf, ...tactic } = row;
  const rate =
    rateAmount !== null && rateCurrency !== null && ratePer !== null
      ? {
          ...{ amount: rateAmount, currency: rateCurrency, per: ratePer },
          ...(ratePercentOf ? { percentOf: ratePercentOf } : {}),
        }
      : null;
  return { ...tactic, rate };
}

const tacticColumns = sql`id, promotion_id as "promotionId", mechanic, product_ids as "productIds",
  trim_scale(rate_amount)::text as "rateAmount", rate_currency as "rateCurrency", rate_per as "ratePer",
  rate_percent_of as "ratePercentOf", lump_sum as "lumpSum", trim_scale(pass_through)::text as "passThrough",
  fund_split as "fundSplit", starts_on as "startsOn", ends_on as "endsOn", funding_basis as "fundingBasis",
  trim_scale(redemption_rate)::text as "redemptionRate", stores, recognition, tiers, cap, minimum, fx`;

/** The tactics of promotions, by promotion id, in their order. */
export async function tacticsOf(tx: Tx, promotionIds: readonly string[]): Promise<Map<string, Tactic[]>> {
  const rows = await tx.many<TacticRow>(sql`
    select ${tacticColumns} from promotions.tactic where promotion_id = any(${promotionIds as string[]}::uuid[]) order by promotion_id, position`);
  const byPromotion = new Map<string, Tactic[]>();
  for (const row of rows) {
    byPromotion.set(row.promotionId, [...(byPromotion.get(row.promotionId) ?? []), toTactic(row)]);
  }
  return byPromotion;
}

async function withTactics(tx: Tx, row: PromotionRow | undefined): Promise<Promotion | undefined> {
  if (!row) return undefined;
  return { ...row, tactics: (await tacticsOf(tx, [row.id])).get(row.id) ?? [] };
}

export async function findPromotion(tx: Tx, id: string): Promise<Promotion | undefined> {
  return withTactics(
    tx,
    await tx.maybe<PromotionRow>(sql`select ${promotionColumns} from promotions.promotion where id = ${id}`),
  );
}

/** Every promotion with its tactics, by code. */
export async function allPromotions(tx: Tx): Promise<Promotion[]> {
  const rows = await tx.many<PromotionRow>(sql`select ${promotionColumns} from promotions.promotion order by code`);
  const tactics = await tacticsOf(
    tx,
    rows.map(({ id }) => id),
  );
  return rows.map((row) => ({ ...row, tactics: tactics.get(row.id) ?? [] }));
}

/** Locks a promotion: whoever changes its state second waits here. */
export async function lockPromotion(tx: Tx, id: string): Promise<Promotion | undefined> {
  const row = await tx.maybe<PromotionRow>(
    sql`select ${promotionColumns} from promotions.promotion where id = ${id} for update`,
  );
  return withTactics(tx, row);
}

/** The promotions that have one of some codes, with their tactics. */
export async function findPromotionsByCode(tx: Tx, codes: readonly string[]): Promise<Promotion[]> {
  const rows = await tx.many<PromotionRow>(
    sql`select ${promotionColumns} from promotions.promotion where code = any(${codes as string[]})`,
  );
  const tactics = await tacticsOf(
    tx,
    rows.map(({ id }) => id),
  );
  return rows.map((row) => ({ ...row, tactics: tactics.get(row.id) ?? [] }));
}

/** Which of some codes are in use. */
async function promotionCodesTaken(tx: Tx, codes: readonly string[]): Promise<Set<string>> {
  const rows = await tx.many<{ code: string }>(
    sql`select code from promotions.promotion where code = any(${codes as string[]})`,
  );
  return new Set(rows.map((row) => row.code));
}

/** The next code of our own making; steps over codes of that form that people gave. */
export async function nextPromotionCode(tx: Tx): Promise<string> {
  for (;;) {
    const { last } = await tx.one<{ last: number }>(sql`
      insert into promotions.code_counter values (${tx.context.tenant.id}, 1)
      on conflict (tenant_id) do update set last = code_counter.last + 1 returning last`);
    const code = `P-${String(last).padStart(5, '0')}`;
    if ((await promotionCodesTaken(tx, [code])).size === 0) return code;
  }
}

/** Writes a promotion's row, tactics, SKU scope and version snapshot. Throws `code.taken` where another has its code. */
export async function savePromotion(tx: Tx, promotion: Promotion, scopeProductIds: readonly string[]): Promise<void> {
  const p = promotion;
  const tenantId = tx.context.tenant.id;
  // A promotion keeps its code for life, so its own row is the only one that this may update.
  const written = await tx.run(sql`
    insert into promotions.promotion (tenant_id, id, code, name, customer_id, state, version, starts_on, ends_on,
      ship_starts_on, ship_ends_on, claim_by_on, currency, makers, created_by, created_at, updated_at, planned_spend,
      net_profit, net_roi)
    values (${tenantId}, ${p.id}, ${p.code}, ${p.name}, ${p.customerId}, ${p.state}, ${p.version}, ${p.startsOn}, ${p.endsOn},
      ${p.shipStartsOn}, ${p.shipEndsOn}, ${p.claimByOn}, ${p.currency}, ${p.makers}::uuid[], ${p.createdBy}, ${p.createdAt},
      ${p.updatedAt}, ${p.plannedSpend}, ${p.netProfit}, ${p.netRoi})
    on conflict (tenant_id, code) do update set name = excluded.name, customer_id = excluded.customer_id,
      version = excluded.version, starts_on = excluded.starts_on, ends_on = excluded.ends_on,
      ship_starts_on = excluded.ship_starts_on, ship_ends_on = excluded.ship_ends_on, claim_by_on = excluded.claim_by_on,
      makers = excluded.makers, updated_at = excluded.updated_at, planned_spend = excluded.planned_spend,
      net_profit = excluded.net_profit, net_roi = excluded.net_roi
    where promotion.id = excluded.id`);
  if (written === 0) throw new Problem('code.taken', { detail: `There is a promotion ${p.code} already.` });
  await tx.run(sql`delete from promotions.tactic where promotion_id = ${p.id}`);
  for (const [position, tactic] of p.tactics.entries()) await insertTactic(tx, p.id, position, tactic);
  await tx.run(sql`delete from promotions.scope_product where promotion_id = ${p.id}`);
  await tx.run(sql`insert into promotions.scope_product (tenant_id, promotion_id, product_id)
    select ${tenantId}, ${p.id}, unnest(${scopeProductIds as string[]}::uuid[])`);
  await recordVersion(tx, p);
}

async function insertTactic(tx: Tx, promotionId: string, position: number, tactic: Tactic): Promise<void> {
  await tx.run(sql`
    insert into promotions.tactic (tenant_id, id, promotion_id, position, mechanic, product_ids, rate_amount,
      rate_currency, rate_per, rate_percent_of, lump_sum, pass_through, fund_split, starts_on, ends_on, funding_basis,
      redemption_rate, stores, recognition, tiers, cap, minimum, fx)
    values (${tx.context.tenant.id}, ${tactic.id}, ${promotionId}, ${position}, ${tactic.mechanic},
      ${tactic.productIds}::uuid[], ${tactic.rate?.amount ?? null}, ${tactic.rate?.currency ?? null},
      ${tactic.rate?.per ?? null}, ${tactic.rate?.percentOf ?? null}, ${tactic.lumpSum}, ${tactic.passThrough},
      ${JSON.stringify(tactic.fundSplit)}, ${tactic.startsOn ?? null}, ${tactic.endsOn ?? null},
      ${tactic.fundingBasis ?? null}, ${tactic.redemptionRate ?? null}, ${tactic.stores ?? null},
      ${tactic.recognition ?? null}, ${tactic.tiers ? JSON.stringify(tactic.tiers) : null}, ${tactic.cap ?? null},
      ${tactic.minimum ?? null}, ${tactic.fx ? JSON.stringify(tactic.fx) : null})`);
}

/** Moves a promotion to a state as its next version. */
export async function setState(
  tx: Tx,
  promotion: Promotion,
  state: PromotionState,
  change: {
    heldFrom?: PromotionState | null;
    stoppedOn?: string | null;
    submitted?: { plan: Plan; plannedSpend: string; netProfit: string | null; netRoi: string | null };
  } = {},
): Promise<Promotion> {
  const { actor, clock } = tx.context;
  const version = promotion.version + 1;
  const submitted = change.submitted
    ? sql`, submitted_by = ${actor.id}, submitted_at = ${clock.now()}, submitted_plan = ${JSON.stringify(change.submitted.plan)},
        planned_spend = ${change.submitted.plannedSpend}, net_profit = ${change.submitted.netProfit}, net_roi = ${change.submitted.netRoi}`
    : sql``;
  await tx.run(sql`update promotions.promotion set state = ${state}, version = ${version}, updated_at = ${clock.now()},
    held_from = ${change.heldFrom ?? null}, stopped_on = ${change.stoppedOn ?? null} ${submitted} where id = ${promotion.id}`);
  const { plan: _plan, ...figures } = change.submitted ?? { plan: null };
  const changed: Promotion = {
    ...promotion,
    ...figures,
    ...(change.submitted ? { submittedBy: actor.id, submittedAt: clock.now() } : {}),
    state,
    version,
    updatedAt: clock.now(),
    heldFrom: change.heldFrom ?? null,
    stoppedOn: change.stoppedOn ?? null,
  };
  await recordVersion(tx, changed);
  return changed;
}

/** Sets the figures that lists show. */
export async function setFigures(
  tx: Tx,
  id: string,
  figures: Pick<Promotion, 'plannedSpend' | 'netProfit' | 'netRoi'>,
): Promise<void> {
  await tx.run(sql`update promotions.promotion set planned_spend = ${figures.plannedSpend}, net_profit = ${figures.netProfit},
    net_roi = ${figures.netRoi}, updated_at = ${tx.context.clock.now()} where id = ${id}`);
}

/** The plan as it was last submitted; undefined where it never was. */
export async function submittedPlan(tx: Tx, id: string): Promise<Plan | undefined> {
  const row = await tx.maybe<{ plan: Plan | null }>(
    sql`select submitted_plan as plan from promotions.promotion where id = ${id}`,
  );
  return row?.plan ?? undefined;
}

/** Live promotions that overlap dates and SKUs, other than `exceptId`. */
export async function overlapping(
  tx: Tx,
  search: { exceptId: string | null; startsOn: string; endsOn: string; productIds: readonly string[] },
): Promise<(PromotionRow & { sharedProductIds: string[] })[]> {
  return tx.many(sql`
    select ${promotionColumns}, array_agg(scope.product_id order by scope.product_id) as "sharedProductIds"
    from promotions.promotion
    join promotions.scope_product scope on scope.tenant_id = promotion.tenant_id and scope.promotion_id = promotion.id
    where promotion.state = any(${liveStates as string[]}) and promotion.starts_on <= ${search.endsOn}
      and promotion.ends_on >= ${search.startsOn}
      and scope.product_id = any(${search.productIds as string[]}::uuid[])
      and promotion.id is distinct from ${search.exceptId}::uuid
    group by promotion.tenant_id, promotion.id order by promotion.starts_on, promotion.id`);
}

/** Codes of live promotions that are the same: customer, days, and for each mechanic the same products; other than `exceptId`. */
export async function findTwins(
  tx: Tx,
  { customerId, startsOn, endsOn, tactics }: Pick<Promotion, 'customerId' | 'startsOn' | 'endsOn' | 'tactics'>,
  exceptId: string | null,
): Promise<string[]> {
  const rows = await tx.many<{ id: string; code: string }>(sql`select id, code from promotions.promotion
    where customer_id = ${customerId} and starts_on = ${startsOn} and ends_on = ${endsOn}
      and state = any(${liveStates as string[]}) and id is distinct from ${exceptId}::uuid order by code limit 20`);
  if (rows.length === 0) return [];
  const shapeOf = (of: readonly Tactic[]) =>
    of
      .map(({ mechanic, productIds }) => `${mechanic} ${[...productIds].sort().join(' ')}`)
      .sort()
      .join('; ');
  const found = await tacticsOf(
    tx,
    rows.map(({ id }) => id),
  );
  return rows.filter(({ id }) => shapeOf(found.get(id) ?? []) === shapeOf(tactics)).map(({ code }) => code);
}

/** Planned spend of the live promotions at a customer in one currency, other than `exceptId`; a decimal string. */
export async function openSpendAt(
  tx: Tx,
  search: { customerId: string; currency: string; exceptId: string | null },
): Promise<string> {
  const { spend } = await tx.one<{ spend: string }>(sql`select coalesce(sum(planned_spend), 0)::text as spend
    from promotions.promotion where customer_id = ${search.customerId} and currency = ${search.currency}
      and state = any(${liveStates as string[]}) and id is distinct from ${search.exceptId}::uuid`);
  return spend;
}

/** Promotions with their tactics whose dates lie between two days, other than `exceptId`, drafts and rejected ones. */
export async function promotionsBetween(
  tx: Tx,
  search: { from: string; to: string; exceptId: string | null },
): Promise<Promotion[]> {
  const rows = await tx.many<PromotionRow>(sql`select ${promotionColumns} from promotions.promotion
    where starts_on <= ${search.to} and ends_on >= ${search.from} and id is distinct from ${search.exceptId}::uuid
      and state not in ('draft', 'rejected') and (state <> 'cancelled' or stopped_on is not null)
    order by starts_on, id`);
  const tactics = await tacticsOf(
    tx,
    rows.map((row) => row.id),
  );
  return rows.map((row) => ({ ...row, tactics: tactics.get(row.id) ?? [] }));
}

/** Promotions that were approved here (imported history was not) and began in any sense by a day, page by page by id. */
export async function promotionsCommittedBy(
  tx: Tx,
  day: string,
  page: { after: string | null; limit: number },
): Promise<Promotion[]> {
  const rows = await tx.many<PromotionRow>(sql`select ${promotionColumns} from promotions.promotion
    where submitted_at is not null and least(starts_on, ship_starts_on) <= ${day}::date
      and (state in ('approved', 'active', 'on_hold', 'ended', 'in_settlement', 'closed')
        or state = 'cancelled' and stopped_on is not null)
      and (${page.after}::uuid is null or id > ${page.after}::uuid)
    order by id limit ${page.limit}`);
  const tactics = await tacticsOf(
    tx,
    rows.map((row) => row.id),
  );
  return rows.map((row) => ({ ...row, tactics: tactics.get(row.id) ?? [] }));
}

/** Serialises submissions of one tenant's customer tree, so that two overlapping ones cannot both pass the check. */
export async function lockConflictCheck(tx: Tx): Promise<void> {
  await tx.run(sql`select pg_advisory_xact_lock(hashtext('promotions.conflict'), hashtext(${tx.context.tenant.id}))`);
}

export async function listPromotions(
  tx: Tx,
  request: ListRequest,
  where: RawBuilder<unknown>[],
): Promise<Page<PromotionRow & { productIds: string[]; mechanics: Tactic['mechanic'][] }>> {
  return keysetPage(
    tx,
    {
      columns: sql`${promotionColumns},
        (select coalesce(array_agg(product_id), '{}') from promotions.scope_product scope where scope.tenant_id = promotion.tenant_id
          and scope.promotion_id = promotion.id) as "productIds",
        (select coalesce(array_agg(mechanic order by position), '{}') from promotions.tactic where tactic.tenant_id = promotion.tenant_id
          and tactic.promotion_id = promotion.id) as mechanics`,
      from: sql`promotions.promotion`,
      where: [...where, scopeFilter(tx.context, promotionScope)],
      sortable: {
        startsOn: sql`promotion.starts_on`,
        code: sql`promotion.code`,
        name: sql`promotion.name collate "C"`,
        updatedAt: sql`promotion.updated_at`,
      },
      id: sql`promotion.id`,
      defaultSort: '-startsOn',
    },
    request,
  );
}

/** Promotions in some states with their tactics, oldest first. */
export async function promotionsInStates(tx: Tx, states: readonly PromotionState[]): Promise<Promotion[]> {
  const rows = await tx.many<PromotionRow>(sql`select ${promotionColumns} from promotions.promotion
    where state = any(${states as string[]}) order by starts_on, id`);
  const tactics = await tacticsOf(
    tx,
    rows.map((row) => row.id),
  );
  return rows.map((row) => ({ ...row, tactics: tactics.get(row.id) ?? [] }));
}

/** Promotions by state: how many and what they plan to spend. */
export async function countByState(tx: Tx) {
  return tx.many<{ state: PromotionState; currency: string; count: number; plannedSpend: string }>(sql`
    select state, currency, count(*)::int as count, coalesce(sum(planned_spend), 0) as "plannedSpend"
    from promotions.promotion group by state, currency order by state, currency`);
}

/** Every promotion whose event is over and which the books have not taken up yet. */
export async function endedPromotions(tx: Tx): Promise<{ id: string; endsOn: string }[]> {
  return tx.many(sql`select id, ends_on as "endsOn" from promotions.promotion where state = 'ended' order by id`);
}

/** Replaces the plan that was believed when the promotion was approved last. */
export async function setSubmittedPlan(tx: Tx, id: string, plan: Plan): Promise<void> {
  await tx.run(sql`update promotions.promotion set submitted_plan = ${JSON.stringify(plan)} where id = ${id}`);
}
