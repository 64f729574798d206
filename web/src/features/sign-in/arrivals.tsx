import { Button } from '@mantine/core';
import { Link, useLocation, useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { session } from '../../api/session.ts';
import { Refusal } from '../../ui/screen.tsx';
import { safeTarget } from './safe-target.ts';
import { Gate } from './sign-in.tsx';

/** Where a provider's sign-in ends: the cookie is there, and the person goes on to where they wanted. */
export function SignedIn() {
  const { to } = useSearch({ from: '/signed-in' });
  const navigate = useNavigate();
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    void session.takeUp().then(() => {
      if (session.user) void navigate({ href: safeTarget(to), replace: true });
      else setFailed(true);
    });
  }, [navigate, to]);
  return (
    <Gate title={failed ? 'The sign-in did not hold' : 'Signing in…'}>
      {failed && <Link to="/sign-in">Sign in again</Link>}
    </Gate>
  );
}

/** Takes the link of emergency access, which is told to every administrator. */
export function Emergency() {
  const { hash } = useLocation();
  const token = new URLSearchParams(hash).get('token');
  const navigate = useNavigate();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const enter = async () => {
    setBusy(true);
    setError(null);
    try {
      await session.enterBy('/auth/emergency', { token });
      await navigate({ to: '/' });
    } catch (refused) {
      setError(refused);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Gate title="Emergency access">
      <div className="stack" style={{ gap: 12 }}>
        <p>
          This makes you an administrator for a short time. Every administrator is told that it is used, and all that
          you do is in the audit trail.
        </p>
        {!token && <div>The link is incomplete: copy the whole line from the console.</div>}
        {error !== null && <Refusal error={error} />}
        <Button size="sm" color="red" loading={busy} disabled={!token} onClick={() => void enter()}>
          Use emergency access
        </Button>
        <Link to="/sign-in" className="t-sm">
          Go to the usual sign-in
        </Link>
      </div>
    </Gate>
  );
}
