import { Button, CopyButton, Modal } from '@mantine/core';

/** Recovery codes, shown this once. */
export function RecoveryCodes({ codes, close }: { codes: readonly string[]; close(): void }) {
  return (
    <Modal opened onClose={close} closeOnClickOutside={false} closeOnEscape={false} title="Keep these recovery codes">
      <div className="stack" style={{ gap: 12 }}>
        <div>
          Each lets you in once when your generator or passkey is lost. They are shown this once: print them, or keep
          them with your passwords.
        </div>
        <ul className="recovery-codes" data-testid="recovery-codes">
          {codes.map((code) => (
            <li key={code}>
              <code>{code}</code>
            </li>
          ))}
        </ul>
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <CopyButton value={codes.join('\n')}>
            {({ copied, copy }) => (
              <Button variant="default" onClick={copy}>
                {copied ? 'Copied' : 'Copy all'}
              </Button>
            )}
          </CopyButton>
          <Button onClick={close}>I have kept them</Button>
        </div>
      </div>
    </Modal>
  );
}
