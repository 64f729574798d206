import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { namesQuery } from '../../api/queries.ts';
import { request } from '../../api/request.ts';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { sayDone } from '../../ui/toast.tsx';

/** Moves a task from one person to another. */
export function Reassign({
  task,
  close,
}: {
  task: { id: string; name: string; assigneeId: string | null; permission: string | undefined };
  close(): void;
}) {
  const people = useQuery(namesQuery(task.permission));
  const [toUserId, setToUserId] = useState<string | null>(null);
  const choices = (people.data?.items ?? []).filter(({ id }) => id !== task.assigneeId);
  return (
    <FormDialog
      title={`Reassign: ${task.name}`}
      confirm="Reassign"
      ready={toUserId !== null}
      send={() => request(`/tasks/${task.id}/reassign`, { method: 'POST', body: { toUserId } })}
      refresh={['workflow']}
      done={() => sayDone('Reassigned', task.name)}
      close={close}
    >
      <Select
        label="To"
        data-autofocus
        placeholder="Choose who may decide it"
        data={choices.map((person) => ({ value: person.id, label: person.name }))}
        value={toUserId}
        onChange={setToUserId}
        searchable
      />
      <div className="t-dim t-sm">
        Nobody gets what they made or amended, what is above their limit, or what comes in while they are away.
      </div>
    </FormDialog>
  );
}
