import { Button, MultiSelect, Select, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { type QueryKey, type UseQueryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { request } from '../../api/request.ts';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { dateText, instantText } from '../../ui/format.ts';
import { Empty, Panel, Refusal, RowsLoading } from '../../ui/screen.tsx';
import { sayDone, sayRefused } from '../../ui/toast.tsx';
import { KeyShown } from './key-shown.tsx';
import type { ApiKey, ShownKey } from './shapes.ts';

const lives = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '366', label: 'A year' },
];

interface NewKeyProps {
  /** Where keys of this owner are made. */
  path: string;
  /** What the owner may do: a key never permits more. */
  permissions: readonly string[];
  refresh: QueryKey;
  close(): void;
  made(key: ShownKey): void;
}

/** Makes a key with a name, permissions and an end. */
function NewKey({ path, permissions, refresh, close, made }: NewKeyProps) {
  const [name, setName] = useState('');
  const [chosen, setChosen] = useState<string[]>([]);
  const [days, setDays] = useState('90');
  return (
    <FormDialog
      title="New API key"
      confirm="Make the key"
      ready={chosen.length > 0}
      send={() =>
        request<ShownKey>(path, {
          method: 'POST',
          body: { name: name.trim(), permissions: chosen, days: Number(days) },
        })
      }
      refresh={refresh}
      done={made}
      close={close}
    >
      <TextInput
        label="Name"
        description="The program that will use it"
        required
        data-autofocus
        maxLength={200}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <MultiSelect
        label="Permissions"
        description="Only what the program needs"
        searchable
        data={[...permissions]}
        value={chosen}
        onChange={setChosen}
      />
      <Select
        label="Ends after"
        allowDeselect={false}
        data={lives}
        value={days}
        onChange={(value) => setDays(value ?? '90')}
      />
    </FormDialog>
  );
}

interface KeyTableProps {
  keys: readonly ApiKey[];
  /** Where one of these keys is revoked: `<path>/<id>`. */
  path: string;
  /** Given: keys can be replaced there (`<path>/<id>/rotate`). */
  replaced?: (key: ShownKey) => void;
}

/** Keys with their state, and what can be done about them. */
function KeyTable({ keys, path, replaced }: KeyTableProps) {
  const client = useQueryClient();
  const again = () => void client.invalidateQueries();
  const revoke = useMutation({
    mutationFn: (id: string) => request(`${path}/${id}`, { method: 'DELETE' }),
    onSuccess: () => {
      sayDone('The key opens nothing any more');
      again();
    },
    onError: sayRefused,
  });
  const rotate = useMutation({
    mutationFn: (id: string) => request<ShownKey>(`${path}/${id}/rotate`, { method: 'POST' }),
    onSuccess: (key) => {
      replaced?.(key);
      again();
    },
    onError: sayRefused,
  });
  return (
    <table className="grid">
      <thead>
        <tr>
          <th>Name</th>
          <th>Begins with</th>
          <th>Permissions</th>
          <th>Ends</th>
          <th>Last used</th>
          <th>State</th>
          <th aria-label="Actions" />
        </tr>
      </thead>
      <tbody>
        {keys.map((key) => (
          <tr key={key.id}>
            <td>
              <b>{key.name}</b>
            </td>
            <td>
              <code>{key.hint}…</code>
            </td>
            <td title={key.permissions.join(', ')}>
              {key.permissions.length === 1 ? key.permissions[0] : `${key.permissions.length} permissions`}
            </td>
            <td className="num">{dateText(key.expiresAt.slice(0, 10))}</td>
            <td className="t-dim">{key.lastUsedAt ? instantText(key.lastUsedAt) : 'never'}</td>
            <td>
              <span className="state" data-key={key.state}>
                <i aria-hidden="true" />
                {key.state}
              </span>
            </td>
            <td className="right">
              {key.state === 'live' && replaced && (
                <Button variant="subtle" size="compact-sm" onClick={() => rotate.mutate(key.id)}>
                  Replace
                </Button>
              )}
              {key.state !== 'revoked' && key.state !== 'expired' && (
                <Button
                  variant="subtle"
                  color="red"
                  size="compact-sm"
                  aria-label={`Revoke ${key.name}`}
                  onClick={() => revoke.mutate(key.id)}
                >
                  Revoke
                </Button>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The keys of somebody or of a program: made, shown once, replaced (where `replaces`) and revoked. */
export function KeyPanel({
  title,
  path,
  keysOf,
  permissions,
  replaces = false,
  closed = false,
  actions,
  about,
  empty,
}: {
  title: string;
  /** Where the keys of this owner are. */
  path: string;
  keysOf: UseQueryOptions<ApiKey[], Error, ApiKey[], string[]> & { queryKey: string[] };
  permissions: readonly string[];
  replaces?: boolean;
  /** No more keys are made. */
  closed?: boolean;
  actions?: ReactNode;
  about?: ReactNode;
  empty: ReactNode;
}) {
  const keys = useQuery(keysOf);
  const [making, setMaking] = useState(false);
  const [shown, setShown] = useState<ShownKey | null>(null);
  return (
    <Panel
      className="scrolls"
      title={title}
      aside={
        <div className="row">
          {actions}
          <Button
            variant="light"
            size="compact-sm"
            leftSection={<IconPlus size={13} aria-hidden="true" />}
            disabled={closed}
            onClick={() => setMaking(true)}
          >
            New API key
          </Button>
        </div>
      }
    >
      {about}
      {keys.error && <Refusal error={keys.error} retry={() => void keys.refetch()} />}
      {keys.isPending && <RowsLoading rows={2} />}
      {keys.data?.length === 0 && <Empty title="No API key">{empty}</Empty>}
      {keys.data && keys.data.length > 0 && (
        <KeyTable keys={keys.data} path={path} {...(replaces ? { replaced: setShown } : {})} />
      )}
      {making && (
        <NewKey {...{ path, permissions, refresh: keysOf.queryKey, made: setShown }} close={() => setMaking(false)} />
      )}
      {shown && <KeyShown shown={shown} close={() => setShown(null)} />}
    </Panel>
  );
}
