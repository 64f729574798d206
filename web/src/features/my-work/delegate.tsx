import { Button, Modal, Select } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { namesQuery } from '../../api/queries.ts';
import { request } from '../../api/request.ts';
import { useUser } from '../../api/session.ts';
import type { Task } from '../../api/shapes.ts';
import { useOneAtATime } from '../../ui/one-at-a-time.ts';
import { Refusal } from '../../ui/screen.tsx';
import { sayDone } from '../../ui/toast.tsx';

/** Passes a task on to somebody else who may approve. */
export function Delegate({ task, close, done }: { task: Task; close(): void; done(): void }) {
  const client = useQueryClient();
  const user = useUser();
  const once = useOneAtATime();
  const people = useQuery(namesQuery(task.routing.candidates?.permission));
  const [toUserId, setToUserId] = useState<string | null>(null);
  const choices = (people.data?.items ?? []).filter((person) => person.id !== user?.id);
  const delegate = useMutation({
    mutationFn: () => request(`/tasks/${task.id}/delegate`, { method: 'POST', body: { toUserId } }),
    onSuccess: () => {
      sayDone('Delegated', task.title);
      close();
      done();
      void client.invalidateQueries({ queryKey: ['tasks'] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    once(() => delegate.mutateAsync());
  };
  return (
    <Modal
      opened
      onClose={close}
      closeOnClickOutside={false}
      title={`Delegate: ${task.title}`}
      transitionProps={{ duration: 80 }}
    >
      <form onSubmit={submit} className="stack">
        <Select
          label="To"
          data-autofocus
          placeholder="Choose a colleague who may approve"
          data={choices.map((person) => ({ value: person.id, label: person.name }))}
          value={toUserId}
          onChange={setToUserId}
          searchable
        />
        <div className="t-dim t-sm">Nobody can get what they made or amended, or what is above their limit.</div>
        {delegate.error && <Refusal error={delegate.error} />}
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" disabled={!toUserId} loading={delegate.isPending}>
            Delegate
          </Button>
        </div>
      </form>
    </Modal>
  );
}
