import { sql } from '#db';
import { aboutProducts } from '#promotions';
import type { ScopeColumns, ScopeDeclaration, ScopedThing } from '#scope';

/** A line of the books lies where its promotion's products lie; one without a promotion in no part of the products. */
const linePromotion = aboutProducts(sql`line.tenant_id`, sql`line.promotion_id`);
/** What is owed is of all the promotion: one event has one sum. */
const liabilityPromotion = aboutProducts(sql`liability.tenant_id`, sql`liability.promotion_id`);

/**
 * Deductions, claims and settlements of them lie where their customer lies, and once matched where the promotions lie that
 * they are matched to; whoever works on one has all of those.
 */
export const itemScope: ScopeColumns = {
  customer: sql`item.customer_id`,
  product: (
    ids,
  ) => sql`not exists (select from settlement.match match join settlement.liability on liability.tenant_id = match.tenant_id
      and liability.tactic_id = match.tactic_id
    where match.tenant_id = item.tenant_id and match.item_id = item.id and not ${liabilityPromotion(ids)})`,
  whole: {
    parts: {
      type: 'tactic',
      from: sql`settlement.match where match.tenant_id = item.tenant_id and match.item_id = item.id`,
      id: sql`match.tactic_id`,
    },
  },
};
/** What is owed lies where its customer lies, and where its promotion's products do. */
export const liabilityScope: ScopeColumns = { customer: sql`liability.customer_id`, product: liabilityPromotion };
/** A payment advice lies where its customer lies. */
export const remittanceScope: ScopeColumns = { customer: sql`remittance.customer_id` };
/** A retailer's reason codes hold for it and everything below it. */
export const reasonCodeScope: ScopeColumns = { customer: sql`reason_code.customer_id`, covering: true };
/** A journal is one sum: it lies in a part only where every line of it does. */
export const journalScope: ScopeColumns = {
  customer: (ids) => sql`not exists (select from settlement.journal_line line where line.tenant_id = journal.tenant_id
    and line.journal_id = journal.id and line.customer_id <> all(${ids}))`,
  product: (ids) => sql`not exists (select from settlement.journal_line line where line.tenant_id = journal.tenant_id
    and line.journal_id = journal.id and not ${linePromotion(ids)})`,
};

const items = (kind: 'deduction' | 'claim', fields: readonly string[]): ScopedThing => ({
  type: kind,
  paths: [`/${kind}s/:id`],
  fields: [`${kind}Id`, ...fields],
  changedBy: [`${kind}Id`, ...fields],
  from: sql`settlement.item`,
  id: sql`item.id`,
  scope: itemScope,
});

/** Deductions, claims, remittances and journals. */
export const settlementScope: ScopeDeclaration = {
  things: [
    items('deduction', ['itemId', 'itemIds']),
    items('claim', []),
    {
      type: 'remittance',
      paths: ['/remittances/:id'],
      fields: ['remittanceId'],
      from: sql`settlement.remittance`,
      id: sql`remittance.id`,
      scope: remittanceScope,
    },
    {
      type: 'journal',
      paths: ['/journals/:id'],
      fields: ['journalId'],
      from: sql`settlement.journal`,
      id: sql`journal.id`,
      scope: journalScope,
    },
  ],
};
