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
    ...{ table: 'workflow.absence', person: 'person_id', erasure: 'kept under a pseudonym', provided: true },
    purpose: 'Giving tasks to who stands in while somebody is away',
    columns: { starts_on: 'from when they are away', ends_on: 'until when', ended_at: 'when they came back before' },
  },
  {
    ...{ table: 'workflow.mail', person: 'person_id', basis: 'legitimate interest', erasure: 'expires' },
    because: 'it tells whether a letter went out; it holds an id, never an address or what was written',
    purpose: 'Telling people by e-mail of what waits for them',
    retention: '90 days after it was sent or given up',
    columns: { kind: 'why they were written to', happened_at: 'when', state: 'whether it went out', error: 'why not' },
  },
  {
    ...{ table: 'workflow.mail_choice', person: 'person_id', basis: 'legitimate interest' },
    ...{ erasure: 'kept under a pseudonym', because: 'it is one word under an id that then names nobody' },
    purpose: 'Telling people by e-mail of what waits for them, as they chose',
    retention: 'as long as the tenant is kept',
    columns: { choice: 'how they want to hear', changed_at: 'when they chose' },
  },
  {
    ...decisions,
    ...{ table: 'workflow.attachment', person: 'attached_by', erasure: 'kept under a pseudonym' },
    columns: { file_name: 'name of a paper', attached_at: 'when they attached it' },
  },
  {
    ...decisions,
    ...{ table: 'workflow.attachment_chunk', person: null, erasure: 'kept under a pseudonym' },
    columns: { bytes: 'a paper about the record, which may name people' },
  },
  {
    ...decisions,
    ...{ table: 'workflow.incident', person: 'resolved_by', erasure: 'kept under a pseudonym', provided: true },
    columns: { note: 'what they mended, in their words', resolved_at: 'when' },
  },
];
