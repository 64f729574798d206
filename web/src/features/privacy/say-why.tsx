import { Textarea } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { FormDialog } from '../../ui/form-dialog.tsx';
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
  const [note, setNote] = useState('');
  return (
    <FormDialog
      title={title}
      confirm={confirm}
      dangerous={dangerous ?? false}
      ready={!disabled && note.trim() !== ''}
      size={620}
      send={() => send(note.trim())}
      refresh={['privacy']}
      done={() => sayDone('Done', title)}
      close={close}
    >
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
    </FormDialog>
  );
}
