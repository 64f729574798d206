import type { PersonalData } from '#module';

const plans = {
  purpose: 'Planning promotions: who planned, changed and approved them',
  basis: 'legal obligation',
  retention: '7 years after the promotion was closed',
  because: 'it is evidence of why money was spent',
} as const;

/** What promotions hold about people. */
export const promotionsData: readonly PersonalData[] = [
  {
    ...plans,
    ...{ table: 'promotions.amendment', person: 'proposed_by', erasure: 'kept under a pseudonym' },
    columns: { reason: 'why they changed it, in their words', comment: 'why it was decided so', proposed_at: 'when' },
  },
  {
    ...plans,
    ...{ table: 'promotions.history', person: 'actor_id', erasure: 'kept under a pseudonym' },
    columns: { action: 'what they did', detail: 'why, in their words', at: 'when' },
  },
];
