import { Button, Modal, PasswordInput, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useEffect, useState } from 'react';
import type { Problem } from '../../api/problem.ts';
import { askForProofWith, request } from '../../api/request.ts';
import { session, useUser } from '../../api/session.ts';
import { Refusal } from '../../ui/screen.tsx';
import { factorsQuery, offeredQuery } from '../my-account/queries.ts';
import { showPasskey } from './passkey.ts';

/** Sends the browser to a provider, which asks the person again and sends them back to this page. */
async function askCompany(providerId: string): Promise<void> {
  const { url } = await request<{ url: string }>('/auth/prove/single-sign-on', {
    method: 'POST',
    body: { providerId, to: location.pathname + location.search },
    storesNothing: true,
  });
  location.assign(url);
}

interface Asked {
  problem: Problem;
  answer(given: boolean): void;
}

function ProofForm({ problem, answer }: Asked) {
  const user = useUser();
  const factors = useQuery(factorsQuery);
  const providers = useQuery(offeredQuery(user?.tenant?.slug ?? ''));
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const prove = async (make: () => unknown) => {
    setBusy(true);
    setError(null);
    try {
      await request('/auth/prove', { method: 'POST', body: await make(), storesNothing: true });
      await session.reload();
      answer(true);
    } catch (refused) {
      setError(refused);
      setText('');
    } finally {
      setBusy(false);
    }
  };
  const totp = factors.data?.totp ?? false;
  // What belongs to the person across tenants takes a proof of their own; a company's word is good for the rest.
  const vouches = problem.demand === 'proof' ? (providers.data ?? []) : [];
  const nothing =
    vouches.length === 0 && factors.data && !totp && !factors.data.password && factors.data.passkeys.length === 0;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void prove(() => (totp ? { code: text.trim() } : { password: text }));
  };
  const typed = {
    size: 'sm',
    required: true,
    'data-autofocus': true,
    value: text,
    onChange: (event: { currentTarget: { value: string } }) => setText(event.currentTarget.value),
  } as const;
  return (
    <form className="stack" style={{ gap: 12 }} onSubmit={submit}>
      <div>{problem.detail}</div>
      {totp && (
        <TextInput {...typed} label="Code from your generator app" autoComplete="one-time-code" name="proof-code" />
      )}
      {factors.data?.password && !totp && (
        <PasswordInput {...typed} label="Your password" autoComplete="current-password" name="proof-password" />
      )}
      {nothing && (
        <div>You have no password and no passkey here. Ask for a password on the sign-in page, then come back.</div>
      )}
      {error !== null && <Refusal error={error} />}
      {vouches.map((one) => (
        <Button key={one.id} variant="default" onClick={() => void askCompany(one.id).catch(setError)}>
          Prove it at {one.name}
        </Button>
      ))}
      <div className="row" style={{ justifyContent: 'flex-end' }}>
        {(factors.data?.passkeys.length ?? 0) > 0 && (
          <Button
            variant="default"
            disabled={busy}
            onClick={() => void prove(async () => ({ passkey: await showPasskey('/auth/prove/passkey-options') }))}
          >
            Use a passkey
          </Button>
        )}
        {(totp || factors.data?.password) && (
          <Button type="submit" loading={busy}>
            Prove it
          </Button>
        )}
      </div>
    </form>
  );
}

/** Asks for a proof of who one is wherever the server wants one, and lets the refused request go on. */
export function ProofDialog() {
  const user = useUser();
  const [asked, setAsked] = useState<Asked | null>(null);
  useEffect(() => {
    askForProofWith(
      (problem) =>
        new Promise((resolve) => {
          // A missing second factor is set up under My account, which the shell leads to.
          if (problem.demand === 'second_factor') return resolve(false);
          setAsked((before) => {
            before?.answer(false);
            return { problem, answer: resolve };
          });
        }),
    );
    return () => askForProofWith(async () => false);
  }, []);
  if (!asked || !user) return null;
  const answer = (given: boolean) => {
    setAsked(null);
    asked.answer(given);
  };
  return (
    <Modal opened onClose={() => answer(false)} title="Is it you?" closeOnClickOutside={false}>
      <ProofForm problem={asked.problem} answer={answer} />
    </Modal>
  );
}
