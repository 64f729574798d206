import { Alert, Button } from '@mantine/core';
import { IconPlus, IconShieldLock } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useUser } from '../../api/session.ts';
import { wordsOf } from '../../ui/format.ts';
import { Empty, Panel, Refusal, RowsLoading, Screen } from '../../ui/screen.tsx';
import { KeyShown, KeyTable, NewKey } from './api-keys.tsx';
import { FactorPanels } from './factors.tsx';
import { PasswordPanel } from './password.tsx';
import { keysQuery } from './queries.ts';
import { SessionPanel } from './sessions.tsx';
import type { ShownKey } from './shapes.ts';

function OwnKeys() {
  const user = useUser();
  const client = useQueryClient();
  const keys = useQuery(keysQuery);
  const [making, setMaking] = useState(false);
  const [shown, setShown] = useState<ShownKey | null>(null);
  const made = (key: ShownKey) => {
    setMaking(false);
    setShown(key);
    void client.invalidateQueries({ queryKey: keysQuery.queryKey });
  };
  return (
    <Panel
      className="scrolls"
      title="API keys"
      aside={
        <Button
          variant="light"
          size="compact-sm"
          leftSection={<IconPlus size={13} aria-hidden="true" />}
          onClick={() => setMaking(true)}
        >
          New API key
        </Button>
      }
    >
      {keys.error && <Refusal error={keys.error} retry={() => void keys.refetch()} />}
      {keys.isPending && <RowsLoading rows={2} />}
      {keys.data?.length === 0 && (
        <Empty title="No API key">A key lets a program act as you, with the permissions that you give it.</Empty>
      )}
      {keys.data && keys.data.length > 0 && <KeyTable keys={keys.data} path="/auth/keys" />}
      {making && (
        <NewKey path="/auth/keys" permissions={user?.permissions ?? []} close={() => setMaking(false)} made={made} />
      )}
      {shown && <KeyShown shown={shown} close={() => setShown(null)} />}
    </Panel>
  );
}

/** One's own account: how one signs in, where one is signed in, and one's keys. */
export function MyAccount() {
  const user = useUser();
  const enrolling = user?.demand === 'second_factor';
  return (
    <Screen title="My account" sub={`${user?.email ?? ''} · ${user?.roles.map(wordsOf).join(', ') ?? ''}`}>
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
            <SessionPanel />
            <PasswordPanel />
            <OwnKeys />
          </>
        )}
      </div>
    </Screen>
  );
}
