import { todayIn } from '#clock';
import type { Context } from '#context';
import type { TenantTx } from '#db';
import { holdsOf } from '#funds';
import { add, fromMinor, type Money, subtract, sum, zero } from '#money';
import type { EarningsPort } from '../ports.ts';
import { requireAccruable } from './accrual-run.ts';
import { lastRunAmounts, type RunAmounts } from './accrual-run-store.ts';
import type { EarningTactic } from './domain/accrual.ts';
import type { GlMapping } from './domain/gl-mapping.ts';
import { accrualLines, type JournalLine, releaseLines } from './domain/journal.ts';
import { noLiability, releaseDue } from './domain/settlement-ledger.ts';
import { glAccountsBy } from './gl-accounts.ts';
import { glMappingOn } from './gl-mapping-store.ts';
import { awaitedOf, findLiabilities, findOverdue, type TacticLiability } from './liability-store.ts';
import { type FiscalPeriod, findPeriod } from './period-store.ts';
import { asLiability, findEarning } from './prepare-accruals.ts';

type Tx = TenantTx<Context>;

/** What a tactic would accrue, or have released, if the period were prepared now. */
export interface ProposedTactic {
  kind: 'accrual' | 'release';
  tacticId: string;
  promotionId: string;
  promotionCode: string;
  customerId: string;
  mechanic: string;
  glAccount: string;
  costCentre: string | null;
  /** Earned through the period's end, the part of it that rests on forecast volumes, and what was accrued before. */
  earnedToDate: Money;
  forecast: Money;
  accruedBefore: Money;
  /** What is due; a release is taken back. */
  due: Money;
  /** What the last run booked for this tactic. */
  lastRun: Money;
  /** What the funds committed for it at approval; null where nothing is held. */
  plan: Money | null;
}

/** A proposal with the run that it is compared with. */
export interface AccrualProposal {
  period: FiscalPeriod;
  glMapping: number;
  lastRun: RunAmounts['run'];
  tactics: ProposedTactic[];
}

/** Liabilities of overdue tactics that a proposal reads at once. */
const overdueAtOnce = 5_000;

const unaccrued = (tactic: EarningTactic): TacticLiability => ({
  ...asLiability(tactic),
  ...{ ...noLiability(tactic.currency), forecast: zero(tactic.currency), beyond: false },
});

type Proposed = Omit<ProposedTactic, 'glAccount' | 'costCentre' | 'lastRun' | 'plan'> & { line: JournalLine };

/** The accrual of a tactic through a day, and the release of what it then owes where its claim-by date has come. */
function proposeEarning(
  tactic: EarningTactic,
  liability: TacticLiability,
  { endsOn, releaseOn }: { endsOn: string; releaseOn: string },
  awaited: Money | undefined,
): Proposed[] {
  const { amount: due, after } = findEarning(tactic, liability, endsOn);
  const line = accrualLines(after, due).find(({ account }) => account === 'promotional_allowances');
  const { tacticId, promotionId, promotionCode, customerId, mechanic } = liability;
  const amounts = { earnedToDate: after.earned, forecast: after.forecast, accruedBefore: liability.earned, due };
  const accrual = { kind: 'accrual' as const, tacticId, promotionId, promotionCode, customerId, mechanic, ...amounts };
  return [...(line ? [{ ...accrual, line }] : []), ...proposeRelease(after, releaseOn, awaited)];
}

function proposeRelease(liability: TacticLiability, on: string, awaited: Money | undefined): Proposed[] {
  const open = releaseDue(liability, { claimByOn: liability.claimByOn, on, awaited });
  const line = releaseLines(liability, open).find(({ account }) => account === 'promotional_allowances');
  if (!line) return [];
  const { tacticId, promotionId, promotionCode, customerId, mechanic, earned, forecast, currency } = liability;
  const due = subtract(zero(currency), open);
  const amounts = { earnedToDate: earned, forecast, accruedBefore: earned, due };
  return [{ kind: 'release', tacticId, promotionId, promotionCode, customerId, mechanic, ...amounts, line }];
}

async function committedOf(tx: Tx, promotionIds: readonly string[]): Promise<Map<string, Money>> {
  const committed = new Map<string, Money>();
  for (const hold of await holdsOf(tx, promotionIds)) {
    const amount = fromMinor(hold.committed, hold.currency);
    const known = committed.get(hold.tacticId);
    committed.set(hold.tacticId, known ? add(known, amount) : amount);
  }
  return committed;
}

async function complete(tx: Tx, mapping: GlMapping, last: RunAmounts, proposed: readonly Proposed[]) {
  const customers = proposed.map(({ customerId }) => customerId);
  const accountOf = await glAccountsBy(tx, mapping, customers);
  const plans = await committedOf(tx, [...new Set(proposed.map(({ promotionId }) => promotionId))]);
  return proposed.map(
    ({ line, ...tactic }): ProposedTactic => ({
      ...tactic,
      ...accountOf(line),
      lastRun: last.amounts.get(`${tactic.kind}/${tactic.tacticId}`) ?? zero(tactic.due.currency),
      plan: plans.get(tactic.tacticId) ?? null,
    }),
  );
}

/**
 * What preparing a period would book now, tactic by tactic; nothing is stored. Reads in batches, and refuses periods, as
 * preparing does.
 */
export async function proposeAccruals(
  context: Context,
  ports: EarningsPort,
  periodId: string,
): Promise<AccrualProposal> {
  const read = <T>(work: (tx: Tx) => Promise<T>) => context.db.read(context, work);
  const period = await read(async (tx) => {
    const found = await findPeriod(tx, periodId);
    await requireAccruable(tx, found);
    return found;
  });
  const mapping = await read((tx) => glMappingOn(tx, period.endsOn));
  const last = await read(lastRunAmounts);
  const tactics: ProposedTactic[] = [];
  const today = todayIn(context.clock, context.tenant.timeZone);
  const [releaseOn = today] = [today, period.endsOn].sort();
  const on = { endsOn: period.endsOn, releaseOn };
  const seen = new Set<string>();
  let after: string | null = null;
  do {
    const from: string | null = after;
    const batch = await read(async (tx) => {
      const { tactics: some, next } = await ports.readEarnings(tx, period, from);
      const ids = some.map(({ tacticId }) => tacticId);
      const owed = new Map((await findLiabilities(tx, ids)).map((each) => [each.tacticId, each]));
      const awaited = await awaitedOf(tx, ids);
      const proposed = some.flatMap((tactic) =>
        proposeEarning(tactic, owed.get(tactic.tacticId) ?? unaccrued(tactic), on, awaited.get(tactic.tacticId)),
      );
      for (const id of ids) seen.add(id);
      return { next, proposed: await complete(tx, mapping, last, proposed) };
    });
    tactics.push(...batch.proposed);
    after = batch.next;
  } while (after !== null);
  const released = await read(async (tx) => {
    const due = (await findOverdue(tx, on.releaseOn, overdueAtOnce)).filter(({ tacticId }) => !seen.has(tacticId));
    const awaited = await awaitedOf(
      tx,
      due.map(({ tacticId }) => tacticId),
    );
    const releases = due.flatMap((owed) => proposeRelease(owed, on.releaseOn, awaited.get(owed.tacticId)));
    return complete(tx, mapping, last, releases);
  });
  return { period, glMapping: mapping.number, lastRun: last.run, tactics: [...tactics, ...released] };
}

/** What a proposal books on one account for one customer. */
export interface ProposedGroup {
  kind: ProposedTactic['kind'];
  currency: string;
  glAccount: string;
  costCentre: string | null;
  mechanic: string;
  customerId: string;
  tactics: number;
  due: Money;
  forecast: Money;
  lastRun: Money;
  earnedToDate: Money;
  /** Σ of what the funds committed; null where nothing is held for any of its tactics. */
  plan: Money | null;
}

/** The proposal by account, mechanic and customer, the largest amount first. */
export function groupProposal(tactics: readonly ProposedTactic[]): ProposedGroup[] {
  const keyOf = ({ kind, due, glAccount, costCentre, mechanic, customerId }: ProposedTactic) =>
    [kind, due.currency, glAccount, costCentre ?? '', mechanic, customerId].join('|');
  const groups = [...Map.groupBy(tactics, keyOf).values()].map((some): ProposedGroup => {
    const [first] = some;
    if (!first) throw new Error('a group has at least one tactic');
    const { kind, glAccount, costCentre, mechanic, customerId } = first;
    const { currency } = first.due;
    const total = (amount: 'due' | 'forecast' | 'lastRun' | 'earnedToDate') =>
      sum(
        some.map((each) => each[amount]),
        currency,
      );
    const plans = some.flatMap(({ plan }) => plan ?? []);
    return {
      ...{ kind, currency, glAccount, costCentre, mechanic, customerId, tactics: some.length },
      ...{ due: total('due'), forecast: total('forecast'), lastRun: total('lastRun') },
      ...{ earnedToDate: total('earnedToDate'), plan: plans.length > 0 ? sum(plans, currency) : null },
    };
  });
  const size = ({ due }: ProposedGroup) => (due.minor < 0n ? -due.minor : due.minor);
  return groups.sort((a, b) => (size(a) === size(b) ? 0 : size(a) < size(b) ? 1 : -1));
}
