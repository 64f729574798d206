import { Button, Modal, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { request } from '../../api/request.ts';
import { Refusal, RowsLoading } from '../../ui/screen.tsx';
import { QrCode } from './qr-code.tsx';

interface Enrolment {
  secret: string;
  uri: string;
}

/** Sets up a code generator: a QR code to scan, and its first code to show that it worked. */
export function SetUpTotp({ close, done }: { close(): void; done(codes: string[] | null): void }) {
  const [attempt] = useState(() => crypto.randomUUID());
  const enrolment = useQuery({
    queryKey: ['my-account', 'totp', attempt],
    queryFn: () => request<Enrolment>('/auth/totp', { method: 'POST', storesNothing: true }),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
  });
  const [code, setCode] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const confirm = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      const body = { code: code.trim() };
      const answer = await request<{ recoveryCodes: string[] | null }>('/auth/totp/confirm', { method: 'POST', body });
      done(answer.recoveryCodes);
    } catch (refused) {
      setError(refused);
      setCode('');
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={close} closeOnClickOutside={false} title="Set up a code generator">
      {enrolment.isPending && <RowsLoading rows={4} />}
      {enrolment.error && <Refusal error={enrolment.error} retry={() => void enrolment.refetch()} />}
      {enrolment.data && (
        <form className="stack" style={{ gap: 12 }} onSubmit={confirm}>
          <div>1. Scan this with a generator app (an authenticator) on your phone.</div>
          <div className="row" style={{ gap: 16, alignItems: 'flex-start' }}>
            <QrCode text={enrolment.data.uri} label="QR code for the generator app" />
            <div className="stack grow">
              <div className="t-dim t-sm">Or type this into the app:</div>
              <code className="totp-secret" data-testid="totp-secret">
                {enrolment.data.secret.replace(/(.{4})(?=.)/g, '$1 ')}
              </code>
            </div>
          </div>
          <TextInput
            label="2. The code that the app shows now"
            name="totp-code"
            inputMode="numeric"
            autoComplete="one-time-code"
            required
            data-autofocus
            value={code}
            onChange={(event) => setCode(event.currentTarget.value)}
          />
          {error !== null && <Refusal error={error} />}
          <Button type="submit" loading={busy}>
            Turn it on
          </Button>
        </form>
      )}
    </Modal>
  );
}
