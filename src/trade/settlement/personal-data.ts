import type { PersonalData } from '#module';

const books = {
  purpose: 'Books: deductions, claims and what settled them',
  basis: 'legal obligation',
  retention: '7 years',
  because: 'books and their vouchers are kept for 7 years',
} as const;

/** What deductions, claims and settlements hold about people. */
export const settlementData: readonly PersonalData[] = [
  {
    ...books,
    ...{ table: 'settlement.item', person: 'captured_by', erasure: 'kept under a pseudonym' },
    columns: {
      note: 'the text of a deduction or claim, in which a customer may name people',
      proof_waived: 'why it was valid without proof',
      captured_at: 'when it was captured',
    },
  },
  {
    ...books,
    ...{ table: 'settlement.settlement', person: 'settled_by', erasure: 'kept under a pseudonym' },
    columns: { note: 'why it was settled so', settled_at: 'when' },
  },
  {
    ...books,
    ...{ table: 'settlement.close_waiver', person: 'waived_by', erasure: 'kept under a pseudonym' },
    columns: { reason: 'why a check was waived at the close of a period', waived_at: 'when' },
  },
  {
    ...books,
    ...{ table: 'settlement.attachment', person: 'attached_by', erasure: 'kept under a pseudonym' },
    columns: { file_name: 'name of a paper', purpose: 'what it proves', attached_at: 'when it was attached' },
  },
  {
    ...books,
    ...{ table: 'settlement.attachment_chunk', person: null, erasure: 'kept under a pseudonym' },
    columns: { bytes: 'a paper of a customer, which may name their people' },
  },
];
