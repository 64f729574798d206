import { Button, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { Problem } from '../../api/problem.ts';
import { session } from '../../api/session.ts';
import { Refusal } from '../../ui/screen.tsx';

interface SecondStepProps {
  /** The refusal that asks for the second factor. */
  asked: Problem;
  done(): Promise<void>;
  byPasskey(): void;
  back(): void;
}

/** The second step of a sign-in: a code, a passkey, or a recovery code. */
export function SecondStep({ asked, done, byPasskey, back }: SecondStepProps) {
  const totp = asked.methods.includes('totp');
  const [recovering, setRecovering] = useState(!totp && !asked.methods.includes('passkey'));
  const [code, setCode] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await session.enterBy('/auth/login/second-factor', { challenge: asked.challenge, code: code.trim() });
      await done();
    } catch (refused) {
      setError(refused);
      setCode('');
    } finally {
      setBusy(false);
    }
  };
  const asksCode = totp || recovering;
  return (
    <form onSubmit={submit} className="stack" style={{ gap: 12 }}>
      {asksCode && (
        <TextInput
          key={recovering ? 'recovery' : 'totp'}
          label={recovering ? 'Recovery code' : 'Code from your generator app'}
          description={
            recovering ? 'One of the ten that you kept; each works once' : 'Six digits, new every 30 seconds'
          }
          name="code"
          size="sm"
          autoFocus
          required
          autoComplete="one-time-code"
          inputMode={recovering ? 'text' : 'numeric'}
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
        />
      )}
      {error !== null && <Refusal error={error} />}
      {asksCode && (
        <Button type="submit" size="sm" loading={busy} fullWidth>
          Go on
        </Button>
      )}
      {asked.methods.includes('passkey') && (
        <Button variant={asksCode ? 'default' : 'filled'} size="sm" onClick={byPasskey} fullWidth>
          Use a passkey
        </Button>
      )}
      <div className="row spread t-sm">
        {!recovering && asked.methods.includes('recovery_code') ? (
          <button type="button" className="plain link" onClick={() => setRecovering(true)}>
            Use a recovery code
          </button>
        ) : (
          <span />
        )}
        <button type="button" className="plain link" onClick={back}>
          Begin again
        </button>
      </div>
    </form>
  );
}
