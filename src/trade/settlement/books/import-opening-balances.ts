import { todayIn } from '#clock';
import type { Context } from '#context';
import type { TenantTx } from '#db';
import { type CheckedRow, type ImportKind, inSavepoint, type RowOutcome } from '#master-data';
import { amountOf, money } from '#money';
import { type Mechanic, mechanics } from '#performance';
import { Problem } from '#problem';
import { findPromotionsByCode, type Promotion } from '#promotions';
import { findLiabilities } from './liability-store.ts';
import { bookOpened, commitOpened, type OpenedTactic } from './open-balances.ts';
import { findOpeningBalances, type OpeningBalance } from './opening-balance-store.ts';
import { openPeriodOn } from './period-store.ts';

type Tx = TenantTx<Context>;

interface OpeningRow {
  promotionCode: string;
  /** 1 for the first tactic. */
  position: number | null;
  mechanic: Mechanic | null;
  committed: string;
  earned: string;
  settled: string;
  currency: string;
  asOf: string;
}

function findTactic(promotion: Promotion, row: OpeningRow): Promotion['tactics'][number] | string {
  const { tactics } = promotion;
  if (row.position !== null) {
    return tactics[row.position - 1] ?? `${promotion.code} has ${tactics.length} tactics, none at ${row.position}`;
  }
  const some = tactics.filter(({ mechanic }) => mechanic === row.mechanic);
  const [only] = some;
  if (only && some.length === 1) return only;
  return `${promotion.code} has ${some.length} tactics of ${row.mechanic}: name the position`;
}

/** States in which a promotion may owe something. */
const owing: ReadonlySet<Promotion['state']> = new Set(['approved', 'active', 'ended', 'in_settlement']);

function toOpened(promotion: Promotion | undefined, row: OpeningRow): OpenedTactic | string {
  if (!promotion) return `there is no promotion ${row.promotionCode}`;
  if (!owing.has(promotion.state)) return `${promotion.code} is ${promotion.state}: it owes nothing yet`;
  if (row.currency !== promotion.currency) return `${promotion.code} is kept in ${promotion.currency}`;
  const tactic = findTactic(promotion, row);
  if (typeof tactic === 'string') return tactic;
  const amount = (text: string) => money(text, row.currency);
  const balance: OpeningBalance = {
    ...{ tacticId: tactic.id, committed: amount(row.committed), earned: amount(row.earned) },
    settled: amount(row.settled),
  };
  if (balance.settled.minor > balance.earned.minor) return 'settled is more than earned';
  const approvedHere = promotion.submittedAt !== null;
  if (approvedHere && balance.committed.minor > 0n) return `the commitment of ${promotion.code} came with its approval`;
  return { promotion, tactic, balance, asOf: row.asOf };
}

const sameBalance = (a: OpeningBalance, b: OpeningBalance) =>
  (['committed', 'earned', 'settled'] as const).every((name) => a[name].minor === b[name].minor);

/** What is there of a tactic already: the outcome of a row that comes again, or comes too late. */
async function readKnown(tx: Tx, opened: readonly OpenedTactic[]): Promise<(of: OpenedTactic) => RowOutcome | null> {
  const ids = opened.map(({ tactic }) => tactic.id);
  const balances = await findOpeningBalances(tx, ids);
  const accrued = new Map((await findLiabilities(tx, ids)).map((each) => [each.tacticId, each]));
  return ({ promotion, tactic, balance }) => {
    const known = balances.get(tactic.id);
    if (known) {
      if (sameBalance(known, balance)) return 'unchanged';
      return [
        `${promotion.code} was opened with ${amountOf(known.earned)} earned and ${amountOf(known.settled)} settled`,
      ];
    }
    const owed = accrued.get(tactic.id);
    const moved = owed && (owed.earned.minor !== 0n || owed.settled.minor !== 0n);
    return moved ? [`${promotion.code} has accrued here already`] : null;
  };
}

async function openRows(tx: Tx, rows: readonly CheckedRow<OpeningRow>[]): Promise<RowOutcome[]> {
  const codes = [...new Set(rows.map(({ value }) => value.promotionCode))];
  const promotions = new Map((await findPromotionsByCode(tx, codes)).map((each) => [each.code, each]));
  const read = rows.map(({ value }) => toOpened(promotions.get(value.promotionCode), value));
  const known = await readKnown(
    tx,
    read.filter((each) => typeof each !== 'string'),
  );
  const outcomes = read.map((each): RowOutcome | null => (typeof each === 'string' ? [each] : known(each)));
  const seen = new Set<string>();
  const fresh = read.flatMap((each, index) => {
    if (typeof each === 'string' || outcomes[index] !== null) return [];
    if (seen.has(each.tactic.id)) {
      outcomes[index] = [`${each.promotion.code} names this tactic twice`];
      return [];
    }
    seen.add(each.tactic.id);
    return [{ index, opened: each }];
  });
  const taken: OpenedTactic[] = [];
  for (const [promotionId, some] of Map.groupBy(fresh, ({ opened }) => opened.promotion.id)) {
    const opened = some.map((each) => each.opened);
    const refused = await inSavepoint(tx, async () => {
      // No calendar may cover the day of a balance: its rows are refused, not the others.
      for (const { asOf } of opened) await openPeriodOn(tx, asOf);
      await commitOpened(tx, promotionId, opened);
    });
    for (const { index } of some) outcomes[index] = refused instanceof Problem ? [refused.detail] : 'stored';
    if (!(refused instanceof Problem)) taken.push(...opened);
  }
  for (const some of Map.groupBy(taken, ({ balance, asOf }) => `${balance.earned.currency} ${asOf}`).values()) {
    await bookOpened(tx, some);
  }
  return outcomes.map((outcome) => outcome ?? ['was not reached']);
}

/**
 * Opening balances at go-live: what was committed, earned and settled before, per tactic of promotions that are there.
 * The same row again is unchanged; other amounts for the same tactic are refused.
 */
export const openingBalancesImport: ImportKind<OpeningRow> = {
  kind: 'opening_balances',
  summary: 'Opening balances at go-live: committed, earned and settled per tactic, with an opening journal',
  permission: 'accruals:post',
  columns: [
    { name: 'promotion_code', required: true, description: 'Code of a promotion that is approved, active or ended' },
    { name: 'tactic', required: false, description: 'Position of the tactic in the promotion, from 1' },
    { name: 'mechanic', required: false, description: 'Mechanic of the tactic, where no position is given' },
    { name: 'committed', required: false, description: 'Money the funds had committed', total: true },
    { name: 'earned', required: true, description: 'Money earned to date', total: true },
    { name: 'settled', required: false, description: 'Money settled to date, no more than earned', total: true },
    { name: 'currency', required: false, description: 'ISO 4217 code; the tenant’s when empty' },
    {
      ...{ name: 'as_of', required: false },
      description: 'Day of the balance, today when empty: booked in its fiscal period, or the next one that is open',
    },
  ],
  batchRows: 200,
  open: async (context) => ({
    check: (cells) => {
      const currency = cells.currency('currency', context.tenant.currency);
      const position = cells.optionalDecimal('tactic', { zero: false });
      const mechanicText = cells.optionalText('mechanic', 40);
      const mechanic = mechanics.find((each) => each === mechanicText) ?? null;
      if (position === null && mechanicText === null) cells.refuse('tactic or mechanic is missing');
      if (mechanicText !== null && mechanic === null) cells.refuse(`mechanic must be one of ${mechanics.join(', ')}`);
      if (position !== null && !/^\d{1,3}$/.test(position)) cells.refuse('tactic must be a whole number from 1');
      const today = todayIn(context.clock, context.tenant.timeZone);
      const asOf = cells.optionalDate('as_of') ?? today;
      if (asOf > today) cells.refuse('as_of is in the future');
      return {
        promotionCode: cells.code('promotion_code'),
        ...{ position: position === null ? null : Number(position), mechanic, currency, asOf },
        committed: cells.optionalAmount('committed', currency) ?? '0',
        earned: cells.optionalAmount('earned', currency) ?? '0',
        settled: cells.optionalAmount('settled', currency) ?? '0',
      };
    },
    groupOf: ({ promotionCode }) => promotionCode,
    apply: openRows,
  }),
};
