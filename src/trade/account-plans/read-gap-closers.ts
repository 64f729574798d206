import type { Context } from '#context';
import type { Figure } from '#figure';
import { amountOf, fromMinor, type MoneyJson, toJson } from '#money';
import { asIf } from './count-scenario.ts';
import { rankClosers } from './domain/gap-closer.ts';
import { lineCount } from './domain/grid-inputs.ts';
import { addedFigure } from './domain/plan-figure.ts';
import { countedOf, formulaVersion, lineJson, type PlanValues, sumCounted, valuesOf } from './domain/plan-lines.ts';
import { shortfall } from './domain/plan-result.ts';
import type { CountedPromotion } from './domain/plan-snapshot.ts';
import { readLatest } from './loaded-plan.ts';

/** A draft that the plan does not count, and what counting it would add. */
export interface GapCloser {
  promotionId: string;
  code: string;
  name: string;
  startsOn: string;
  endsOn: string;
  /** Cases, decimal string. */
  volume: string;
  tradeSpend: MoneyJson;
  contribution: MoneyJson;
  /** What is missing to the target once this one and all above it are counted; null without a target. */
  remaining: MoneyJson | null;
  /** The same, explained. */
  figures: Record<AddedLine | 'remaining', Figure>;
}

/** Drafts that add contribution, ranked by it, and those that cannot be counted. */
export interface GapClosers {
  snapshot: number;
  /** Contribution missing to the year's target: positive where the latest estimate falls short; null without a target. */
  missing: MoneyJson | null;
  items: GapCloser[];
  /** How many drafts would add nothing or take contribution away: they close no gap. */
  leftOut: number;
  refused: { promotionId: string; code: string; name: string; reason: string }[];
}

function yearOf(totals: BigInt64Array): PlanValues {
  const segments = totals.length / lineCount;
  return valuesOf(sumCounted(Array.from({ length: segments }, (_, s) => countedOf(totals, s))), { predicted: true });
}

const less = (a: bigint | null | undefined, b: bigint | null | undefined): bigint => (a ?? 0n) - (b ?? 0n);

/** What closes a plan's gap: undefined until the plan was calculated. */
export async function readGapClosers(context: Context, planId: string): Promise<GapClosers | undefined> {
  const loaded = await readLatest(context, planId);
  if (!loaded) return undefined;
  const { head, basis, promotions } = loaded;
  const { currency } = basis;
  const before = yearOf(loaded.grid.totals());
  const drafts = promotions.promotions.filter((one) => one.state === 'draft');
  const counted = drafts.flatMap((draft) => (draft.event ? [{ draft, event: draft.event }] : []));
  const adds = counted.map(({ draft, event }) => {
    const change = { drop: [], set: [event] };
    const after = asIf(context.tenant.id, loaded, change, head.baselineChanges, ({ grid }) => yearOf(grid.totals()));
    return { draft, after, contribution: less(after.contribution, before.contribution) };
  });
  const missing = shortfall(head.figures, 'contribution');
  const ranked = rankClosers(adds, missing);
  const money = (minor: bigint | null | undefined) => toJson(fromMinor(minor ?? 0n, currency));
  const items = ranked.map(({ draft, after, contribution, missingBefore, remaining }): GapCloser => {
    const { promotionId, code, name, startsOn, endsOn } = draft;
    const added = (line: AddedLine) => {
      const names = { currency, before: `snapshot ${head.number}`, after: `snapshot ${head.number} and ${code}` };
      return addedFigure(line, { before: before[line], after: after[line] }, names);
    };
    return {
      ...{ promotionId, code, name, startsOn, endsOn },
      volume: String(lineJson('volume', less(after.volume, before.volume), currency)),
      tradeSpend: money(less(after.tradeSpend, before.tradeSpend)),
      contribution: money(contribution),
      remaining: remaining === null ? null : money(remaining),
      figures: {
        ...{ volume: added('volume'), tradeSpend: added('tradeSpend'), contribution: added('contribution') },
        remaining: remainingFigure({ missingBefore, contribution, remaining }, { currency, number: head.number }),
      },
    };
  });
  const refused = drafts.filter(({ event }) => event === null).map(refusedJson);
  return {
    snapshot: head.number,
    missing: missing === null ? null : money(missing),
    ...{ items, leftOut: adds.length - ranked.length, refused },
  };
}

/** Lines of which a closer says what it adds. */
type AddedLine = 'volume' | 'tradeSpend' | 'contribution';

function remainingFigure(
  of: { missingBefore: bigint | null; contribution: bigint; remaining: bigint | null },
  { currency, number }: { currency: string; number: number },
): Figure {
  const text = (minor: bigint | null) => (minor === null ? null : amountOf(fromMinor(minor, currency)));
  return {
    value: of.remaining === null ? null : toJson(fromMinor(of.remaining, currency)),
    ...{ unit: 'money', formula: 'contribution missing before it − contribution that it adds', formulaVersion },
    inputs: [
      { name: 'missing before it', value: text(of.missingBefore), source: `snapshot ${number}, drafts above counted` },
      { name: 'contribution that it adds', value: text(of.contribution), source: 'with it − without it' },
    ],
  };
}

function refusedJson({ promotionId, code, name, refusal }: CountedPromotion) {
  return { promotionId, code, name, reason: refusal ?? 'It could not be counted.' };
}
