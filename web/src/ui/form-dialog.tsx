import { Button, Modal, type ModalProps } from '@mantine/core';
import { type QueryKey, useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent, ReactNode } from 'react';
import { useOneAtATime } from './one-at-a-time.ts';
import { Refusal } from './screen.tsx';

interface FormDialogProps<Answer> {
  title: string;
  /** What the button that sends says. */
  confirm: string;
  /** Red: what is done cannot be taken back. */
  dangerous?: boolean;
  /** False while something is still missing. */
  ready?: boolean;
  size?: ModalProps['size'];
  send(): Promise<Answer>;
  /** What is read again then. */
  refresh: QueryKey;
  /** Once it went well, after the dialog has closed. */
  done(answer: Answer): void;
  close(): void;
  children: ReactNode;
}

/** A dialog with a form: sends once however often one presses, closes when it went well, and shows why it did not. */
export function FormDialog<Answer>(props: FormDialogProps<Answer>) {
  const { title, confirm, dangerous, ready = true, size, send, refresh, done, close, children } = props;
  const client = useQueryClient();
  const once = useOneAtATime();
  const sending = useMutation({
    mutationFn: send,
    onSuccess: (answer) => {
      void client.invalidateQueries({ queryKey: refresh });
      close();
      done(answer);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready) once(() => sending.mutateAsync());
  };
  return (
    <Modal opened onClose={close} closeOnClickOutside={false} title={title} {...(size ? { size } : {})}>
      <form className="stack" onSubmit={submit}>
        {children}
        {sending.error && <Refusal error={sending.error} />}
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" {...(dangerous ? { color: 'red' } : {})} disabled={!ready} loading={sending.isPending}>
            {confirm}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
