import { Checkbox, NumberInput } from '@mantine/core';
import { type Around, CandidateFields, type Candidates, wholeNumber } from './candidate-fields.tsx';
import type { Moment } from './drawn-values.ts';
import { ChoiceField, Rows, TextField } from './fields.tsx';
import { MomentFields } from './moment-fields.tsx';

/** How several people decide together (`tradeai:vote`). */
export interface Vote {
  seats?: number | undefined;
  count?: number | undefined;
  share?: number | undefined;
  veto?: boolean | undefined;
  stopsEarly?: boolean | undefined;
  fallback?: string | undefined;
}

/** What happens while a task waits (`tradeai:escalation`). */
export interface Escalation extends Moment {
  does?: string | undefined;
  outcome?: string | undefined;
  code?: string | undefined;
  candidates?: Candidates | undefined;
}

/** What whoever decides may set (`tradeai:field`). */
export interface Field {
  variable?: string | undefined;
  label?: string | undefined;
  required?: boolean | undefined;
}

const needs = [
  { value: 'consensus', label: 'Everybody who is asked' },
  { value: 'count', label: 'So many of them' },
  { value: 'share', label: 'A share of them' },
];

/** How several decide together. */
export function VoteFields({
  value,
  put,
  outcomes,
}: {
  value: Vote;
  put(value: Vote): void;
  outcomes: readonly string[];
}) {
  const kind = value.count !== undefined ? 'count' : value.share !== undefined ? 'share' : 'consensus';
  const change = (more: Vote) => put({ ...value, ...more });
  return (
    <>
      <div className="draw-pair narrow-first">
        <NumberInput
          label="People asked"
          min={1}
          placeholder="All"
          value={value.seats ?? ''}
          onChange={(seats) => change({ seats: wholeNumber(seats) })}
        />
        <ChoiceField
          label="Approvals needed"
          isRequired
          data={needs}
          value={kind}
          say={(next) => change({ count: next === 'count' ? 1 : undefined, share: next === 'share' ? 0.5 : undefined })}
        />
      </div>
      {kind === 'count' && (
        <NumberInput
          label="How many"
          min={1}
          value={value.count ?? 1}
          onChange={(count) => change({ count: wholeNumber(count) ?? 1 })}
        />
      )}
      {kind === 'share' && (
        <NumberInput
          label="Share, above 0 to 1"
          min={0}
          max={1}
          step={0.1}
          value={value.share ?? 0.5}
          onChange={(share) => change({ share: Number(share) })}
        />
      )}
      <Checkbox
        size="xs"
        label="One rejection decides against it"
        checked={value.veto === true}
        onChange={(event) => change({ veto: event.currentTarget.checked || undefined })}
      />
      <Checkbox
        size="xs"
        label="Told as soon as no further vote can change it"
        checked={value.stopsEarly !== false}
        onChange={(event) => change({ stopsEarly: event.currentTarget.checked ? undefined : false })}
      />
      <ChoiceField
        label="Outcome where too few can be asked"
        placeholder="None: an administrator is told"
        data={outcomes}
        value={value.fallback}
        say={(fallback) => change({ fallback })}
      />
    </>
  );
}

const deeds = [
  { value: 'remind', label: 'Remind whoever it waits for' },
  { value: 'reassign', label: 'Ask others instead' },
  { value: 'complete', label: 'Decide it' },
  { value: 'escalate', label: 'Escalate to an event at its edge' },
];

/** Reminders and escalations, each counted from when the task was opened. */
export function EscalationFields({
  value,
  put,
  outcomes,
  around,
}: {
  value: readonly Escalation[];
  put(value: Escalation[]): void;
  outcomes: readonly string[];
  around: Around;
}) {
  return (
    <Rows items={value} name="reminder or escalation" add={{ after: 'P2D', does: 'remind' }} put={put}>
      {(one, change) => {
        const { at: _at, after: _after, every: _every, calendar: _calendar, ...what } = one;
        return (
          <>
            <MomentFields label="When" value={one} put={(moment) => change({ ...what, ...moment })} />
            <ChoiceField
              label="Then"
              isRequired
              data={deeds}
              value={one.does}
              say={(does) => {
                const { outcome: _o, code: _c, candidates: _w, does: _d, ...moment } = one;
                change({ ...moment, does, ...(does === 'reassign' ? { candidates: {} } : {}) });
              }}
            />
            {one.does === 'complete' && (
              <ChoiceField
                label="With the outcome"
                data={outcomes}
                value={one.outcome}
                say={(outcome) => change({ ...one, outcome })}
              />
            )}
            {one.does === 'escalate' && (
              <TextField label="Code" isCode value={one.code} say={(code) => change({ ...one, code })} />
            )}
            {one.does === 'reassign' && (
              <CandidateFields
                value={one.candidates ?? {}}
                put={(candidates) => change({ ...one, candidates })}
                around={around}
              />
            )}
          </>
        );
      }}
    </Rows>
  );
}

/** What whoever decides is asked for. */
export function FormFields({
  value,
  put,
  around,
}: {
  value: readonly Field[];
  put(value: Field[]): void;
  around: Around;
}) {
  return (
    <Rows items={value} name="field" add={{}} put={put}>
      {(one, change) => (
        <>
          <div className="draw-pair">
            <ChoiceField
              label="Variable"
              data={around.variables}
              value={one.variable}
              say={(variable) => change({ ...one, variable, label: one.label ?? variable })}
            />
            <TextField label="Label" value={one.label} say={(label) => change({ ...one, label })} />
          </div>
          <Checkbox
            size="xs"
            label="Required"
            checked={one.required === true}
            onChange={(event) => change({ ...one, required: event.currentTarget.checked || undefined })}
          />
        </>
      )}
    </Rows>
  );
}
