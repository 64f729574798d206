import { type RawBuilder, sql } from '#db';
import { type Breach, type Invariant, maxBreaches } from '#module';
import { amountOf, compare, moneyFromNumeric, zero } from '#money';
import { withoutTax } from './domain/settlement-item.ts';
import { type ItemRow, itemColumns, toItem } from './item-store.ts';

/** An invariant whose breaches one query finds, each with subject and detail. */
const byQuery = (name: string, statement: string, query: RawBuilder<Breach>): Invariant => ({
  name,
  statement,
  findBreaches: (tx) => tx.many<Breach>(query),
});

/** What must hold of deductions, claims and settlements at every moment. */
export const claimsInvariants: readonly Invariant[] = [
  byQuery(
    'claims.item-is-its-resolutions-and-what-is-open',
    'Of every deduction and claim: what was settled, recovered and written off is the sum of its settlements, and within its amount.',
    sql`select item.kind || '/' || item.id as subject,
        'amount ' || item.amount || ', settled ' || item.settled || ', recovered ' || item.recovered || ', written off '
          || item.written_off || '; settlements say ' || coalesce(told.settled, 0) || ', ' || coalesce(told.recovered, 0)
          || ', ' || coalesce(told.written_off, 0) as detail
      from settlement.item left join (
        select tenant_id, item_id, sum(amount) filter (where kind in ('credit_memo', 'check', 'offset')) as settled,
          sum(amount) filter (where kind = 'recovery') as recovered,
          sum(amount) filter (where kind = 'write_off') as written_off
        from settlement.settlement group by tenant_id, item_id) told
        on told.tenant_id = item.tenant_id and told.item_id = item.id
      where item.settled <> coalesce(told.settled, 0) or item.recovered <> coalesce(told.recovered, 0)
        or item.written_off <> coalesce(told.written_off, 0)
        or item.settled + item.recovered + item.written_off > item.amount
      order by item.id limit ${maxBreaches}`,
  ),
  byQuery(
    'claims.parts-sum-to-the-whole',
    'The parts of every split sum to the whole, amount and tax.',
    sql`select item.kind || '/' || item.id as subject,
        'amount ' || item.amount || ' and tax ' || item.tax || '; parts ' || coalesce(sum(part.amount), 0) || ' and '
          || coalesce(sum(part.tax), 0) as detail
      from settlement.item left join settlement.item part on part.tenant_id = item.tenant_id and part.parent_id = item.id
      where item.split_at is not null group by item.tenant_id, item.id, item.kind, item.amount, item.tax
      having coalesce(sum(part.amount), 0) <> item.amount or coalesce(sum(part.tax), 0) <> item.tax
      order by item.id limit ${maxBreaches}`,
  ),
  {
    name: 'claims.matches-within-the-amount',
    statement:
      'What is matched to tactics is at most the amount of the item, and what was found valid is matched, but for the tax in it.',
    findBreaches: async (tx) => {
      // The tax of a part is rounded by the currency: what may be too little is looked at to the cent.
      const rows = await tx.many<ItemRow & { matched: string }>(sql`select ${itemColumns}, matched.amount as matched
        from settlement.item join (
          select tenant_id, item_id, sum(amount) as amount from settlement.match group by tenant_id, item_id) matched
          on matched.tenant_id = item.tenant_id and matched.item_id = item.id
        where matched.amount > item.amount
          or coalesce(item.valid_amount, 0) * (item.amount - item.tax) > matched.amount * item.amount
        order by item.id`);
      const breaches = rows.flatMap(({ matched: sum, ...row }): Breach[] => {
        const item = toItem(row);
        const matched = moneyFromNumeric(sum, row.currency);
        const valid = item.validAmount ?? zero(row.currency);
        const [net] = withoutTax(item, valid);
        if (compare(matched, item.amount) <= 0 && compare(net, matched) <= 0) return [];
        const [amount, found, tax] = [item.amount, valid, item.tax].map(amountOf);
        const detail = `amount ${amount}, tax ${tax}, valid ${found}, matched ${amountOf(matched)}`;
        return [{ subject: `${item.kind}/${item.id}`, detail }];
      });
      return breaches.slice(0, maxBreaches);
    },
  },
  byQuery(
    'claims.remittance-adds-up',
    'The lines of every remittance sum to what was paid.',
    sql`select 'remittance/' || remittance.id as subject,
        'paid ' || remittance.total || ', lines ' || coalesce(sum(line.amount), 0) as detail
      from settlement.remittance left join settlement.remittance_line line
        on line.tenant_id = remittance.tenant_id and line.remittance_id = remittance.id
      group by remittance.tenant_id, remittance.id, remittance.total, remittance.line_count
      having coalesce(sum(line.amount), 0) <> remittance.total or count(line.position) <> remittance.line_count
      order by remittance.id limit ${maxBreaches}`,
  ),
];
