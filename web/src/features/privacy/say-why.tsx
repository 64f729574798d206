import { Button, Modal, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useOneAtATime } from '../../ui/one-at-a-time.ts';
import { Refusal } from '../../ui/screen.tsx';
import { sayDone } from '../../ui/toast.tsx';

/** A dialog that asks for a note and then does something for good. */
export function SayWhy({
  title,
  label,
  confirm,
  dangerous,
  disabled,
  send,
  close,
  children,
}: {
  title: string;
  /** What the note is about. */
  label: string;
  confirm: string;
  dangerous?: boolean;
  disabled?: boolean;
  send(note: string): Promise<unknown>;
  close(): void;
  children?: ReactNode;
}) {
  const client = useQueryClient();
  const once = useOneAtATime();
  const [note, setNote] = useState('');
  const act = useMutation({
    mutationFn: () => send(note.trim()),
    onSuccess: () => {
      sayDone('Done', title);
      void client.invalidateQueries({ queryKey: ['privacy'] });
      close();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    once(() => act.mutateAsync());
  };
  return (
    <Modal opened onClose={close} closeOnClickOutside={false} title={title} size={620}>
      <form className="stack" onSubmit={submit}>
        {children}
        <Textarea
          label={label}
          required
          autosize
          minRows={2}
          data-autofocus
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        {act.error && <Refusal error={act.error} />}
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button
            type="submit"
            {...(dangerous ? { color: 'red' } : {})}
            disabled={(disabled ?? false) || note.trim() === ''}
            loading={act.isPending}
          >
            {confirm}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
