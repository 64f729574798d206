import type { Context } from '#context';
import type { TenantTx } from '#db';
import { allocate, type Decimal, type Money, roundToMoney, toDecimal } from '#money';
import { Problem } from '#problem';
import { entriesBetween } from './hold-funds.ts';
import { type Hold, lockHolds, saveHolds } from './hold-store.ts';
import { postEntries } from './post-entries.ts';

type Tx = TenantTx<Context>;

/** A fund's share of a tactic's money; in another currency at an exchange rate, which the note names. */
interface FundPart {
  fundId: string;
  share: Decimal;
  fx?: { currency: string; rate: Decimal; note: string };
}

/** What a tactic has earned, or was paid, since it began. */
export interface TacticMoney {
  promotionId: string;
  tacticId: string;
  /** A fund in another currency bears its part at `fx`. */
  fundSplit: readonly FundPart[];
  /** Cumulative, not below zero, in the currency of the funds that name no other. */
  amount: Money;
  /** Business date that what is new belongs to. */
  on: string;
}

const keyOf = (fundId: string, tacticId: string) => `${fundId}/${tacticId}`;

/** What each fund has to bear of a tactic's money, in the order of the split as the plan has it: parts sum exactly. */
function partsOf({ fundSplit, amount }: TacticMoney): Map<string, Money> {
  const parts = allocate(
    amount,
    fundSplit.map(({ share }) => share),
  );
  return new Map(fundSplit.map(({ fundId, fx }, i) => [fundId, borneBy(fx, parts[i] ?? amount)]));
}

function borneBy(fx: FundPart['fx'], part: Money): Money {
  return fx ? roundToMoney(toDecimal(part).times(fx.rate), fx.currency) : part;
}

/** The holds of one tactic with what they are to say: funds that are no longer in its split bear nothing. */
function changesOf(tactic: TacticMoney, holds: ReadonlyMap<string, Hold>, column: 'earned' | 'paid') {
  const parts = partsOf(tactic);
  const known = [...holds.values()].filter((hold) => !parts.has(hold.fundId));
  const fresh = (fundId: string, currency: string): Hold => ({
    ...{ fundId, promotionId: tactic.promotionId, tacticId: tactic.tacticId, currency },
    ...{ customerId: null, productId: null, planned: 0n, reserved: 0n, committed: 0n, earned: 0n, paid: 0n },
  });
  const wanted: [Hold, bigint][] = [
    ...[...parts].map(([fundId, part]): [Hold, bigint] => [
      holds.get(fundId) ?? fresh(fundId, part.currency),
      part.minor,
    ]),
    ...known.map((hold): [Hold, bigint] => [hold, 0n]),
  ];
  const noteOf = (fundId: string) => tactic.fundSplit.find((part) => part.fundId === fundId)?.fx?.note;
  return wanted.flatMap(([before, minor]) =>
    before[column] === minor
      ? []
      : [{ before, after: { ...before, [column]: minor }, on: tactic.on, note: noteOf(before.fundId) }],
  );
}

async function record(tx: Tx, tactics: readonly TacticMoney[], column: 'earned' | 'paid'): Promise<void> {
  const wrong = tactics.find(({ amount }) => amount.minor < 0n);
  if (wrong) throw new Error(`tactic ${wrong.tacticId} cannot have ${column} less than nothing`);
  const promotionIds = [...new Set(tactics.map(({ promotionId }) => promotionId))];
  const fundIds = tactics.flatMap(({ fundSplit }) => fundSplit.map(({ fundId }) => fundId));
  const { funds, holds: known } = await lockHolds(tx, promotionIds, fundIds);
  const currencies = new Map(funds.map(({ id, currency }) => [id, currency]));
  const holds = Map.groupBy(known, ({ tacticId }) => tacticId);
  const changes = tactics.flatMap((tactic) => {
    const own = new Map(holds.get(tactic.tacticId)?.map((hold) => [hold.fundId, hold]));
    return changesOf(tactic, own, column);
  });
  for (const { after } of changes) {
    if (currencies.get(after.fundId) === after.currency) continue;
    throw new Problem('money.currency_mismatch', {
      detail: `The fund ${after.fundId} is not kept in ${after.currency}, in which ${keyOf(after.fundId, after.tacticId)} earns.`,
    });
  }
  if (changes.length === 0) return;
  await saveHolds(
    tx,
    changes.map(({ after }) => after),
  );
  await postEntries(
    tx,
    funds,
    changes.flatMap(({ before, after, on, note }) => entriesBetween(before, after, { on, note: note ?? '' })),
  );
}

/**
 * Brings Earned to what tactics have earned since they began (liability earned − released), each fund by its share; the
 * same again changes nothing. Earnings may pass the commitment and take Available below zero, which is told
 * (`funds.fund.overdrawn`) and keeps new reservations out.
 */
export async function recordEarned(tx: Tx, tactics: readonly TacticMoney[]): Promise<void> {
  await record(tx, tactics, 'earned');
}

/** Brings Paid to what was settled of tactics since they began; the same again changes nothing. */
export async function recordPaid(tx: Tx, tactics: readonly TacticMoney[]): Promise<void> {
  await record(tx, tactics, 'paid');
}
