import type { Context } from '#context';
import { type RawBuilder, sql, type TenantTx } from '#db';
import { amountOf, type Money, moneyFromNumeric } from '#money';
import { branchOf } from './branch-customers.ts';
import { type ComparableItem, duplicateDays, duplicateReason } from './domain/duplicates.ts';
import { type ItemFlag, type NamedPromotion, postAuditReason } from './domain/item-flag.ts';
import { type ItemKind, itemKinds } from './domain/settlement-item.ts';

type Tx = TenantTx<Context>;

/** What flags are sought by. */
export interface FlaggedItem {
  id: string;
  kind: ItemKind;
  customerId: string;
  reference: string;
  amount: Money;
  takenOn: string;
  note: string;
}

type EarlierRow = Omit<ComparableItem, 'amountMinor'> & { amount: string };

/** Earlier captures of the customer with the same amount or number. */
async function readAlike(tx: Tx, item: FlaggedItem): Promise<ComparableItem[]> {
  const earlier = (alike: RawBuilder<unknown>) => sql`
    (select id, customer_id as "customerId", reference, amount, currency, taken_on as "takenOn", captured_at
    from settlement.item where customer_id = ${item.customerId} and parent_id is null and id <> ${item.id}
      and taken_on between ${item.takenOn}::date - ${duplicateDays}::int and ${item.takenOn}::date + ${duplicateDays}::int
      and ${alike} order by captured_at, id limit 50)`;
  const rows = await tx.many<EarlierRow>(sql`
    select id, "customerId", reference, amount, currency, "takenOn" from (
      ${earlier(sql`amount_scaled = (${amountOf(item.amount)}::numeric * 10000)::bigint`)} union ${earlier(sql`kind = any(${[...itemKinds]}) and reference = ${item.reference}`)}
    ) alike order by captured_at, id limit 50`);
  return rows.map(({ amount, ...row }) => ({ ...row, amountMinor: moneyFromNumeric(amount, row.currency).minor }));
}

/** Promotions of the customer's branch whose code stands in the text. */
async function readNamed(tx: Tx, item: FlaggedItem): Promise<NamedPromotion[]> {
  const words = `${item.reference} ${item.note}`.match(/[\p{L}\p{N}][\p{L}\p{N}_./-]*[\p{L}\p{N}]/gu) ?? [];
  if (words.length === 0) return [];
  const codes = [...new Set(words.slice(0, 60).flatMap((word) => [word, word.toUpperCase()]))];
  const named = await tx.many<NamedPromotion & { customerId: string }>(sql`
    select promotion_code as code, customer_id as "customerId", max(claim_by_on) as "claimByOn",
      bool_or(earned - settled - released > 0 or earned = 0) as open
    from settlement.liability where promotion_code = any(${codes})
    group by promotion_code, customer_id order by promotion_code`);
  if (named.length === 0) return [];
  const owners = named.map(({ customerId }) => customerId);
  const { related } = await branchOf(tx, item.customerId, owners);
  return named.filter(({ customerId }) => related.has(customerId));
}

/** Why people should look twice at an item that is captured now: a repeat of another, or a claim after an audit. */
export async function flagsOf(tx: Tx, item: FlaggedItem): Promise<ItemFlag[]> {
  const flags: ItemFlag[] = [];
  const own: ComparableItem = { ...item, amountMinor: item.amount.minor, currency: item.amount.currency };
  for (const earlier of await readAlike(tx, item)) {
    const reason = duplicateReason(own, earlier);
    if (reason) {
      flags.push({ flag: 'duplicate', reason, itemId: earlier.id });
      break;
    }
  }
  const reason = postAuditReason(`${item.reference} ${item.note}`, item.takenOn, await readNamed(tx, item));
  if (reason) flags.push({ flag: 'post_audit', reason });
  return flags;
}
