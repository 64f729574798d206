import { Button, CopyButton, Modal, MultiSelect, Select, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { request } from '../../api/request.ts';
import { dateText, instantText } from '../../ui/format.ts';
import { Refusal } from '../../ui/screen.tsx';
import { sayDone, sayRefused } from '../../ui/toast.tsx';
import type { ApiKey, ShownKey } from './shapes.ts';

/** A key that was just made, shown this once. */
export function KeyShown({ shown, close }: { shown: ShownKey; close(): void }) {
  return (
    <Modal opened onClose={close} closeOnClickOutside={false} closeOnEscape={false} title="Keep this key">
      <div className="stack" style={{ gap: 12 }}>
        <div>It is shown this once. Put it where the program reads its secrets, and nowhere else.</div>
        <TextInput
          readOnly
          aria-label="API key"
          value={shown.token}
          onFocus={(event) => event.currentTarget.select()}
        />
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <CopyButton value={shown.token}>
            {({ copied, copy }) => (
              <Button variant="default" onClick={copy}>
                {copied ? 'Copied' : 'Copy the key'}
              </Button>
            )}
          </CopyButton>
          <Button onClick={close}>I have kept it</Button>
        </div>
      </div>
    </Modal>
  );
}

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
  close(): void;
  made(key: ShownKey): void;
}

/** Makes a key with a name, permissions and an end. */
export function NewKey({ path, permissions, close, made }: NewKeyProps) {
  const [name, setName] = useState('');
  const [chosen, setChosen] = useState<string[]>([]);
  const [days, setDays] = useState('90');
  const make = useMutation({
    mutationFn: () =>
      request<ShownKey>(path, {
        method: 'POST',
        body: { name: name.trim(), permissions: chosen, days: Number(days) },
      }),
    onSuccess: made,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate();
  };
  return (
    <Modal opened onClose={close} closeOnClickOutside={false} title="New API key">
      <form className="stack" style={{ gap: 12 }} onSubmit={submit}>
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
        {make.error && <Refusal error={make.error} />}
        <Button type="submit" loading={make.isPending} disabled={chosen.length === 0}>
          Make the key
        </Button>
      </form>
    </Modal>
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
export function KeyTable({ keys, path, replaced }: KeyTableProps) {
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
