import { Button, Modal, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { request } from '../../api/request.ts';
import type { Task } from '../../api/shapes.ts';
import { useOneAtATime } from '../../ui/one-at-a-time.ts';
import { Refusal } from '../../ui/screen.tsx';
import { sayDone, sayRefused } from '../../ui/toast.tsx';

/** Stops the clock of a task that waits for an answer, or lets it go on. */
export function PauseClock({ task, disabled }: { task: Task; disabled: boolean }) {
  const [asking, setAsking] = useState(false);
  const client = useQueryClient();
  const stale = () => void client.invalidateQueries({ queryKey: ['tasks'] });
  const resume = useMutation({
    mutationFn: () => request(`/tasks/${task.id}/resume`, { method: 'POST' }),
    onSuccess: () => {
      sayDone('Its clock goes on', task.title);
      stale();
    },
    onError: sayRefused,
  });
  return (
    <>
      <Button
        size="sm"
        variant="default"
        disabled={disabled}
        loading={resume.isPending}
        onClick={() => (task.pausedAt ? resume.mutate() : setAsking(true))}
      >
        {task.pausedAt ? 'Let its clock go on' : 'Stop its clock'}
      </Button>
      {asking && <AskWhy task={task} close={() => setAsking(false)} done={stale} />}
    </>
  );
}

function AskWhy({ task, close, done }: { task: Task; close(): void; done(): void }) {
  const [reason, setReason] = useState('');
  const once = useOneAtATime();
  const pause = useMutation({
    mutationFn: () => request(`/tasks/${task.id}/pause`, { method: 'POST', body: { reason: reason.trim() } }),
    onSuccess: () => {
      sayDone('Its clock stands', task.title);
      close();
      done();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (reason.trim()) once(() => pause.mutateAsync());
  };
  return (
    <Modal opened onClose={close} title={`Stop the clock of ${task.title}`} transitionProps={{ duration: 80 }}>
      <form onSubmit={submit} className="stack" noValidate>
        <div className="t-dim">
          It is neither overdue nor escalated until you let its clock go on. It may be decided all the same.
        </div>
        <Textarea
          data-autofocus
          label="What it waits for"
          required
          autosize
          minRows={2}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        {pause.error && <Refusal error={pause.error} />}
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" disabled={!reason.trim()} loading={pause.isPending}>
            Stop its clock
          </Button>
        </div>
      </form>
    </Modal>
  );
}
