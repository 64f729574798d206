import { sql } from '#db';
import type { DutyDeclaration, DutyTrace } from '#module';

const items = (...happened: string[]): DutyTrace[] =>
  ['deduction', 'claim'].map((entityType) => ({ entityType, actions: happened.map((one) => `${entityType}.${one}`) }));

/** Through what an item is matched to: the promotions whose money it settles. */
const promotionsOfItem = sql<{ entity_id: string; record_id: string }>`select match.item_id::text as entity_id,
  liability.promotion_id::text as record_id from settlement.match join settlement.liability
  on liability.tenant_id = match.tenant_id and liability.tactic_id = match.tactic_id`;

/** Who approves does not settle, who captures does not settle alone, who prepares a journal does not approve it. */
export const settlementDuties: DutyDeclaration = {
  duties: [
    {
      code: 'promotion.settle',
      name: 'settle a claim or deduction of a promotion',
      permissions: ['claims:settle'],
      traces: items('settled').map((trace) => ({ ...trace, records: promotionsOfItem })),
    },
    {
      code: 'item.capture',
      name: 'capture a claim or deduction',
      permissions: ['claims:write'],
      traces: items('captured'),
    },
    {
      code: 'item.resolve',
      name: 'settle or write off a claim or deduction',
      permissions: ['claims:settle', 'claims:writeoff'],
      traces: items('settled', 'written_off'),
    },
    {
      code: 'journal.prepare',
      name: 'prepare a journal',
      permissions: ['accruals:post'],
      traces: [{ entityType: 'journal', actions: ['journal.prepared'] }],
    },
    {
      code: 'journal.approve',
      name: 'approve a journal',
      permissions: ['accruals:post'],
      traces: [{ entityType: 'journal', actions: ['journal.approved'] }],
    },
    {
      code: 'period.ask',
      name: 'ask to reopen a period',
      permissions: ['periods:close'],
      traces: [{ entityType: 'period', actions: ['period.reopen_asked'] }],
    },
    {
      code: 'period.reopen',
      name: 'reopen a period',
      permissions: ['periods:close'],
      traces: [{ entityType: 'period', actions: ['period.reopened'] }],
    },
  ],
  conflicts: [
    {
      code: 'promotion.approve-settle',
      first: 'promotion.approve',
      second: 'promotion.settle',
      risk: 'Whoever grants the money also pays it out.',
      recordType: 'promotion',
      onRecord: 'refused',
      inRoles: 'shown',
    },
    {
      code: 'item.capture-resolve',
      first: 'item.capture',
      second: 'item.resolve',
      risk: 'A claim is made up and paid by the same person.',
      recordType: 'item',
      onRecord: 'reported',
      inRoles: 'shown',
    },
    {
      code: 'journal.prepare-approve',
      first: 'journal.prepare',
      second: 'journal.approve',
      risk: 'The books are changed without a second look.',
      recordType: 'journal',
      onRecord: 'refused',
      inRoles: 'shown',
    },
    {
      code: 'period.ask-reopen',
      first: 'period.ask',
      second: 'period.reopen',
      risk: 'A closed period is opened again by one person alone.',
      recordType: 'period',
      onRecord: 'refused',
      inRoles: 'shown',
    },
  ],
};
