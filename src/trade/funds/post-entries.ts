import { todayIn } from '#clock';
import type { Context } from '#context';
import type { TenantTx } from '#db';
import { emit } from '#events';
import { addDays } from '#fiscal-calendar';
import { fiscalWeeks } from '#master-data';
import { amountOf, type Money, money, sum, toJson } from '#money';
import { Problem } from '#problem';
import { readAvailable } from './checkbook-store.ts';
import type { Fund } from './domain/fund.ts';
import { type DatedEntry, insertEntries, type NewEntry } from './entry-store.ts';

type Tx = TenantTx<Context>;

/** A movement above this is a mistake, in any currency; the balances count ten-thousandths in 64 bits. */
const largestAmount = '1000000000000';

/** Longest fiscal period there is, a period of six weeks, and by how much less is tried where the calendar begins in it. */
const longestPeriodDays = 42;
const weekDays = 7;

/** Periods found while one request or job lasts. */
const periodsOf = new WeakMap<Context, Map<string, string>>();

/** The first day of the fiscal period around a date; of its month where no calendar covers it. */
async function findPeriodStart(tx: Tx, on: string): Promise<string> {
  for (let back = longestPeriodDays; back >= 0; back -= weekDays) {
    try {
      const weeks = await fiscalWeeks(tx, addDays(on, -back), on);
      const last = weeks.at(-1);
      const first = weeks.find((week) => week.fiscalYear === last?.fiscalYear && week.period === last.period);
      if (first) return first.startsOn;
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'calendar.missing') throw error;
    }
  }
  return `${on.slice(0, 7)}-01`;
}

/** {@link findPeriodStart}, asked once per request and date. */
export async function periodStartOn(tx: Tx, on: string): Promise<string> {
  const known = periodsOf.get(tx.context) ?? new Map<string, string>();
  periodsOf.set(tx.context, known);
  const found = known.get(on) ?? (await findPeriodStart(tx, on));
  known.set(on, found);
  return found;
}

function requireSane({ amount }: NewEntry): void {
  if (amount.minor > 0n && amount.minor <= money(largestAmount, amount.currency).minor) return;
  throw new Problem('rule.violated', {
    detail: `A movement of ${amountOf(amount)} ${amount.currency} is not possible: it must be above zero and at most ${largestAmount}.`,
  });
}

/** One event per fund, kind and promotion: a run over thousands of tactics must not write thousands of events. */
async function tellOf(tx: Tx, entries: readonly DatedEntry[]): Promise<void> {
  const groups = Map.groupBy(entries, ({ kind, to, promotionId }) => {
    return `${to.fundId}/${kind}/${entries.length > maxSingleEvents ? '' : promotionId}`;
  });
  for (const group of groups.values()) {
    const [first] = group;
    if (!first || first.kind === 'plan') continue;
    const { currency } = first.amount;
    await emit(tx, {
      type: 'funds.entry.posted',
      subjectType: 'fund',
      subjectId: first.to.fundId,
      data: {
        entryId: group.at(-1)?.id,
        fundId: first.to.fundId,
        kind: first.kind,
        amount: amountOf(
          sum(
            group.map(({ amount }) => amount),
            currency,
          ),
        ),
        currency,
        promotionId: group.every(({ promotionId }) => promotionId === first.promotionId)
          ? (first.promotionId ?? null)
          : null,
        entries: group.length,
      },
    });
  }
}

/** Above so many entries of one posting the events are told per fund and kind, and no longer per promotion. */
const maxSingleEvents = 50;

/** Scans cannot be refused: a fund that they took below zero is told of once, when it happens. */
async function tellOverdrawn(tx: Tx, funds: readonly Fund[], before: ReadonlyMap<string, Money>): Promise<void> {
  const after = await readAvailable(tx, funds);
  for (const fund of funds) {
    const available = after.get(fund.id);
    if (!available || available.minor >= 0n || (before.get(fund.id)?.minor ?? 0n) < 0n) continue;
    await emit(tx, {
      type: 'funds.fund.overdrawn',
      subjectType: 'fund',
      subjectId: fund.id,
      data: { fundId: fund.id, code: fund.code, name: fund.name, available: toJson(available) },
    });
  }
}

/**
 * Writes movements of `funds`, which the caller has locked, adds them to the balances and tells of them:
 * `funds.entry.posted`, and `funds.fund.overdrawn` where they took Available below zero.
 */
export async function postEntries(tx: Tx, funds: readonly Fund[], entries: readonly NewEntry[]): Promise<void> {
  if (entries.length === 0) return;
  const today = todayIn(tx.context.clock, tx.context.tenant.timeZone);
  const dated: DatedEntry[] = [];
  for (const entry of entries) {
    requireSane(entry);
    const on = entry.on ?? today;
    dated.push({ ...entry, id: tx.context.newId(), on, periodStart: await periodStartOn(tx, on) });
  }
  const before = await readAvailable(tx, funds);
  await insertEntries(tx, dated);
  await tellOf(tx, dated);
  await tellOverdrawn(tx, funds, before);
}
