import { Checkbox } from '@mantine/core';
import { CandidateFields, type Candidates } from './candidate-fields.tsx';
import { Rows, Section, TextField } from './fields.tsx';
import { ownOf, textOf } from './moddle-parts.ts';
import { MomentFields } from './moment-fields.tsx';
import type { Of } from './picked.ts';
import { type Escalation, EscalationFields, type Field, FormFields, type Vote, VoteFields } from './task-fields.tsx';

/** Who decides, what, by when and with whom. */
export function UserTaskFields({ part, own, around }: Of) {
  const candidates = ownOf<Candidates>(part, 'Candidates')[0];
  const outcomes = ownOf<{ name?: string }>(part, 'Outcome').map(({ name = '' }) => name);
  const [due] = ownOf<Escalation>(part, 'Due');
  const [vote] = ownOf<Vote>(part, 'Vote');
  const escalations = ownOf<Escalation>(part, 'Escalation');
  const form = ownOf<Field>(part, 'Field');
  return (
    <>
      <Section title="Who decides" isOpen>
        <CandidateFields value={candidates ?? {}} put={(value) => own('Candidates', [value])} around={around} />
      </Section>
      <Section title={`Outcomes: ${outcomes.join(', ') || 'none'}`} isOpen={outcomes.length === 0}>
        <div className="t-dim t-sm">
          The first is the approval. Conditions read it as {`${textOf(part.id)}.outcome`}.
        </div>
        <Rows
          items={outcomes}
          name="outcome"
          add=""
          put={(names) =>
            own(
              'Outcome',
              names.map((name) => ({ name })),
            )
          }
        >
          {(name, set) => <TextField label="Outcome" isCode value={name} say={set} />}
        </Rows>
      </Section>
      <Section title={due ? 'Due' : 'Due: no time'} isOpen={due !== undefined}>
        <Checkbox
          size="xs"
          label="It is due at a time"
          checked={due !== undefined}
          onChange={(event) => own('Due', event.currentTarget.checked ? [{ after: 'P2D' }] : [])}
        />
        {due && <MomentFields label="Due" value={due} put={(value) => own('Due', [value])} />}
      </Section>
      <Section title={`Reminders and escalations: ${escalations.length}`} isOpen={escalations.length > 0}>
        <EscalationFields
          value={escalations}
          put={(value) => own('Escalation', value)}
          outcomes={outcomes}
          around={around}
        />
      </Section>
      <Section title={vote ? 'Several decide together' : 'One decides'} isOpen={vote !== undefined}>
        <Checkbox
          size="xs"
          label="Several decide together"
          checked={vote !== undefined}
          onChange={(event) => own('Vote', event.currentTarget.checked ? [{ count: 2 }] : [])}
        />
        {vote && <VoteFields value={vote} put={(value) => own('Vote', [value])} outcomes={outcomes} />}
      </Section>
      <Section title={`Form: ${form.length} fields`} isOpen={form.length > 0}>
        <FormFields value={form} put={(value) => own('Field', value)} around={around} />
      </Section>
    </>
  );
}
