import { Button, CopyButton, Modal, TextInput } from '@mantine/core';
import type { ShownKey } from './shapes.ts';

/** A key that was just made, shown this once. */
export function KeyShown({ shown, close }: { shown: ShownKey; close(): void }) {
  return (
    <Modal opened onClose={close} closeOnClickOutside={false} closeOnEscape={false} title="Keep this key">
      <div className="stack" style={{ gap: 12 }}>
        <div>It is shown this once. Put it where the program reads its secrets, and nowhere else.</div>
        <TextInput
          readOnly
          aria-label="API key"
          value={shown.token}
          onFocus={(event) => event.currentTarget.select()}
        />
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <CopyButton value={shown.token}>
            {({ copied, copy }) => (
              <Button variant="default" onClick={copy}>
                {copied ? 'Copied' : 'Copy the key'}
              </Button>
            )}
          </CopyButton>
          <Button onClick={close}>I have kept it</Button>
        </div>
      </div>
    </Modal>
  );
}
