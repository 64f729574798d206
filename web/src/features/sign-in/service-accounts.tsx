import { Button, MultiSelect, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { request } from '../../api/request.ts';
import { useUser } from '../../api/session.ts';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { Empty, Panel, Refusal, RowsLoading } from '../../ui/screen.tsx';
import { sayDone, sayRefused } from '../../ui/toast.tsx';
import { KeyPanel } from '../my-account/api-keys.tsx';
import { Reach } from '../people/reach.tsx';
import { LimitFields, ScopeChoice } from '../people/reach-fields.tsx';
import { accountKeysQuery, accountsQuery, type ServiceAccount } from './settings-queries.ts';

/** A program, or what is changed of one: what it may do, with what, and what who joins through it sees. */
function AccountForm({ account, close }: { account: ServiceAccount | null; close(): void }) {
  const user = useUser();
  const [name, setName] = useState(account?.name ?? '');
  const [permissions, setPermissions] = useState(account?.permissions ?? []);
  const [scope, setScope] = useState(account?.scope ?? null);
  const [limits, setLimits] = useState(account?.limits ?? []);
  const [joinScope, setJoinScope] = useState(account?.joinScope ?? null);
  const currency = user?.tenant?.currency ?? 'USD';
  const provisions = permissions.includes('users:manage');
  const body = { permissions, scope, limits, joinScope: provisions ? joinScope : null };
  return (
    <FormDialog
      title={account ? account.name : 'New service account'}
      confirm={account ? 'Save' : 'Add'}
      ready={permissions.length > 0 && scope !== null}
      size="lg"
      send={() =>
        account
          ? request(`/service-accounts/${account.id}`, { method: 'PATCH', body, ifMatch: account.version })
          : request('/service-accounts', { method: 'POST', body: { ...body, name: name.trim() } })
      }
      refresh={accountsQuery.queryKey}
      done={() =>
        account ? sayDone('Saved', account.name) : sayDone('The service account is there', 'Make it a key.')
      }
      close={close}
    >
      {!account && (
        <TextInput
          label="Name"
          description="The program; the audit trail names it so"
          required
          data-autofocus
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
      )}
      <MultiSelect
        label="Permissions"
        description="At most what you may do yourself; a directory that provisions people needs users:manage"
        searchable
        data={[...new Set([...(user?.permissions ?? []), ...permissions])]}
        value={permissions}
        onChange={setPermissions}
      />
      <ScopeChoice label="Reaches" scope={scope} onChange={setScope} />
      <LimitFields limits={limits} currency={currency} onChange={setLimits} />
      {provisions && <ScopeChoice label="Who joins through it sees" scope={joinScope} onChange={setJoinScope} />}
    </FormDialog>
  );
}

function AccountKeys({ account }: { account: ServiceAccount }) {
  const client = useQueryClient();
  const [changing, setChanging] = useState(false);
  const switchOff = useMutation({
    mutationFn: () =>
      request(`/service-accounts/${account.id}`, {
        method: 'PATCH',
        body: { disabled: !account.disabled },
        ifMatch: account.version,
      }),
    onSuccess: () => void client.invalidateQueries({ queryKey: accountsQuery.queryKey }),
    onError: sayRefused,
  });
  return (
    <>
      <KeyPanel
        title={`Keys of ${account.name}`}
        path={`/service-accounts/${account.id}/keys`}
        keysOf={accountKeysQuery(account.id)}
        permissions={account.permissions}
        replaces
        closed={account.disabled}
        actions={
          <>
            <Button variant="subtle" color="red" size="compact-sm" onClick={() => switchOff.mutate()}>
              {account.disabled ? 'Let it in again' : 'Shut it out'}
            </Button>
            <Button variant="default" size="compact-sm" onClick={() => setChanging(true)}>
              Change
            </Button>
          </>
        }
        about={
          <div className="panel-body t-sm">
            <div className="t-dim">{account.permissions.join(', ')}</div>
            <Reach scope={account.scope} limits={account.limits} />
          </div>
        }
        empty="The program signs in by a key."
      />
      {changing && <AccountForm account={account} close={() => setChanging(false)} />}
    </>
  );
}

/** Programs that call the API, and their keys. */
export function ServiceAccounts() {
  const { account } = useSearch({ from: '/app/sign-in-settings' });
  const navigate = useNavigate();
  const accounts = useQuery(accountsQuery);
  const [adding, setAdding] = useState(false);
  const chosen = accounts.data?.find(({ id }) => id === account);
  const choose = (id: string) =>
    void navigate({ to: '/sign-in-settings', search: id === account ? {} : { account: id }, replace: true });
  return (
    <>
      <Panel
        title="Service accounts"
        aside={
          <Button
            variant="light"
            size="compact-sm"
            leftSection={<IconPlus size={13} aria-hidden="true" />}
            onClick={() => setAdding(true)}
          >
            New service account
          </Button>
        }
      >
        {accounts.error && <Refusal error={accounts.error} retry={() => void accounts.refetch()} />}
        {accounts.isPending && <RowsLoading rows={2} />}
        {accounts.data?.length === 0 && (
          <Empty title="No program yet">
            Add one for each system that calls the API or provisions people (SCIM at {location.origin}/scim/v2).
          </Empty>
        )}
        {accounts.data && accounts.data.length > 0 && (
          <table className="grid">
            <thead>
              <tr>
                <th>Name</th>
                <th>Permissions</th>
                <th>Reaches</th>
                <th>State</th>
              </tr>
            </thead>
            <tbody>
              {accounts.data.map((one) => (
                <tr key={one.id} data-link="" aria-selected={one.id === account} onClick={() => choose(one.id)}>
                  <td>
                    <button type="button" className="plain">
                      <b>{one.name}</b>
                    </button>
                  </td>
                  <td title={one.permissions.join(', ')}>{one.permissions.length}</td>
                  <td>
                    <Reach scope={one.scope} limits={one.limits} />
                  </td>
                  <td>
                    <span className="state" data-key={one.disabled ? 'revoked' : 'live'}>
                      <i aria-hidden="true" />
                      {one.disabled ? 'shut out' : 'active'}
                    </span>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        {adding && <AccountForm account={null} close={() => setAdding(false)} />}
      </Panel>
      {chosen && <AccountKeys account={chosen} />}
    </>
  );
}
