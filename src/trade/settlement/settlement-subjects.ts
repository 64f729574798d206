import { sql } from '#db';
import type { Subject } from '#subjects';

/** Deductions and claims by the customer's number, and journals, which have none. */
export const settlementSubjects: readonly Subject[] = [
  {
    type: 'deduction',
    permission: 'claims:read',
    rows: sql`select id, reference as code, note as name, state from settlement.item where kind = 'deduction'`,
  },
  {
    type: 'claim',
    permission: 'claims:read',
    rows: sql`select id, reference as code, note as name, state from settlement.item where kind = 'claim'`,
  },
  {
    type: 'journal',
    permission: 'accruals:read',
    rows: sql`select id, kind as code, '' as name, state from settlement.journal`,
    searched: false,
  },
];
