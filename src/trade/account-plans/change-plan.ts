import type { Context } from '#context';
import type { TenantTx } from '#db';
import { emit } from '#events';
import { findCustomers, fiscalYearWeeks } from '#master-data';
import { Decimal } from '#money';
import { type FieldError, notFound, Problem } from '#problem';
import { recordAudit } from '#security';
import { storeSnapshot } from './calculate-plan.ts';
import { asIf } from './count-scenario.ts';
import { type AccountPlan, type PlanTerms, targetAmount, targetLines } from './domain/account-plan.ts';
import { figuresFrom } from './domain/plan-snapshot.ts';
import { type LoadedPlan, readLatest } from './loaded-plan.ts';
import { findPlan, insertPlan, lockPlan, pack, updatePlan } from './plan-store.ts';

type Tx = TenantTx<Context>;

/** What a planner states for a new plan. */
export interface NewPlan extends Partial<PlanTerms> {
  name: string;
  customerId: string;
  fiscalYear: number;
}

/** A baseline may fall to nothing and rise to ten times what it was. */
const percentBounds = { least: -100, most: 900 };

function termErrors(terms: PlanTerms, periods: ReadonlySet<number>, currency: string): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<number>();
  terms.targets.forEach((target, i) => {
    const path = `targets.${i}`;
    if (!periods.has(target.period)) errors.push({ path: `${path}.period`, message: 'is no period of the year' });
    if (seen.has(target.period)) errors.push({ path: `${path}.period`, message: 'is named twice' });
    seen.add(target.period);
    for (const line of targetLines) {
      const text = target[line];
      if (text === undefined) continue;
      try {
        targetAmount(line, text, currency);
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        errors.push({ path: `${path}.${line}`, message: error.detail });
      }
    }
  });
  terms.baselineChanges.forEach(({ percent }, i) => {
    const value = new Decimal(percent);
    if (value.lt(percentBounds.least) || value.gt(percentBounds.most))
      errors.push({ path: `baselineChanges.${i}.percent`, message: 'is not between -100 and 900' });
  });
  return errors;
}

/** Refuses terms that do not fit the year, the currency or, once it was calculated, the plan's accounts and products. */
export async function requireTerms(
  tx: Tx,
  plan: Pick<AccountPlan, 'fiscalYear' | 'currency'>,
  terms: PlanTerms,
  loaded?: LoadedPlan,
): Promise<void> {
  const weeks = await fiscalYearWeeks(tx, plan.fiscalYear);
  const errors = termErrors(terms, new Set(weeks.map(({ period }) => period)), plan.currency);
  const knows = (nodes: readonly { id: string }[] | undefined, id: string | null) =>
    id === null || (nodes ?? []).some((node) => node.id === id);
  terms.baselineChanges.forEach(({ accountId, productId }, i) => {
    if (!knows(loaded?.basis.accounts, accountId))
      errors.push({ path: `baselineChanges.${i}.accountId`, message: 'is no account of the plan' });
    if (!knows(loaded?.basis.products, productId))
      errors.push({ path: `baselineChanges.${i}.productId`, message: 'is no product of the plan' });
  });
  if (errors.length === 0) return;
  throw new Problem('rule.violated', { detail: errors.map((e) => `${e.path} ${e.message}`).join('; '), errors });
}

async function tellPlan(tx: Tx, name: 'created' | 'changed', plan: AccountPlan, before?: AccountPlan): Promise<void> {
  await recordAudit(tx, {
    action: `account_plan.${name}`,
    entityType: 'account_plan',
    entityId: plan.id,
    ...(before ? { before: { ...before } } : {}),
    after: { ...plan },
  });
  await emit(tx, {
    type: `account_plans.plan.${name}`,
    subjectType: 'account_plan',
    subjectId: plan.id,
    data: {
      planId: plan.id,
      name: plan.name,
      customerId: plan.customerId,
      fiscalYear: plan.fiscalYear,
      version: plan.version,
    },
  });
}

/** Opens the plan of a customer for a fiscal year; a job calculates it. Throws `code.taken` where there is one. */
export async function createPlan(context: Context, input: NewPlan): Promise<AccountPlan> {
  return context.db.transact(context, async (tx) => {
    const [customer] = await findCustomers(tx, { ids: [input.customerId] });
    if (!customer) notFound('customer', input.customerId);
    const now = context.clock.now();
    const plan: AccountPlan = {
      id: context.newId(),
      ...{ name: input.name, customerId: customer.id, fiscalYear: input.fiscalYear, currency: customer.currency },
      ...{ targets: input.targets ?? [], baselineChanges: input.baselineChanges ?? [] },
      ...{ version: 1, snapshot: null, refusal: null, createdBy: context.actor.id, createdAt: now, updatedAt: now },
    };
    await requireTerms(tx, plan, plan);
    if (!(await insertPlan(tx, plan))) {
      throw new Problem('code.taken', {
        detail: `There is a plan of ${customer.name} for ${plan.fiscalYear} already.`,
      });
    }
    await tellPlan(tx, 'created', plan);
    return plan;
  });
}

/** Changes what people state of a plan, inside a transaction that holds its lock, and stores what it then comes to. */
export async function changePlanIn(
  tx: Tx,
  before: AccountPlan,
  loaded: LoadedPlan | undefined,
  change: Partial<Pick<AccountPlan, 'name' | 'targets' | 'baselineChanges'>>,
): Promise<AccountPlan> {
  const plan: AccountPlan = {
    ...before,
    ...change,
    version: before.version + 1,
    updatedAt: tx.context.clock.now(),
  };
  await requireTerms(tx, plan, plan, loaded);
  await updatePlan(tx, plan);
  await tellPlan(tx, 'changed', plan, before);
  if (loaded) {
    const { basis, promotions, head, actual } = loaded;
    const { baselineChanges, targets } = plan;
    const planned = asIf(tx.context.tenant.id, loaded, { drop: [], set: [] }, baselineChanges, ({ grid }) =>
      grid.totals(),
    );
    const result = { inputs: head.inputs, figures: figuresFrom(basis, promotions, { planned, actual }, targets) };
    const packed = { basisId: head.basisId, events: await pack(promotions) };
    await storeSnapshot(tx, plan, result, { packed, latestHash: head.hash });
  }
  return (await findPlan(tx, plan.id)) ?? notFound('account plan', plan.id);
}

/** {@link changePlanIn} by id. Throws `not_found`, `version.conflict`. */
export async function changePlan(
  context: Context,
  id: string,
  ifMatch: number | undefined,
  change: Partial<Pick<AccountPlan, 'name' | 'targets' | 'baselineChanges'>>,
): Promise<AccountPlan> {
  // Loaded before the lock is taken: reading a large snapshot takes a while.
  await readLatest(context, id);
  return context.db.transact(context, async (tx) => {
    const locked = (await lockPlan(tx, id)) ?? notFound('account plan', id);
    if (ifMatch !== undefined && ifMatch !== locked.version) throw new Problem('version.conflict');
    return changePlanIn(tx, locked, await readLatest(context, id, tx), change);
  });
}
