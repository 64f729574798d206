import { Button, Modal } from '@mantine/core';
import type { FormEvent, ReactNode } from 'react';
import { Refusal } from '../../ui/screen.tsx';
import { sayDone } from '../../ui/toast.tsx';
import type { FullItem } from './shapes.ts';
import { type ItemChange, useItemChange } from './use-item-change.ts';

/** What every dialog of the desk needs. */
export interface DialogProps {
  item: FullItem;
  close(): void;
  /** Called once the change is made. */
  done(): void;
}

/** A dialog that sends one change of an item. */
export function DeskDialog({
  title,
  send,
  change,
  said,
  ready,
  close,
  done,
  children,
}: {
  title: string;
  send: string;
  change(): ItemChange;
  said: string;
  ready: boolean;
  close(): void;
  done(): void;
  children: ReactNode;
}) {
  const sending = useItemChange(() => {
    sayDone(said, title);
    close();
    done();
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready) sending.send(change());
  };
  return (
    <Modal opened onClose={close} title={title} closeOnClickOutside={false} transitionProps={{ duration: 80 }}>
      <form onSubmit={submit} className="stack">
        {children}
        {sending.error && <Refusal error={sending.error} />}
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" disabled={!ready} loading={sending.busy}>
            {send}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
