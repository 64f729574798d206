import type { Context } from '#context';
import { sql, type TenantTx } from '#db';
import type { PredictedOutcome } from '#performance';
import {
  type AmendmentFigures,
  type AmendmentState,
  defaultTolerance,
  type TermChange,
  type Tolerance,
} from '../domain/amendment.ts';
import type { Promotion, PromotionTerms } from '../domain/promotion.ts';
import type { Plan } from '../planning/build-plan.ts';

type Tx = TenantTx<Context>;

/** New terms for an approved promotion, and what became of them. */
export interface Amendment {
  id: string;
  promotionId: string;
  /** Counts from 1 within the promotion. */
  number: number;
  state: AmendmentState;
  reason: string;
  baseVersion: number;
  /** The version that it became; null until it is applied. */
  appliedVersion: number | null;
  toleranceVersion: number;
  /** Why it needs approval; empty where it lay within the tolerance and was applied at once. */
  beyond: string[];
  terms: PromotionTerms;
  changes: TermChange[];
  before: AmendmentFigures;
  after: AmendmentFigures;
  makers: string[];
  proposedBy: string;
  proposedAt: Date;
  endedBy: string | null;
  endedAt: Date | null;
  comment: string;
}

const columns = sql`id, promotion_id as "promotionId", number, state, reason, base_version as "baseVersion",
  applied_version as "appliedVersion", tolerance_version as "toleranceVersion", beyond, terms, changes,
  figures_before as before, figures_after as after, makers, proposed_by as "proposedBy", proposed_at as "proposedAt",
  ended_by as "endedBy", ended_at as "endedAt", comment`;

/** The amendments of a promotion, the last one first. */
export async function listAmendments(tx: Tx, promotionId: string): Promise<Amendment[]> {
  return tx.many<Amendment>(
    sql`select ${columns} from promotions.amendment where promotion_id = ${promotionId} order by number desc`,
  );
}

export async function findAmendment(tx: Tx, id: string): Promise<Amendment | undefined> {
  return tx.maybe<Amendment>(sql`select ${columns} from promotions.amendment where id = ${id}`);
}

/** The one amendment of a promotion that waits for a decision. */
export async function openAmendment(tx: Tx, promotionId: string): Promise<Amendment | undefined> {
  return tx.maybe<Amendment>(
    sql`select ${columns} from promotions.amendment where promotion_id = ${promotionId} and state = 'proposed'`,
  );
}

/** What an amendment was proposed with: its plan, and the prediction behind it where the model did not refuse. */
export interface AmendmentPlan {
  plan: Plan;
  prediction: PredictedOutcome | null;
}

export async function planOfAmendment(tx: Tx, id: string): Promise<AmendmentPlan> {
  return tx.one<AmendmentPlan>(sql`select plan, prediction from promotions.amendment where id = ${id}`);
}

/** Ids of every amendment of some promotions: who approved one of them approved the promotion. */
export async function amendmentIdsOf(tx: Tx, promotionIds: readonly string[]): Promise<string[]> {
  const rows = await tx.many<{ id: string }>(
    sql`select id from promotions.amendment where promotion_id = any(${promotionIds as string[]}::uuid[])`,
  );
  return rows.map(({ id }) => id);
}

/** An amendment to store as proposed. */
export type NewAmendment = Omit<
  Amendment,
  'number' | 'state' | 'appliedVersion' | 'proposedBy' | 'proposedAt' | 'endedBy' | 'endedAt' | 'comment'
>;

/** Stores an amendment as proposed, the next of its promotion, whose row the caller has locked. */
export async function insertAmendment(
  tx: Tx,
  amendment: NewAmendment,
  { plan, prediction }: AmendmentPlan,
): Promise<Amendment> {
  const { tenant, actor, clock } = tx.context;
  const a = amendment;
  return tx.one<Amendment>(sql`
    insert into promotions.amendment (tenant_id, id, promotion_id, number, state, reason, base_version, tolerance_version,
      beyond, terms, changes, figures_before, figures_after, plan, prediction, makers, proposed_by, proposed_at)
    select ${tenant.id}, ${a.id}::uuid, ${a.promotionId}::uuid, coalesce(max(number), 0) + 1, 'proposed', ${a.reason},
      ${a.baseVersion}::int, ${a.toleranceVersion}::int, ${a.beyond}::text[], ${JSON.stringify(a.terms)}::jsonb,
      ${JSON.stringify(a.changes)}::jsonb, ${JSON.stringify(a.before)}::jsonb, ${JSON.stringify(a.after)}::jsonb,
      ${JSON.stringify(plan)}::jsonb, ${prediction && JSON.stringify(prediction)}::jsonb, ${a.makers}::uuid[], ${actor.id}::uuid, ${clock.now()}::timestamptz
    from promotions.amendment where promotion_id = ${a.promotionId}
    returning ${columns}`);
}

/** Ends a proposed amendment; `appliedVersion` where the promotion took its terms. */
export async function endAmendment(
  tx: Tx,
  id: string,
  end: { state: Exclude<AmendmentState, 'proposed'>; comment: string; appliedVersion?: number },
): Promise<Amendment> {
  const { actor, clock } = tx.context;
  return tx.one<Amendment>(sql`update promotions.amendment set state = ${end.state}, comment = ${end.comment},
    applied_version = ${end.appliedVersion ?? null}, ended_by = ${actor.id}, ended_at = ${clock.now()}
    where id = ${id} returning ${columns}`);
}

/** The terms and the spend that people approved last, as they were saved; the first version where nobody ever did. */
export async function approvedVersion(tx: Tx, promotionId: string): Promise<Promotion> {
  const { body } = await tx.one<{ body: Promotion }>(sql`
    select body from promotions.version where promotion_id = ${promotionId} and version = coalesce(
      (select max(applied_version) from promotions.amendment
        where promotion_id = ${promotionId} and state = 'applied' and cardinality(beyond) > 0),
      (select min(version) from promotions.version where promotion_id = ${promotionId} and state = 'approved'),
      (select min(version) from promotions.version where promotion_id = ${promotionId}))`);
  return body;
}

/** The tenant's tolerance: the version recorded last, or the product's default. */
export async function readTolerance(tx: Tx): Promise<Tolerance> {
  const row = await tx.maybe<Tolerance>(sql`
    select version, trim_scale(spend_ratio)::text as "spendRatio", date_days as "dateDays", product_count as "productCount"
    from promotions.amendment_tolerance order by version desc limit 1`);
  return row ?? defaultTolerance;
}

/** Records a tolerance as the next version; answers whether nobody else took that version. */
export async function insertTolerance(tx: Tx, tolerance: Tolerance): Promise<boolean> {
  const { tenant, actor, clock } = tx.context;
  const rows = await tx.run(sql`
    insert into promotions.amendment_tolerance (tenant_id, version, spend_ratio, date_days, product_count, recorded_by, recorded_at)
    values (${tenant.id}, ${tolerance.version}, ${tolerance.spendRatio}, ${tolerance.dateDays}, ${tolerance.productCount},
      ${actor.id}, ${clock.now()}) on conflict do nothing`);
  return rows === 1;
}
