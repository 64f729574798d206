import type { Context } from '#context';
import { sql, type TenantTx } from '#db';
import { type Money, moneyFromNumeric } from '#money';
import type { ConfirmedChoice, MatchWeights } from './domain/match-model.ts';
import type { ReasonCount } from './domain/reason-memory.ts';
import { type ItemRow, itemColumns, type SettlementItem, toItem } from './item-store.ts';

type Tx = TenantTx<Context>;

/** A tactic that owes something, as the books know it. */
export interface OpenTactic {
  tacticId: string;
  promotionId: string;
  promotionCode: string;
  customerId: string;
  mechanic: string;
  startsOn: string;
  claimByOn: string;
  open: Money;
}

/** Customers for whom any tactic ever accrued. */
export async function owingCustomers(tx: Tx): Promise<string[]> {
  const rows = await tx.many<{ id: string }>(sql`select distinct customer_id as id from settlement.liability`);
  return rows.map(({ id }) => id);
}

/** Tactics that owe something: all of them, or those of some customers. */
export async function readOpenTactics(tx: Tx, customerIds?: readonly string[]): Promise<OpenTactic[]> {
  const ofCustomers = customerIds ? sql`and customer_id = any(${[...customerIds]}::uuid[])` : sql``;
  const rows = await tx.many<Omit<OpenTactic, 'open'> & { open: string; currency: string }>(sql`
    select tactic_id as "tacticId", promotion_id as "promotionId", promotion_code as "promotionCode",
      customer_id as "customerId", mechanic, starts_on as "startsOn", claim_by_on as "claimByOn", currency,
      earned - settled - released as open
    from settlement.liability where earned - settled - released > 0 ${ofCustomers} order by tactic_id`);
  return rows.map(({ open, currency, ...row }) => ({ ...row, open: moneyFromNumeric(open, currency) }));
}

/** The weights in force with their version; undefined while the tenant has none of its own. */
export async function readModel(
  tx: Tx,
): Promise<{ version: number; weights: MatchWeights; learnedFrom: number; fittedAt: Date } | undefined> {
  return tx.maybe(sql`select version, weights, learned_from as "learnedFrom", fitted_at as "fittedAt"
    from settlement.match_model order by version desc limit 1`);
}

/** Stores weights as the next version. */
export async function insertModel(tx: Tx, model: { version: number; weights: MatchWeights; learnedFrom: number }) {
  await tx.run(sql`insert into settlement.match_model (tenant_id, version, weights, learned_from, fitted_at)
    values (${tx.context.tenant.id}, ${model.version}, ${JSON.stringify(model.weights)}, ${model.learnedFrom},
      ${tx.context.clock.now()}) on conflict do nothing`);
}

/** States in which a person has confirmed what an item is for. */
const confirmed = sql`('matched', 'valid', 'partially_valid', 'settled', 'disputed', 'recovered', 'written_off', 'invalid')`;
/** Matches that a person made; the product's own are no lesson. */
const byPeople = sql`match.matched_by <> '00000000-0000-0000-0000-000000000000'`;

/** How often reason codes stood for mechanics in confirmed matches, by the item's customer. */
export async function readReasonCounts(tx: Tx): Promise<(Omit<ReasonCount, 'retailerId'> & { customerId: string })[]> {
  return tx.many(sql`
    select item.customer_id as "customerId", item.reason_code as "reasonCode", liability.mechanic,
      count(*)::int as count
    from settlement.match join settlement.item on item.id = match.item_id
      join settlement.liability on liability.tactic_id = match.tactic_id
    where item.reason_code is not null and item.state in ${confirmed} and ${byPeople} group by 1, 2, 3`);
}

/** One alternative that was weighed, as it is stored. */
export interface StoredSuggestion {
  parts: { tacticId: string; promotionId: string; promotionCode: string; mechanic: string; amount: string }[];
  confidence: number;
  reasons: string[];
  evidence: Record<string, number>;
}

/** What matching said of an item, as it is stored. */
export interface StoredAnswer {
  suggestions: StoredSuggestion[];
  /** Whether the first of them is proposed. */
  proposed: boolean;
  abstained: string | null;
  none: { confidence: number; evidence: Record<string, number> };
}

/**
 * Items after one in the order of their ids, which is that of their capture, that wait for a match: all of them, or those
 * that matching said nothing of yet. Batch after batch reads each item once.
 */
export async function openItemsAfter(
  tx: Tx,
  afterId: string,
  { limit, onlyNew }: { limit: number; onlyNew: boolean },
): Promise<SettlementItem[]> {
  const unweighed = sql`and not exists (select from settlement.suggestion where suggestion.item_id = item.id)`;
  const rows = await tx.many<ItemRow>(sql`select ${itemColumns} from settlement.item
    where item.id > ${afterId} and split_at is null and state in ('captured', 'categorised', 'needs_research')
      ${onlyNew ? unweighed : sql``}
    order by item.id limit ${limit}`);
  return rows.map(toItem);
}

/** Keeps what matching says of items, in the place of what it said before. */
export async function saveAnswers(
  tx: Tx,
  modelVersion: number,
  answers: readonly { itemId: string; confidence: string | null; answer: StoredAnswer }[],
): Promise<void> {
  await tx.run(sql`
    insert into settlement.suggestion (tenant_id, item_id, model_version, confidence, answer, made_at)
    select ${tx.context.tenant.id}, s."itemId", ${modelVersion}, s.confidence, s.answer, ${tx.context.clock.now()}
    from jsonb_to_recordset(${JSON.stringify(answers)}::jsonb) as s ("itemId" uuid, confidence numeric, answer jsonb)
    order by s."itemId"
    on conflict (tenant_id, item_id) do update set model_version = excluded.model_version,
      confidence = excluded.confidence, answer = excluded.answer, made_at = excluded.made_at`);
}

/** How many items people have confirmed that matching had weighed before. */
export async function countConfirmed(tx: Tx): Promise<number> {
  const { count } = await tx.one<{ count: number }>(sql`select count(*)::int as count from settlement.suggestion
    join settlement.item on item.id = suggestion.item_id where item.split_at is null and item.state in ${confirmed}`);
  return count;
}

/** The latest confirmed items with the evidence of what was weighed for them and which of it was right. */
export async function readConfirmedChoices(tx: Tx, limit: number): Promise<ConfirmedChoice[]> {
  const rows = await tx.many<{ answer: StoredAnswer; tacticIds: string[]; byPerson: boolean }>(sql`
    select suggestion.answer, coalesce(array_agg(match.tactic_id::text order by match.tactic_id)
        filter (where match.tactic_id is not null), '{}') as "tacticIds",
      coalesce(bool_and(${byPeople}), true) as "byPerson"
    from settlement.suggestion join settlement.item on item.id = suggestion.item_id
      left join settlement.match on match.item_id = item.id
    where item.split_at is null and item.state in ${confirmed}
    group by item.tenant_id, item.id, suggestion.tenant_id, suggestion.item_id, suggestion.answer
    order by item.id desc limit ${limit}`);
  return rows.flatMap(({ answer, tacticIds, byPerson }) => {
    if (!byPerson) return [];
    const wanted = [...tacticIds].sort().join();
    const right = answer.suggestions.findIndex(
      ({ parts }) =>
        parts
          .map(({ tacticId }) => tacticId)
          .sort()
          .join() === wanted,
    );
    // What nobody had weighed teaches nothing about the weights.
    if (right < 0 && tacticIds.length > 0) return [];
    const alternatives = [answer.none.evidence, ...answer.suggestions.map(({ evidence }) => evidence)];
    return [{ alternatives, right: right + 1 }];
  });
}
