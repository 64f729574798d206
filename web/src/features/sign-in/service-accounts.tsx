import { Button, Modal, MultiSelect, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { request } from '../../api/request.ts';
import { useUser } from '../../api/session.ts';
import { Empty, Panel, Refusal, RowsLoading } from '../../ui/screen.tsx';
import { sayDone, sayRefused } from '../../ui/toast.tsx';
import { KeyShown, KeyTable, NewKey } from '../my-account/api-keys.tsx';
import type { ShownKey } from '../my-account/shapes.ts';
import { accountKeysQuery, accountsQuery, type ServiceAccount } from './settings-queries.ts';

function NewAccount({ close }: { close(): void }) {
  const user = useUser();
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [permissions, setPermissions] = useState<string[]>([]);
  const add = useMutation({
    mutationFn: () => request('/service-accounts', { method: 'POST', body: { name: name.trim(), permissions } }),
    onSuccess: () => {
      sayDone('The service account is there', 'Make it a key.');
      void client.invalidateQueries({ queryKey: accountsQuery.queryKey });
      close();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <Modal opened onClose={close} closeOnClickOutside={false} title="New service account">
      <form className="stack" style={{ gap: 12 }} onSubmit={submit}>
        <TextInput
          label="Name"
          description="The program; the audit trail names it so"
          required
          data-autofocus
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <MultiSelect
          label="Permissions"
          description="At most what you may do yourself; a directory that provisions people needs users:manage"
          searchable
          data={user?.permissions ?? []}
          value={permissions}
          onChange={setPermissions}
        />
        {add.error && <Refusal error={add.error} />}
        <Button type="submit" loading={add.isPending} disabled={permissions.length === 0}>
          Add
        </Button>
      </form>
    </Modal>
  );
}

function AccountKeys({ account }: { account: ServiceAccount }) {
  const client = useQueryClient();
  const path = `/service-accounts/${account.id}/keys`;
  const keys = useQuery(accountKeysQuery(account.id));
  const [making, setMaking] = useState(false);
  const [shown, setShown] = useState<ShownKey | null>(null);
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
  const made = (key: ShownKey) => {
    setMaking(false);
    setShown(key);
    void client.invalidateQueries({ queryKey: accountKeysQuery(account.id).queryKey });
  };
  return (
    <Panel
      className="scrolls"
      title={`Keys of ${account.name}`}
      aside={
        <div className="row">
          <Button variant="subtle" color="red" size="compact-sm" onClick={() => switchOff.mutate()}>
            {account.disabled ? 'Let it in again' : 'Shut it out'}
          </Button>
          <Button variant="light" size="compact-sm" disabled={account.disabled} onClick={() => setMaking(true)}>
            New key
          </Button>
        </div>
      }
    >
      <div className="panel-body t-dim t-sm">{account.permissions.join(', ')}</div>
      {keys.error && <Refusal error={keys.error} retry={() => void keys.refetch()} />}
      {keys.isPending && <RowsLoading rows={2} />}
      {keys.data?.length === 0 && <Empty title="No key yet">The program signs in by a key.</Empty>}
      {keys.data && keys.data.length > 0 && <KeyTable keys={keys.data} path={path} replaced={setShown} />}
      {making && <NewKey path={path} permissions={account.permissions} close={() => setMaking(false)} made={made} />}
      {shown && <KeyShown shown={shown} close={() => setShown(null)} />}
    </Panel>
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
        {adding && <NewAccount close={() => setAdding(false)} />}
      </Panel>
      {chosen && <AccountKeys account={chosen} />}
    </>
  );
}
