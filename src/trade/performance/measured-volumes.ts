import type { Context } from '#context';
import type { TenantTx } from '#db';
import { addDays } from '#fiscal-calendar';
import { Decimal } from '#money';
import { common, daysOf, weekDays, weekFrom } from './domain/event-part.ts';
import { type EventProduct, volumeBasisOf } from './domain/event-tactic.ts';
import { readScopeWeeks } from './earned-volume-store.ts';
import { volumeSourceOf, windowOf } from './earned-volumes.ts';
import type { LeafScope } from './promotion-scope.ts';

type Counted = NonNullable<EventProduct['counted']>;

/**
 * Cases that single tactics of an ended event counted on, by product and tactic key: of those with dates of their own, and
 * of depletions. A tactic of whose source nothing has arrived is absent: what was sold stands in for it.
 */
export async function readCountedApart(
  tx: TenantTx<Context>,
  promotion: LeafScope & { shipStartsOn?: string | undefined; shipEndsOn?: string | undefined },
  prices: ReadonlyMap<string, { unitsPerCase: Decimal }>,
): Promise<Map<string, Counted>> {
  const { startsOn, endsOn, shipStartsOn = startsOn, shipEndsOn = endsOn, customerIds } = promotion;
  const counted = new Map<string, Map<string, { cases: Decimal; assumed: boolean }>>();
  for (const tactic of promotion.tactics) {
    const source = volumeSourceOf(tactic);
    const apart = (tactic.startsOn ?? tactic.endsOn) !== undefined || volumeBasisOf(tactic) === 'depletions';
    if (!source || !apart) continue;
    const window = windowOf(tactic, { startsOn, endsOn, shipStartsOn, shipEndsOn, stoppedOn: null });
    const weeks = await readScopeWeeks(tx, source, [
      {
        ...{ key: tactic.key, customerIds, productIds: tactic.productIds },
        ...{ from: addDays(window.startsOn, 1 - weekDays), to: window.endsOn },
      },
    ]);
    if (weeks.length === 0) continue;
    for (const productId of tactic.productIds) {
      const volumes = weeks.map(({ productId: of, periodStart, volume }) => {
        const days = of === productId && common(weekFrom(periodStart), window);
        return days ? new Decimal(volume).times(daysOf(days)).div(weekDays) : new Decimal(0);
      });
      const volume = Decimal.sum(0, ...volumes);
      const cases = source === 'sales' ? volume.div(prices.get(productId)?.unitsPerCase ?? 1) : volume;
      counted.set(productId, (counted.get(productId) ?? new Map()).set(tactic.key, { cases, assumed: false }));
    }
  }
  return counted;
}
