import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { request } from '../../api/request.ts';
import { useUser } from '../../api/session.ts';
import { rangeText } from '../../ui/format.ts';
import { Panel, Refusal, RowsLoading } from '../../ui/screen.tsx';
import { sayDone, sayRefused } from '../../ui/toast.tsx';
import { AbsenceForm } from './absence-form.tsx';
import { GapList } from './gap-list.tsx';
import { absencesQuery, ownAbsencesQuery } from './queries.ts';
import type { Absence, Gap } from './shapes.ts';
import { usePersonNames } from './use-person-names.ts';

/** Ends an absence now. */
export function useEndAbsence() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id }: Absence) => request(`/absences/${id}/end`, { method: 'POST' }),
    onSuccess: (_answer, absence) => {
      sayDone(absence.state === 'running' ? 'Back: open tasks return' : 'Called off');
      for (const key of ['absences', 'tasks']) void client.invalidateQueries({ queryKey: [key] });
    },
    onError: sayRefused,
  });
}

function AbsenceRow({ absence, own, edit }: { absence: Absence; own: boolean; edit(): void }) {
  const nameOf = usePersonNames();
  const end = useEndAbsence();
  const { substituteId, partial, state } = absence;
  const who = substituteId ? `${nameOf(substituteId)} stands in` : 'nobody stands in';
  return (
    <div className="notice">
      <div className="grow">
        <b className="num">{rangeText(absence.startsOn, absence.endsOn)}</b>{' '}
        {state === 'running' && <span className="tag">now</span>} {partial && <span className="tag">a part</span>}
        <div className="t-dim t-sm">{own ? who : `stands in for ${nameOf(absence.personId)}`}</div>
      </div>
      {own && (
        <>
          <Button variant="subtle" size="compact-sm" onClick={edit}>
            Change
          </Button>
          <Button
            variant="subtle"
            color="red"
            size="compact-sm"
            loading={end.isPending}
            onClick={() => end.mutate(absence)}
          >
            {state === 'running' ? (partial ? 'End' : 'Back now') : 'Call off'}
          </Button>
        </>
      )}
    </div>
  );
}

interface AwayPanelProps {
  personId: string;
  name: string;
}

/** When somebody is away, who stands in for them and for whom they stand in. */
export function AwayPanel({ personId, name }: AwayPanelProps) {
  const user = useUser();
  const absences = useQuery(user?.id === personId ? ownAbsencesQuery : absencesQuery);
  const [editing, setEditing] = useState<{ absence?: Absence; partial: boolean } | null>(null);
  const [gaps, setGaps] = useState<Gap[]>([]);
  const theirs = (absences.data ?? []).filter((one) => [one.personId, one.substituteId].includes(personId));
  return (
    <Panel
      title="Away"
      aside={
        <div className="row">
          <Button variant="default" size="compact-sm" onClick={() => setEditing({ partial: true })}>
            Hand over a part
          </Button>
          <Button variant="default" size="compact-sm" onClick={() => setEditing({ partial: false })}>
            Set away
          </Button>
        </div>
      }
    >
      {absences.error && <Refusal error={absences.error} retry={() => void absences.refetch()} />}
      {absences.isPending && <RowsLoading rows={2} />}
      {absences.data && theirs.length === 0 && (
        <div className="notice t-dim">
          While somebody is away their tasks go to who stands in, and return on the day after the last.
        </div>
      )}
      {theirs.map((absence) => (
        <AbsenceRow
          key={absence.id}
          absence={absence}
          own={absence.personId === personId}
          edit={() => setEditing({ absence, partial: absence.partial })}
        />
      ))}
      <GapList gaps={gaps} />
      {editing && (
        <AbsenceForm
          {...{ personId, name, ...editing }}
          saved={(answer) => setGaps(answer.gaps)}
          close={() => setEditing(null)}
        />
      )}
    </Panel>
  );
}
