import { Button, PasswordInput, TextInput } from '@mantine/core';
import { Link, useLocation, useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { request } from '../../api/request.ts';
import { session } from '../../api/session.ts';
import { Refusal } from '../../ui/screen.tsx';
import { Gate } from './sign-in.tsx';

const shortestPassword = 10;

interface SetPasswordProps {
  title: string;
  token: string | undefined;
  path: '/auth/accept' | '/auth/reset';
  asksName: boolean;
}

function SetPassword({ title, token, path, asksName }: SetPasswordProps) {
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const [state, setState] = useState<'asking' | 'busy' | 'done'>('asking');
  const [error, setError] = useState<unknown>(null);
  const navigate = useNavigate();
  if (!token) {
    return (
      <Gate title={title}>
        <p>The link is incomplete. Open it again from the message, or ask for a new one.</p>
        <Link to="/sign-in">Go to the sign-in</Link>
      </Gate>
    );
  }
  const differs = again !== '' && again !== password;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (differs) return;
    setState('busy');
    setError(null);
    try {
      const body = { token, password, ...(asksName && name.trim() ? { name: name.trim() } : {}) };
      await request(path, { method: 'POST', body });
      // An invitation that is taken up signs the person in: the cookie is there already.
      if (path === '/auth/accept') await session.takeUp();
      if (session.user) await navigate({ to: '/' });
      else setState('done');
    } catch (refused) {
      setError(refused);
      setState('asking');
    }
  };
  if (state === 'done') {
    return (
      <Gate title="The password is set">
        <Link to="/sign-in">Sign in with it</Link>
      </Gate>
    );
  }
  return (
    <Gate title={title}>
      <form onSubmit={submit} className="stack" style={{ gap: 12 }}>
        {asksName && (
          <TextInput
            label="Your name"
            size="sm"
            autoComplete="name"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
        )}
        <PasswordInput
          label="New password"
          description={`At least ${shortestPassword} characters; a sentence works well.`}
          size="sm"
          autoComplete="new-password"
          required
          minLength={shortestPassword}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <PasswordInput
          label="Again"
          size="sm"
          autoComplete="new-password"
          required
          value={again}
          error={differs ? 'The two differ' : undefined}
          onChange={(event) => setAgain(event.currentTarget.value)}
        />
        {error !== null && <Refusal error={error} />}
        <Button type="submit" size="sm" loading={state === 'busy'}>
          Set the password
        </Button>
      </form>
    </Gate>
  );
}

/** The token of a one-time link, which stands behind the # and so never leaves the browser by itself. */
function useToken(): string | undefined {
  const { hash } = useLocation();
  return new URLSearchParams(hash).get('token') ?? undefined;
}

/** Takes up an invitation from its one-time link. */
export function Accept() {
  return <SetPassword title="Welcome: choose a password" token={useToken()} path="/auth/accept" asksName />;
}

/** Sets a new password from a one-time link. */
export function Reset() {
  return <SetPassword title="Choose a new password" token={useToken()} path="/auth/reset" asksName={false} />;
}

/** Asks for a reset link. */
export function Forgot() {
  const [email, setEmail] = useState('');
  const [sent, setSent] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setError(null);
    try {
      await request('/auth/forgot', { method: 'POST', body: { email: email.trim() } });
      setSent(true);
    } catch (refused) {
      setError(refused);
    }
  };
  return (
    <Gate title="Reset the password">
      {sent ? (
        <p>
          If the address is known here, a link is on its way. Without mail set up, an administrator finds it in the
          server’s log.
        </p>
      ) : (
        <form onSubmit={submit} className="stack" style={{ gap: 12 }}>
          <TextInput
            label="E-mail"
            type="email"
            size="sm"
            required
            autoFocus
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          {error !== null && <Refusal error={error} />}
          <Button type="submit" size="sm">
            Send a link
          </Button>
        </form>
      )}
      <Link to="/sign-in" className="t-sm">
        Back to the sign-in
      </Link>
    </Gate>
  );
}
