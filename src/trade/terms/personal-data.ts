import type { PersonalData } from '#module';

const agreements = {
  purpose: 'Agreements with customers: who made and who agreed to them',
  basis: 'legal obligation',
  retention: '7 years after they ended',
  because: 'what was agreed is evidence of what is owed',
} as const;

/** What agreements hold about people. */
export const termsData: readonly PersonalData[] = [
  {
    ...agreements,
    ...{ table: 'terms.agreement_version', person: 'made_by', erasure: 'kept under a pseudonym' },
    columns: { note: 'what they noted, in their words', made_at: 'when' },
  },
  {
    ...agreements,
    ...{ table: 'terms.condition_result', person: 'recorded_by', erasure: 'kept under a pseudonym' },
    columns: { note: 'why a condition was met or not, in their words', recorded_at: 'when' },
  },
];
