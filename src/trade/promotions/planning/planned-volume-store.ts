import type { Context } from '#context';
import { sql, type TenantTx } from '#db';
import { Decimal } from '#money';
import { eventPart, type PlannedVolumes } from '#performance';

interface PlannedWeek {
  promotionId: string;
  weekStart: string;
  productId: string;
  baselineUnits: string;
  incrementalUnits: string;
}

/** What the plans that promotions were submitted with say of volumes: by week, and in all for tactics that count cases. */
export async function readPlannedVolumes(
  tx: TenantTx<Context>,
  promotions: readonly { id: string; startsOn: string; endsOn: string }[],
): Promise<Map<string, PlannedVolumes>> {
  const ids = promotions.map(({ id }) => id);
  const weeks = await tx.many<PlannedWeek>(sql`
    select promotion.id as "promotionId", week->>'weekStart' as "weekStart", week->>'productId' as "productId",
      week->>'baselineUnits' as "baselineUnits", week->>'incrementalUnits' as "incrementalUnits"
    from promotions.promotion cross join lateral jsonb_array_elements(submitted_plan->'weeks') week
    where promotion.id = any(${ids}::uuid[]) and (week->>'promoted')::boolean`);
  const cases = await tx.many<{ promotionId: string; tacticId: string; volume: string }>(sql`
    select promotion.id as "promotionId", tactic->>'tacticId' as "tacticId", tactic->>'volume' as volume
    from promotions.promotion cross join lateral jsonb_array_elements(submitted_plan->'spendByTactic') tactic
    where promotion.id = any(${ids}::uuid[]) and tactic->>'unit' = 'case' and tactic->>'volume' is not null`);
  const weeksOf = Map.groupBy(weeks, ({ promotionId }) => promotionId);
  const casesOf = Map.groupBy(cases, ({ promotionId }) => promotionId);
  return new Map(
    promotions.map((promotion) => [
      promotion.id,
      {
        parts: (weeksOf.get(promotion.id) ?? []).flatMap((week) => eventPart(week, promotion) ?? []),
        cases: new Map((casesOf.get(promotion.id) ?? []).map((one) => [one.tacticId, new Decimal(one.volume)])),
      },
    ]),
  );
}
