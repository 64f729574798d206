import type { Context } from '#context';
import { sql, type TenantTx } from '#db';
import { Decimal, fromJson, type Money, type MoneyJson } from '#money';
import { type ScopeColumns, scopeFilter } from '#scope';
import type { MeasuredEvent } from './domain/event-rollup.ts';
import type { Verdict } from './domain/event-verdict.ts';
import type { ActualOutcome, PredictedOutcome } from './post-event.ts';

/** As many events as are rolled up at once: some twenty years of a busy tenant. */
export const mostEvents = 5_000;

interface ResultRow {
  promotionId: string;
  measurementVersion: number;
  customerId: string;
  mechanics: string[];
  productIds: string[];
  startsOn: string;
  endsOn: string;
  decision: Verdict['decision'] | null;
  actual: ActualOutcome;
  predicted: PredictedOutcome | null;
  parts: Record<'netIncrementalContribution' | 'subsidisedBase' | 'dip' | 'cannibalisation' | 'halo', MoneyJson | null>;
}

function toEvent({ actual, predicted, parts, ...row }: ResultRow): MeasuredEvent {
  const optional = (value: MoneyJson | null): Money | null => value && fromJson(value);
  return {
    ...row,
    baselineUnits: new Decimal(actual.baselineUnits),
    incrementalUnits: new Decimal(actual.incrementalUnits),
    spend: fromJson(actual.spend),
    grossProfit: fromJson(actual.grossProfit),
    netProfit: fromJson(actual.netProfit),
    netProfitLow: fromJson(actual.netProfitLow),
    netProfitHigh: fromJson(actual.netProfitHigh),
    // A measured event always has one; the others may be without an estimate.
    netIncrementalContribution: fromJson(parts.netIncrementalContribution as MoneyJson),
    subsidisedBase: optional(parts.subsidisedBase),
    dip: optional(parts.dip),
    cannibalisation: optional(parts.cannibalisation),
    halo: optional(parts.halo),
    predicted: predicted && {
      incrementalUnits: new Decimal(predicted.incrementalUnits),
      spend: fromJson(predicted.spend),
      netProfit: fromJson(predicted.netProfit),
    },
  };
}

const eventScope: ScopeColumns = {
  customer: sql`(event->>'customerId')::uuid`,
  product: (ids) =>
    sql`exists (select from jsonb_array_elements_text(event->'productIds') id where id::uuid = any(${ids}))`,
};

/** The last measurement of every promotion that ended within the dates, the youngest first, at most {@link mostEvents}. */
export async function readMeasuredEvents(
  tx: TenantTx<Context>,
  { from, to }: { from?: string | undefined; to?: string | undefined },
): Promise<MeasuredEvent[]> {
  const figure = (name: string) => sql`result->'figures'->${sql.lit(name)}->'value'`;
  const rows = await tx.many<ResultRow>(sql`
    select last.promotion_id as "promotionId", version as "measurementVersion", event->>'customerId' as "customerId",
      array(select tactic->>'mechanic' from jsonb_array_elements(event->'tactics') tactic) as mechanics,
      array(select jsonb_array_elements_text(event->'productIds')) as "productIds",
      event->>'startsOn' as "startsOn", event->>'endsOn' as "endsOn",
      result->'verdict'->>'decision' as decision, result->'actual' as actual,
      nullif(result->'predicted', 'null') as predicted,
      jsonb_build_object('netIncrementalContribution', ${figure('netIncrementalContribution')},
        'subsidisedBase', ${figure('subsidisedBase')}, 'dip', ${figure('dipContribution')},
        'cannibalisation', ${figure('cannibalisationContribution')}, 'halo', ${figure('haloContribution')}) as parts
    from (select promotion_id, max(version) as version from performance.post_event_result group by promotion_id) last
    join performance.post_event_result using (promotion_id, version)
    where state = 'measured' and event->>'endsOn' >= ${from ?? '0001-01-01'} and event->>'endsOn' <= ${to ?? '9999-12-31'}
      and ${scopeFilter(tx.context, eventScope)}
    order by event->>'endsOn' desc, promotion_id limit ${mostEvents}`);
  return rows.map(toEvent);
}
