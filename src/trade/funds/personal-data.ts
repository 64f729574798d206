import type { PersonalData } from '#module';

const books = {
  purpose: 'Books: money that was moved, and who moved it',
  basis: 'legal obligation',
  retention: '7 years',
  because: 'books are kept for 7 years',
} as const;

/** What transfers of funds hold about people. */
export const fundsData: readonly PersonalData[] = [
  {
    ...books,
    ...{ table: 'funds.entry', person: 'actor_id', erasure: 'kept under a pseudonym' },
    columns: { note: 'why money was entered, in their words', occurred_at: 'when' },
  },
  {
    ...books,
    ...{ table: 'funds.transfer', person: 'proposed_by', erasure: 'kept under a pseudonym' },
    columns: { note: 'why money was moved, in their words', comment: 'why it was decided so', proposed_at: 'when' },
  },
  {
    ...books,
    ...{ table: 'funds.budget_request', person: 'requested_by', erasure: 'kept under a pseudonym' },
    columns: { note: 'why money was asked for', comment: 'why it was decided so', requested_at: 'when' },
  },
];
