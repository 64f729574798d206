import { Alert, Button, Divider, PasswordInput, TextInput } from '@mantine/core';
import { IconBuilding, IconFingerprint } from '@tabler/icons-react';
import { Link, useNavigate, useRouter, useSearch } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useState } from 'react';
import { Problem } from '../../api/problem.ts';
import { session } from '../../api/session.ts';
import { Refusal } from '../../ui/screen.tsx';
import { Company } from './company.tsx';
import { showPasskey } from './passkey.ts';
import { safeTarget } from './safe-target.ts';
import { SecondStep } from './second-step.tsx';

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

/** Sign-in by e-mail and password, a passkey, or the provider of one's company. */
export function SignIn() {
  const { to, refused } = useSearch({ from: '/sign-in' });
  const navigate = useNavigate();
  const router = useRouter();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [way, setWay] = useState<'password' | 'company'>('password');
  const [asked, setAsked] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const done = async () => {
    await router.invalidate();
    await navigate({ href: safeTarget(to), replace: true });
  };
  const enter = async (work: () => Promise<void>) => {
    setBusy(true);
    setError(null);
    try {
      await work();
      await done();
    } catch (problem) {
      if (problem instanceof Problem && problem.code === 'auth.second_factor_required') setAsked(problem);
      else setError(problem);
    } finally {
      setBusy(false);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void enter(() => session.enter(email.trim(), password));
  };
  const byPasskey = () =>
    void enter(async () => session.enterBy('/auth/login/passkey', await showPasskey('/auth/login/passkey/options')));
  if (asked) {
    return (
      <Gate title="One more step">
        {error !== null && <Refusal error={error} />}
        <SecondStep asked={asked} done={done} byPasskey={byPasskey} back={() => setAsked(null)} />
      </Gate>
    );
  }
  if (way === 'company') {
    return (
      <Gate title="Sign in with your company">
        <Company to={safeTarget(to)} back={() => setWay('password')} />
      </Gate>
    );
  }
  return (
    <Gate title="Sign in">
      <form onSubmit={submit} className="stack" style={{ gap: 12 }}>
        {refused && error === null && (
          <Alert color="red" variant="light" p="sm" radius="sm" title="The sign-in was refused">
            {refused}
          </Alert>
        )}
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
        <Divider label="or" labelPosition="center" />
        <Button
          variant="default"
          size="sm"
          leftSection={<IconFingerprint size={16} aria-hidden="true" />}
          onClick={byPasskey}
          fullWidth
        >
          Use a passkey
        </Button>
        <Button
          variant="default"
          size="sm"
          leftSection={<IconBuilding size={16} aria-hidden="true" />}
          onClick={() => setWay('company')}
          fullWidth
        >
          Sign in with your company
        </Button>
      </form>
    </Gate>
  );
}
