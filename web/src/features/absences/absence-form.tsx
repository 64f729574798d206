import { Select, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { namesQuery } from '../../api/queries.ts';
import { request } from '../../api/request.ts';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { movedBy, today } from '../../ui/format.ts';
import { sayDone } from '../../ui/toast.tsx';
import { ScopeFields } from '../people/reach-fields.tsx';
import type { Scope } from '../people/shapes.ts';
import type { Absence, SavedAbsence } from './shapes.ts';

/** How long somebody is away unless they say otherwise. */
const usualDays = 7;
const nothing: Scope = { customers: null, products: null };

interface AbsenceFormProps {
  /** Whose it is. */
  personId: string;
  name: string;
  /** What is changed; absent: a new one. */
  absence?: Absence;
  /** A part is handed over; the person is not away. */
  partial: boolean;
  saved(answer: SavedAbsence): void;
  close(): void;
}

/** Says when somebody is away and who stands in, or hands over a part of what they decide. */
export function AbsenceForm({ personId, name, absence, partial, saved, close }: AbsenceFormProps) {
  const people = useQuery(namesQuery('workflows:act'));
  const [startsOn, setStartsOn] = useState(absence?.startsOn ?? today());
  const [endsOn, setEndsOn] = useState(absence?.endsOn ?? movedBy(today(), usualDays));
  const [substituteId, setSubstituteId] = useState(absence?.substituteId ?? null);
  const [scope, setScope] = useState<Scope>(nothing);
  const hasPart = !partial || absence !== undefined || Boolean(scope.customers ?? scope.products);
  const choices = (people.data?.items ?? []).filter(({ id }) => id !== personId);
  const days = { substituteId, startsOn, endsOn };
  const send = () =>
    absence
      ? request<SavedAbsence>(`/absences/${absence.id}`, { method: 'PATCH', body: days, ifMatch: absence.version })
      : request<SavedAbsence>('/absences', {
          method: 'POST',
          body: { ...days, personId, scope: partial ? scope : null },
        });
  return (
    <FormDialog
      title={partial ? `Hand over a part: ${name}` : `Away: ${name}`}
      confirm="Save"
      ready={startsOn !== '' && endsOn >= startsOn && hasPart && (!partial || substituteId !== null)}
      send={send}
      refresh={['absences']}
      done={(answer) => {
        sayDone('Saved', name);
        saved(answer);
      }}
      close={close}
    >
      <div className="fields">
        <TextInput
          label="First day"
          type="date"
          required
          data-autofocus
          value={startsOn}
          onChange={(event) => setStartsOn(event.currentTarget.value)}
        />
        <TextInput
          label="Last day"
          type="date"
          required
          min={startsOn}
          value={endsOn}
          onChange={(event) => setEndsOn(event.currentTarget.value)}
        />
      </div>
      {partial && !absence && <ScopeFields lead="Only" scope={scope} onChange={setScope} />}
      <Select
        label="Who stands in"
        placeholder={partial ? 'Choose a colleague' : 'Nobody: others who may decide take the tasks'}
        data={choices.map((person) => ({ value: person.id, label: person.name }))}
        value={substituteId}
        onChange={setSubstituteId}
        searchable
        clearable={!partial}
        required={partial}
        nothingFoundMessage="Nobody of that name may decide tasks"
      />
      <div className="t-dim t-sm">
        Tasks go to them on the first day and return after the last, a claim with them; what they decide names both of
        you. They decide by their own right and limit, and never what they made or decided before. What nobody else may
        decide waits.
      </div>
    </FormDialog>
  );
}
