import { Alert } from '@mantine/core';
import { IconShieldLock } from '@tabler/icons-react';
import { useUser } from '../../api/session.ts';
import { Screen } from '../../ui/screen.tsx';
import { AwayPanel } from '../absences/away-panel.tsx';
import { useRoleNames } from '../people/role-names.ts';
import { KeyPanel } from './api-keys.tsx';
import { FactorPanels } from './factors.tsx';
import { MailChoice } from './mail-choice.tsx';
import { OwnData } from './own-data.tsx';
import { PasswordPanel } from './password.tsx';
import { keysQuery } from './queries.ts';
import { SessionPanel } from './sessions.tsx';

function OwnKeys() {
  const user = useUser();
  return (
    <KeyPanel
      title="API keys"
      path="/auth/keys"
      keysOf={keysQuery}
      permissions={user?.permissions ?? []}
      empty="A key lets a program act as you, with the permissions that you give it."
    />
  );
}

/** One's own account: how one signs in, where one is signed in, and one's keys. */
export function MyAccount() {
  const user = useUser();
  const roleName = useRoleNames();
  const enrolling = user?.demand === 'second_factor';
  return (
    <Screen title="My account" sub={`${user?.email ?? ''} · ${user?.roles.map(roleName).join(', ') ?? ''}`}>
      <div className="account stack" style={{ gap: 14 }}>
        {enrolling && (
          <Alert
            color="orange"
            variant="light"
            icon={<IconShieldLock size={16} />}
            title="Your company requires a second factor"
          >
            Set up a code generator or a passkey; the rest opens then.
          </Alert>
        )}
        <FactorPanels />
        {!enrolling && (
          <>
            {user?.id && user.permissions.includes('workflows:act') && (
              <AwayPanel personId={user.id} name={user.name ?? 'yourself'} />
            )}
            {user?.permissions.includes('workflows:act') && <MailChoice />}
            <SessionPanel />
            <PasswordPanel />
            <OwnKeys />
            <OwnData />
          </>
        )}
      </div>
    </Screen>
  );
}
