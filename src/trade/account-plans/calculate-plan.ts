import { createHash } from 'node:crypto';
import { todayIn } from '#clock';
import type { Context } from '#context';
import type { TenantTx } from '#db';
import { emit } from '#events';
import type { Job, JobContext } from '#jobs';
import { customerAncestors, fiscalWeeks, fiscalYearWeeks } from '#master-data';
import { notFound, Problem } from '#problem';
import { recordAudit } from '#security';
import type { AccountPlan, PlanTerms } from './domain/account-plan.ts';
import { type PlanBasis, periodsOf } from './domain/plan-basis.ts';
import { formulaVersion } from './domain/plan-lines.ts';
import type { PlanFigures } from './domain/plan-result.ts';
import { actualSums, figuresFrom, openGrid, type PlanInputs, type PlanPromotions } from './domain/plan-snapshot.ts';
import { type LoadedPlan, readLatest } from './loaded-plan.ts';
import {
  findPlan,
  findSnapshot,
  insertSnapshot,
  keepBasis,
  lockPlan,
  pack,
  planYears,
  setRefusal,
} from './plan-store.ts';
import type { AccountPlanPorts } from './ports.ts';
import { readBasis } from './read-basis.ts';
import { countPromotions, findYearPromotions, leavesNamed, readSpend } from './read-promotions.ts';
import { withRebates } from './read-rebates.ts';

const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const hashOf = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');

function inputsOf(
  basis: PlanBasis,
  { promotions, spendUnknown }: PlanPromotions,
  above: readonly string[],
): PlanInputs {
  const refused = promotions.filter(({ refusal }) => refusal !== null);
  const notes = [
    ...basis.notes,
    ...basis.rebateNotes,
    ...refused.map(({ code, refusal }) => `${code} is not counted in full: ${refusal}`),
    ...(above.length > 0 ? [`At customers above, and not in this plan: ${above.join(', ')}.`] : []),
    ...(spendUnknown.length > 0
      ? [`The spend is not known, and in no actual figure: ${spendUnknown.join(', ')}.`]
      : []),
  ];
  return {
    formulaVersion,
    baselineVersion: basis.baselineVersion,
    modelVersion: basis.modelVersion,
    baselines: basis.baselines,
    termVersions: basis.termVersions,
    closedThrough: basis.weeks[basis.closedWeeks - 1]?.endsOn ?? null,
    periods: periodsOf(basis.weeks, basis.closedWeeks).map(
      ({ period, startsOn, endsOn, closedSegments, openSegments }) => {
        const begun = openSegments.length > 0 ? 'running' : 'closed';
        return { period, startsOn, endsOn, state: closedSegments.length === 0 ? 'open' : begun };
      },
    ),
    promotions: promotions.map(({ promotionId, code, version, modelVersion, counted }) => {
      return { promotionId, code, version, modelVersion, counted };
    }),
    spendUnknown,
    notes,
  };
}

/** Everything that a snapshot is made from, gathered outside any lock. */
export interface GatheredPlan {
  basis: PlanBasis;
  promotions: PlanPromotions;
  inputs: PlanInputs;
}

/** What changed since the latest snapshot: everything may have, or promotions only. */
export type PlanChange = 'everything' | 'promotions';

const shapeOf = ({ accounts, products, weeks }: PlanBasis): string => hashOf([accounts, products, weeks]);

/** The columns of the latest snapshot serve where promotions alone changed and all their products stand in them. */
function kept(
  before: LoadedPlan | undefined,
  change: PlanChange,
  promoted: ReadonlySet<string>,
): PlanBasis | undefined {
  if (!before || change !== 'promotions') return undefined;
  const known = new Set(before.basis.products.map(({ id }) => id));
  return [...promoted].every((id) => known.has(id)) ? before.basis : undefined;
}

async function gather(
  context: Context,
  ports: AccountPlanPorts,
  plan: AccountPlan,
  change: PlanChange,
): Promise<GatheredPlan> {
  const days = await context.db.read(context, async (tx) => {
    const weeks = await fiscalYearWeeks(tx, plan.fiscalYear);
    return { from: weeks[0]?.startsOn ?? '', to: weeks.at(-1)?.endsOn ?? '' };
  });
  const year = await findYearPromotions(context, plan, days);
  const promoted = new Set(year.promotions.flatMap((promotion) => leavesNamed(promotion, year.leavesOf)));
  const before = await readLatest(context, plan.id);
  const read = kept(before, change, promoted) ?? (await readBasis(context, plan, promoted));
  // Cells of a promotion name columns by their place: on other columns they are counted anew.
  const known = before && shapeOf(before.basis) === shapeOf(read) ? before.promotions.promotions : [];
  const counted = await countPromotions(context, read, year, known);
  const promotions = { promotions: counted, ...(await readSpend(context, ports, read, year)) };
  const basis = await withRebates(context, plan, read, promotions);
  return { basis, promotions, inputs: inputsOf(basis, promotions, year.above) };
}

/** What of a snapshot is stored as bytes: new columns, or those that an earlier one keeps. */
export type PackedPlan = { events: Buffer } & ({ basis: Buffer } | { basisId: string });

/** What a gathered plan comes to under the terms that people state. */
function countFigures({ basis, promotions }: GatheredPlan, terms: PlanTerms): PlanFigures {
  const planned = openGrid(basis, promotions, terms).totals();
  return figuresFrom(basis, promotions, { planned, actual: actualSums(basis, promotions) }, terms.targets);
}

/**
 * Stores what a plan comes to as its next snapshot; the plan must be locked. Nothing is stored where inputs and figures are
 * those of the latest one.
 */
export async function storeSnapshot(
  tx: TenantTx<Context>,
  plan: AccountPlan,
  { inputs, figures }: { inputs: PlanInputs; figures: PlanFigures },
  { packed, latestHash }: { packed: PackedPlan; latestHash: string | undefined },
): Promise<void> {
  const terms: PlanTerms = { targets: plan.targets, baselineChanges: plan.baselineChanges };
  await setRefusal(tx, plan.id, null);
  const basisId =
    'basisId' in packed ? packed.basisId : await keepBasis(tx, plan.id, digest(packed.basis), packed.basis);
  const hash = hashOf([basisId, digest(packed.events), terms, inputs]);
  if (hash === latestHash) return;
  const number = (plan.snapshot ?? 0) + 1;
  const { id: planId, version: planVersion } = plan;
  await insertSnapshot(tx, {
    planId,
    number,
    planVersion,
    basisId,
    events: packed.events,
    hash,
    ...terms,
    inputs,
    figures,
  });
  await recordAudit(tx, {
    action: 'account_plan.calculated',
    entityType: 'account_plan',
    entityId: plan.id,
    after: { snapshot: number, ...inputs },
  });
  await emit(tx, {
    type: 'account_plans.plan.calculated',
    subjectType: 'account_plan',
    subjectId: plan.id,
    data: { planId: plan.id, name: plan.name, snapshot: number, version: plan.version },
  });
}

/** Packs what is to be stored: outside the transaction, since it takes a while for a large plan. */
export async function packPlan({
  basis,
  promotions,
}: Omit<GatheredPlan, 'inputs'>): Promise<{ basis: Buffer; events: Buffer }> {
  return { basis: await pack(basis), events: await pack(promotions) };
}

/**
 * Calculates a plan from master data, terms, shipments and promotions as they stand, and stores the snapshot where it
 * differs from the latest. What is refused is kept with the plan as its reason, and thrown.
 */
export async function calculatePlan(
  context: Context,
  ports: AccountPlanPorts,
  planId: string,
  change: PlanChange = 'everything',
): Promise<AccountPlan> {
  const plan = await context.db.read(
    context,
    async (tx) => (await findPlan(tx, planId)) ?? notFound('account plan', planId),
  );
  let gathered: GatheredPlan;
  try {
    gathered = await gather(context, ports, plan, change);
  } catch (error) {
    if (!(error instanceof Problem) || error.status >= 500) throw error;
    await context.db.transact(context, (tx) => setRefusal(tx, planId, error.detail));
    throw error;
  }
  const body = await packPlan(gathered);
  // Counted before the lock; again only where somebody changed the plan meanwhile.
  const figures = countFigures(gathered, plan);
  return context.db.transact(context, async (tx) => {
    const locked = (await lockPlan(tx, planId)) ?? notFound('account plan', planId);
    const latest = await readLatest(context, planId, tx);
    const counted = locked.version === plan.version ? figures : countFigures(gathered, locked);
    const result = { inputs: gathered.inputs, figures: counted };
    await storeSnapshot(tx, locked, result, { packed: body, latestHash: latest?.head.hash });
    return (await findPlan(tx, planId)) ?? notFound('account plan', planId);
  });
}

async function recalculate(
  context: JobContext,
  ports: AccountPlanPorts,
  planIds: readonly string[],
  change: PlanChange,
) {
  for (const id of planIds) {
    if (context.signal.aborted) throw new Error('the server drains: recalculated after the next start');
    try {
      await calculatePlan(context, ports, id, change);
    } catch (error) {
      // The plan's own page says why.
      if (!(error instanceof Problem) || error.status >= 500) throw error;
      context.log.info({ plan: id, code: error.code }, 'an account plan could not be calculated');
    }
  }
}

/** Ids of the plans of this fiscal year and later ones. */
async function livingPlans(tx: TenantTx<Context>): Promise<string[]> {
  const plans = await planYears(tx);
  if (plans.length === 0) return [];
  const today = todayIn(tx.context.clock, tx.context.tenant.timeZone);
  const [week] = await fiscalWeeks(tx, today, today);
  return plans.flatMap(({ id, fiscalYear }) => (week && fiscalYear >= week.fiscalYear ? [id] : []));
}

/** The promotion that an event was about. */
interface PromotionHappened {
  promotionId: string;
  customerId: string;
  startsOn: string;
  endsOn: string;
  version: number;
}

/** Plans whose customer and year a promotion is in, and whose latest snapshot does not know it as it is now. */
async function plansOf(
  context: Context,
  happened: PromotionHappened,
  { measured }: { measured: boolean },
): Promise<string[]> {
  return context.db.read(context, async (tx) => {
    const above = new Set(await customerAncestors(tx, happened.customerId));
    const ids: string[] = [];
    for (const id of await livingPlans(tx)) {
      const plan = await findPlan(tx, id);
      const latest = await findSnapshot(tx, id, 'latest');
      if (!plan || !latest || !above.has(plan.customerId)) continue;
      const { periods, promotions } = latest.inputs;
      const inYear =
        happened.startsOn <= (periods.at(-1)?.endsOn ?? '') && happened.endsOn >= (periods[0]?.startsOn ?? '');
      const known = promotions.find(({ promotionId }) => promotionId === happened.promotionId);
      if ((inYear || known) && (measured || known?.version !== happened.version)) ids.push(id);
    }
    return ids;
  });
}

/** Names of the jobs of this module. */
export const jobNames = {
  recalculate: 'account-plans.recalculate',
  followPromotion: 'account-plans.follow-promotion',
  followMeasurement: 'account-plans.follow-measurement',
} as const;

/** The jobs that recalculate plans of this fiscal year and later ones: a new plan, all of them, or those of a promotion. */
export function calculationJobs(ports: AccountPlanPorts): readonly Job<never>[] {
  const queue = 'account-plans';
  const recalculateJob: Job<{ planId?: string }> = {
    ...{ name: jobNames.recalculate, queue },
    handle: async (context, { planId }) => {
      const ids = planId ? [planId] : await context.db.read(context, (tx) => livingPlans(tx));
      await recalculate(context, ports, ids, 'everything');
    },
  };
  const follow = (name: string, measured: boolean): Job<never> => {
    const job: Job<PromotionHappened> = {
      ...{ name, queue },
      handle: async (context, happened) =>
        recalculate(context, ports, await plansOf(context, happened, { measured }), 'promotions'),
    };
    return job as Job<never>;
  };
  return [
    recalculateJob as Job<never>,
    follow(jobNames.followPromotion, false),
    follow(jobNames.followMeasurement, true),
  ];
}
