import type { Context } from '#context';
import { keysetPage, type ListRequest, type Page, type RawBuilder, sql, type TenantTx } from '#db';
import type { Figure } from '#figure';
import { daysBetween } from '#fiscal-calendar';
import { findCustomers } from '#master-data';
import { type Money, moneyFromNumeric } from '#money';
import { scopeFilter } from '#scope';
import { tellableTactics } from '../books/liability-store.ts';
import { itemScope } from '../settlement-scope.ts';
import { priorityFigure } from './domain/priority.ts';
import type { ItemKind } from './domain/settlement-item.ts';
import { type ItemRow, itemColumns, type SettlementItem, toItem } from './item-store.ts';
import type { StoredSuggestion } from './match-store.ts';

type Tx = TenantTx<Context>;

/** An item in the queue: where it stands there, and what matching proposes first. */
export interface QueuedItem extends SettlementItem {
  customerCode: string;
  customerName: string;
  priority: Figure;
  /** Null where matching makes no first suggestion, or has not looked yet. */
  proposal: StoredSuggestion | null;
}

type QueuedRow = ItemRow & {
  recoverable: string;
  proposal: StoredSuggestion | null;
};

const open = sql`(item.amount - item.settled - item.recovered - item.written_off)`;
/** Open money that was not found valid. */
const recoverable = sql`greatest(0, ${open} - greatest(0, coalesce(item.valid_amount, 0) - item.settled))`;

/** Items, most recoverable money with the least days to its dispute deadline first ({@link priorityFigure}). */
export async function listItems(
  tx: Tx,
  request: ListRequest & { today: string },
  where: RawBuilder<unknown>[],
): Promise<Page<QueuedItem>> {
  const days = sql`(item.dispute_by_on - ${request.today}::date)`;
  const page = await keysetPage<QueuedRow>(
    tx,
    {
      columns: sql`${itemColumns}, ${recoverable} as recoverable,
        case when suggestion.confidence is not null and item.state in ('captured', 'categorised', 'needs_research')
          then suggestion.answer -> 'suggestions' -> 0 end as proposal`,
      from: sql`settlement.item
        left join settlement.suggestion on suggestion.tenant_id = item.tenant_id and suggestion.item_id = item.id`,
      where: [...where, scopeFilter(tx.context, itemScope)],
      sortable: {
        priority: sql`(case when ${days} < 0 then 0 else round(${recoverable} / (${days} + 1), 4) end)`,
        amount: sql`item.amount`,
        takenOn: sql`item.taken_on`,
        disputeByOn: sql`item.dispute_by_on`,
        reference: sql`item.reference`,
        confidence: sql`coalesce(suggestion.confidence, -1)`,
      },
      id: sql`item.id`,
      defaultSort: '-priority',
    },
    request,
  );
  const owners = await findCustomers(tx, { ids: [...new Set(page.items.map(({ customerId }) => customerId))] });
  const byId = new Map(owners.map((customer) => [customer.id, customer]));
  const proposed = page.items.flatMap(({ proposal }) => proposal?.parts.map(({ tacticId }) => tacticId) ?? []);
  const told = await tellableTactics(tx, proposed);
  return {
    ...page,
    items: page.items.map(({ recoverable: money, proposal, ...row }) => {
      const item = toItem(row);
      const atStake = moneyFromNumeric(money, row.currency);
      const daysLeft = daysBetween(request.today, item.disputeByOn);
      const priority = priorityFigure(atStake, daysLeft);
      const { code = '', name = '' } = byId.get(item.customerId) ?? {};
      const may = proposal?.parts.every(({ tacticId }) => told.has(tacticId));
      return { ...item, customerCode: code, customerName: name, priority, proposal: may ? proposal : null };
    }),
  };
}

/** Open items of one currency whose deadline is so far away. */
export interface AgeBucket {
  bucket: (typeof ageBuckets)[number];
  currency: string;
  count: number;
  open: Money;
}

/** Days from today to the deadline: past it and before it. */
export const ageBuckets = [
  'overdue_91_and_more',
  'overdue_31_to_90',
  'overdue_1_to_30',
  'due_in_0_to_7',
  'due_in_8_to_30',
  'due_in_31_to_60',
  'due_in_61_and_more',
] as const;

/** Days to the deadline of an item: the earliest claim-by date of what it is matched to, else its own. */
const daysLeft = (
  today: string,
) => sql`coalesce((select min(liability.claim_by_on) from settlement.match join settlement.liability
    on liability.tenant_id = match.tenant_id and liability.tactic_id = match.tactic_id
    where match.tenant_id = item.tenant_id and match.item_id = item.id), item.dispute_by_on) - ${today}::date`;

const bucketOf = (
  days: RawBuilder<unknown>,
) => sql`case when ${days} < -90 then ${ageBuckets[0]} when ${days} < -30 then ${ageBuckets[1]}
  when ${days} < 0 then ${ageBuckets[2]} when ${days} <= 7 then ${ageBuckets[3]} when ${days} <= 30 then ${ageBuckets[4]}
  when ${days} <= 60 then ${ageBuckets[5]} else ${ageBuckets[6]} end`;

/** Items that ageing counts: money is open on them, and somebody may still do something about it. */
const ages = sql`item.split_at is null and ${open} > 0 and item.state not in ('settled', 'recovered', 'written_off')
  and not (item.kind = 'claim' and item.state = 'invalid')`;

/** The condition under which an item stands in `bucket` today. */
export const inBucket = (bucket: AgeBucket['bucket'], today: string): RawBuilder<unknown> =>
  sql`${ages} and ${bucketOf(sql`(${daysLeft(today)})`)} = ${bucket}`;

/** Open items by the days to their deadline: the earliest claim-by date of what they are matched to, else their own. */
export async function readAgeing(tx: Tx, kind: ItemKind, today: string): Promise<AgeBucket[]> {
  const rows = await tx.many<{ bucket: AgeBucket['bucket']; currency: string; count: number; open: string }>(sql`
    with due as (
      select item.currency, ${open} as open,
        ${daysLeft(today)} as days
      from settlement.item where item.kind = ${kind} and ${ages} and ${scopeFilter(tx.context, itemScope)}
    )
    select ${bucketOf(sql`days`)} as bucket,
      currency, count(*)::int as count, sum(open) as open
    from due group by 1, 2 order by 2, 1`);
  return rows
    .map(({ open: amount, ...row }) => ({ ...row, open: moneyFromNumeric(amount, row.currency) }))
    .sort(
      (a, b) =>
        (a.currency < b.currency ? -1 : a.currency > b.currency ? 1 : 0) ||
        ageBuckets.indexOf(a.bucket) - ageBuckets.indexOf(b.bucket),
    );
}
