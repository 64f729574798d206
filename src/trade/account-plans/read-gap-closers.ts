import type { Context } from '#context';
import { fromMinor, type MoneyJson, toJson } from '#money';
import { asIf } from './count-scenario.ts';
import { lineCount } from './domain/grid-inputs.ts';
import { countedOf, lineJson, type PlanValues, sumCounted, valuesOf } from './domain/plan-lines.ts';
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
}

/** Drafts ranked by the contribution that they add, and those that cannot be counted. */
export interface GapClosers {
  snapshot: number;
  /** Contribution missing to the year's target: positive where the latest estimate falls short; null without a target. */
  missing: MoneyJson | null;
  items: GapCloser[];
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
  adds.sort((a, b) =>
    a.contribution === b.contribution
      ? a.draft.code < b.draft.code
        ? -1
        : 1
      : a.contribution > b.contribution
        ? -1
        : 1,
  );
  const missing = shortfall(head.figures, 'contribution');
  let remaining = missing;
  const items = adds.map(({ draft, after, contribution }): GapCloser => {
    if (remaining !== null) remaining -= contribution;
    const { promotionId, code, name, startsOn, endsOn } = draft;
    return {
      ...{ promotionId, code, name, startsOn, endsOn },
      volume: String(lineJson('volume', less(after.volume, before.volume), currency)),
      tradeSpend: toJson(fromMinor(less(after.tradeSpend, before.tradeSpend), currency)),
      contribution: toJson(fromMinor(contribution, currency)),
      remaining: remaining === null ? null : toJson(fromMinor(remaining, currency)),
    };
  });
  const refused = drafts.filter(({ event }) => event === null).map(refusedJson);
  return {
    snapshot: head.number,
    missing: missing === null ? null : toJson(fromMinor(missing, currency)),
    items,
    refused,
  };
}

function refusedJson({ promotionId, code, name, refusal }: CountedPromotion) {
  return { promotionId, code, name, reason: refusal ?? 'It could not be counted.' };
}
