import {
  type AccountPlanPorts,
  calculatePlan,
  changePlan,
  createPlan,
  createScenario,
  readLatest,
} from '#account-plans';
import type { Context } from '#context';
import { addDays, type FiscalWeek } from '#fiscal-calendar';
import { findFundsByCode } from '#funds';
import { findCustomers, findProducts, fiscalWeeks } from '#master-data';
import { Problem } from '#problem';
import { type PromotionInput, planPromotion } from '#promotions';
import type { DemoMaker } from './maker.ts';

/** The banner that the demo plans: it has promotions in every state. */
const bannerCode = 'BVL';
/** What the account manager promised beyond the plan, in percent of it. */
const promised = { volume: 102n, grossSales: 102n, contribution: 103n, tradeSpend: 98n };
/** Targets are round: a thousand, or ten cases. */
const roundMinor = 100_000n;
const roundMilli = 10_000n;

const rounded = (value: bigint, percent: bigint, step: bigint): bigint => ((value * percent) / 100n / step) * step;

/** The fiscal year that the demo plans: this one, or the next one where it is nearly over. */
async function yearToPlan(context: Context, today: string): Promise<{ weeks: FiscalWeek[]; draftsFrom: string }> {
  const { weeks, draftsFrom } = await context.db.read(context, async (tx) => {
    const ahead = await fiscalWeeks(tx, today, addDays(today, 7 * 8));
    const first = ahead[2]!;
    return { weeks: ahead.filter(({ fiscalYear }) => fiscalYear === first.fiscalYear), draftsFrom: first.startsOn };
  });
  return { weeks, draftsFrom };
}

/** Two drafts of the banner that the plan does not count yet: they would help to close its gap. */
async function planDrafts(context: Context, maker: DemoMaker, customerId: string, startsOn: string): Promise<string[]> {
  const families = maker.products.filter(({ level, own }) => level === 'family' && own).slice(0, 2);
  const { products, funds } = await context.db.read(context, async (tx) => ({
    products: await findProducts(tx, { codes: families.map(({ code }) => code) }),
    funds: await findFundsByCode(tx, ['FUND-ALL']),
  }));
  const ids: string[] = [];
  const usd = (amount: string) => ({ amount, currency: 'USD' });
  const ways = [
    { mechanic: 'feature' as const, lumpSum: usd('750.00') },
    { mechanic: 'scan_back' as const, rate: { ...usd('0.30'), per: 'unit' as const } },
  ];
  for (const [i, { id, name }] of products.entries()) {
    const input: PromotionInput = {
      ...{ name: `${name}: end-of-year push`, customerId },
      ...{ startsOn: addDays(startsOn, 7 * i), endsOn: addDays(startsOn, 7 * i + 13) },
      tactics: [{ ...ways[i]!, productIds: [id], fundSplit: [{ fundId: funds[0]!.id, share: '1' }] }],
    };
    ids.push((await planPromotion(context, input)).id);
  }
  return ids;
}

/** Targets by period, a little beyond what the plan comes to. */
async function setTargets(context: Context, planId: string): Promise<void> {
  const loaded = await readLatest(context, planId);
  if (!loaded) return;
  const { periods } = loaded.head.figures;
  const money = (minor: bigint | null | undefined, percent: bigint) =>
    `${rounded(minor ?? 0n, percent, roundMinor) / 100n}.00`;
  const targets = loaded.head.inputs.periods.map(({ period }, i) => ({
    period,
    volume: String(rounded(periods[i]?.plan.volume ?? 0n, promised.volume, roundMilli) / 1000n),
    grossSales: money(periods[i]?.plan.grossSales, promised.grossSales),
    tradeSpend: money(periods[i]?.plan.tradeSpend, promised.tradeSpend),
    contribution: money(periods[i]?.plan.contribution, promised.contribution),
  }));
  await changePlan(context, planId, undefined, { targets });
}

/** What the account manager does in the demo: a plan with targets for one banner, two drafts and two scenarios. */
export async function playAccountPlans(
  context: Context,
  ports: AccountPlanPorts,
  maker: DemoMaker,
  say: (line: string) => void,
): Promise<void> {
  const [banner] = await context.db.read(context, (tx) => findCustomers(tx, { codes: [bannerCode] }));
  if (!banner) throw new Error(`the demo has no ${bannerCode}`);
  const { weeks, draftsFrom } = await yearToPlan(context, maker.today);
  const fiscalYear = weeks[0]!.fiscalYear;
  try {
    const drafts = await planDrafts(context, maker, banner.id, draftsFrom);
    const plan = await createPlan(context, {
      name: `${banner.name} FY${fiscalYear}`,
      customerId: banner.id,
      fiscalYear,
    });
    await calculatePlan(context, ports, plan.id);
    await setTargets(context, plan.id);
    const include = drafts.map((promotionId) => ({ kind: 'include' as const, promotionId }));
    await createScenario(context, { planId: plan.id, name: 'Push the year’s end', edits: include });
    await createScenario(context, {
      ...{ planId: plan.id, name: 'One push, weaker market' },
      edits: [...include.slice(0, 1), { kind: 'baseline', accountId: null, productId: null, percent: '-3' }],
    });
    say(`demo: the account plan ${plan.name} with two scenarios`);
  } catch (error) {
    if (!(error instanceof Problem) || error.status >= 500) throw error;
    context.log.warn({ problem: error.code, detail: error.detail }, 'demo: there is no account plan');
  }
}
