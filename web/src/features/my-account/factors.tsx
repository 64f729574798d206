import { Button, Modal, TextInput } from '@mantine/core';
import { IconFingerprint, IconPlus } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { request } from '../../api/request.ts';
import { session } from '../../api/session.ts';
import { countText, instantText } from '../../ui/format.ts';
import { Empty, Panel, Refusal, RowsLoading } from '../../ui/screen.tsx';
import { sayDone, sayRefused } from '../../ui/toast.tsx';
import { makePasskey } from '../sign-in/passkey.ts';
import { factorsQuery } from './queries.ts';
import { RecoveryCodes } from './recovery-codes.tsx';
import { SetUpTotp } from './set-up-totp.tsx';
import type { Factors, Passkey } from './shapes.ts';

function NamePasskey({ close, named }: { close(): void; named(name: string): Promise<void> }) {
  const [name, setName] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await named(name.trim());
    } catch (refused) {
      setError(refused);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={close} title="Add a passkey">
      <form className="stack" style={{ gap: 12 }} onSubmit={submit}>
        <TextInput
          label="Name"
          description="What you will know this device by: “work laptop”, “blue key”"
          name="passkey-name"
          required
          data-autofocus
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        {error !== null && <Refusal error={error} />}
        <Button type="submit" loading={busy} leftSection={<IconFingerprint size={16} aria-hidden="true" />}>
          Make the passkey
        </Button>
      </form>
    </Modal>
  );
}

function PasskeyRow({
  passkey,
  change,
}: {
  passkey: Passkey;
  change(work: () => Promise<unknown>, done: string): void;
}) {
  const remove = () => change(() => request(`/auth/passkeys/${passkey.id}`, { method: 'DELETE' }), 'Passkey removed');
  return (
    <tr>
      <td>
        <b>{passkey.name}</b> {passkey.backedUp && <span className="tag">synced</span>}
      </td>
      <td className="t-dim">{instantText(passkey.createdAt)}</td>
      <td className="t-dim">{passkey.lastUsedAt ? instantText(passkey.lastUsedAt) : 'never'}</td>
      <td className="right">
        <Button variant="subtle" color="red" size="compact-sm" aria-label={`Remove ${passkey.name}`} onClick={remove}>
          Remove
        </Button>
      </td>
    </tr>
  );
}

interface Shown {
  factors: Factors;
  change(work: () => Promise<unknown>, done: string): void;
  open(what: 'totp' | 'passkey'): void;
  renewCodes(): void;
}

function Generator({ factors, change, open, renewCodes }: Shown) {
  const has = factors.totp || factors.passkeys.length > 0;
  return (
    <Panel
      title="Code generator"
      aside={
        factors.totp ? (
          <Button
            variant="subtle"
            color="red"
            size="compact-sm"
            onClick={() => change(() => request('/auth/totp', { method: 'DELETE' }), 'Code generator removed')}
          >
            Remove
          </Button>
        ) : (
          <Button variant="light" size="compact-sm" onClick={() => open('totp')}>
            Set up
          </Button>
        )
      }
    >
      <div className="panel-body stack">
        <div>
          {factors.totp
            ? 'On: a sign-in by password also asks for a code from your app.'
            : 'Off. With an app on your phone that shows codes, a stolen password alone opens nothing.'}
        </div>
        {has && (
          <div className="row spread">
            <span>
              {factors.recoveryCodesLeft === 0
                ? 'No recovery codes are left.'
                : `${countText(factors.recoveryCodesLeft)} recovery codes are left.`}
            </span>
            <Button variant="default" size="compact-sm" onClick={renewCodes}>
              New recovery codes
            </Button>
          </div>
        )}
      </div>
    </Panel>
  );
}

function Passkeys({ factors, change, open }: Shown) {
  return (
    <Panel
      className="scrolls"
      title="Passkeys"
      aside={
        <Button
          variant="light"
          size="compact-sm"
          leftSection={<IconPlus size={13} aria-hidden="true" />}
          onClick={() => open('passkey')}
        >
          Add a passkey
        </Button>
      }
    >
      {factors.passkeys.length === 0 ? (
        <Empty title="No passkey yet">
          A passkey signs you in by the fingerprint, face or code of a device, without a password.
        </Empty>
      ) : (
        <table className="grid">
          <thead>
            <tr>
              <th>Name</th>
              <th>Added</th>
              <th>Last used</th>
              <th aria-label="Remove" />
            </tr>
          </thead>
          <tbody>
            {factors.passkeys.map((passkey) => (
              <PasskeyRow key={passkey.id} passkey={passkey} change={change} />
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}

/** Code generator, recovery codes and passkeys. */
export function FactorPanels() {
  const client = useQueryClient();
  const factors = useQuery(factorsQuery);
  const [opened, open] = useState<'totp' | 'passkey' | null>(null);
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const refreshAll = async () => {
    await client.invalidateQueries({ queryKey: factorsQuery.queryKey });
    await session.reload();
  };
  const change = (work: () => Promise<unknown>, done: string) => {
    work()
      .then(() => sayDone(done))
      .then(refreshAll)
      .catch(sayRefused);
  };
  const renewCodes = () => {
    request<{ recoveryCodes: string[] }>('/auth/recovery-codes', { method: 'POST' })
      .then(({ recoveryCodes }) => setCodes(recoveryCodes))
      .then(refreshAll)
      .catch(sayRefused);
  };
  const enrolled = (fresh: readonly string[] | null) => {
    open(null);
    setCodes(fresh);
    sayDone('It is on');
    void refreshAll();
  };
  if (factors.error) return <Refusal error={factors.error} retry={() => void factors.refetch()} />;
  if (!factors.data) return <RowsLoading rows={4} />;
  const shown: Shown = { factors: factors.data, change, open, renewCodes };
  return (
    <>
      <Generator {...shown} />
      <Passkeys {...shown} />
      {opened === 'totp' && <SetUpTotp close={() => open(null)} done={enrolled} />}
      {opened === 'passkey' && (
        <NamePasskey close={() => open(null)} named={async (name) => enrolled(await makePasskey(name))} />
      )}
      {codes && <RecoveryCodes codes={codes} close={() => setCodes(null)} />}
    </>
  );
}
