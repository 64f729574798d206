import { Button, PasswordInput, TextInput } from '@mantine/core';
import { Link, useNavigate, useRouter, useSearch } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useState } from 'react';
import { session } from '../../api/session.ts';
import { Refusal } from '../../ui/screen.tsx';

/** The box in the middle of the pages before the sign-in. */
export function Gate({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="gate">
      <div className="gate-box">
        <div className="brand" style={{ padding: '0 0 14px' }}>
          <img src="/favicon.svg" alt="" />
          TRADEAI
        </div>
        <h1 style={{ fontSize: 17, marginBottom: 14 }}>{title}</h1>
        {children}
      </div>
    </div>
  );
}

/** A path of this application; anything else (another site) leads home. */
function safeTarget(to: string | undefined): string {
  return to?.startsWith('/') && !to.startsWith('//') && !to.startsWith('/sign-in') ? to : '/';
}

/** Sign-in by e-mail and password. */
export function SignIn() {
  const { to } = useSearch({ from: '/sign-in' });
  const navigate = useNavigate();
  const router = useRouter();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await session.enter(email.trim(), password);
      await router.invalidate();
      await navigate({ href: safeTarget(to), replace: true });
    } catch (refused) {
      setError(refused);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Gate title="Sign in">
      <form onSubmit={submit} className="stack" style={{ gap: 12 }}>
        <TextInput
          label="E-mail"
          type="email"
          name="email"
          size="sm"
          autoComplete="username"
          required
          autoFocus
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <PasswordInput
          label="Password"
          name="password"
          size="sm"
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        {error !== null && <Refusal error={error} />}
        <Button type="submit" size="sm" loading={busy} fullWidth>
          Sign in
        </Button>
        <Link to="/forgot" className="t-sm">
          Forgot the password?
        </Link>
      </form>
    </Gate>
  );
}
