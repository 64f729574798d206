import type { PersonalData } from '#module';

const decisions = {
  purpose: 'Deciding together: tasks, comments and what was said about a record',
  basis: 'legitimate interest',
  retention: 'as long as the record that they are about',
  because: 'what was said before money was spent belongs to the record',
} as const;

/** What comments and tasks hold about people. */
export const workflowData: readonly PersonalData[] = [
  {
    ...decisions,
    ...{ table: 'workflow.comment', person: 'author_id', erasure: 'kept under a pseudonym', provided: true },
    columns: { text: 'what they said, in their words', subject_type: 'about what', at: 'when' },
  },
  {
    ...decisions,
    ...{ table: 'workflow.task', person: 'completed_by', erasure: 'kept under a pseudonym', provided: true },
    columns: { comment: 'why they decided so, in their words', outcome: 'what they decided', step: 'at which step' },
  },
  {
    ...decisions,
    ...{ table: 'workflow.ballot', person: 'person_id', erasure: 'kept under a pseudonym', provided: true },
    columns: { comment: 'why they voted so, in their words', outcome: 'what they voted', cast_at: 'when' },
  },
  {
    ...decisions,
    ...{ table: 'workflow.incident', person: 'resolved_by', erasure: 'kept under a pseudonym', provided: true },
    columns: { note: 'what they mended, in their words', resolved_at: 'when' },
  },
];
