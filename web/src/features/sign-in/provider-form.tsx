import { Checkbox, PasswordInput, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { request } from '../../api/request.ts';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { sayDone } from '../../ui/toast.tsx';
import { ScopeChoice } from '../people/reach-fields.tsx';
import { type Provider, providersQuery } from './settings-queries.ts';

/** Lines `value = role` as the map that the API takes. */
function mapOf(lines: string): Record<string, string> {
  const pairs = lines
    .split('\n')
    .map((line) => line.split('='))
    .filter((parts) => parts.length > 1)
    .map(([value = '', ...role]) => [value.trim(), role.join('=').trim()] as const);
  return Object.fromEntries(pairs);
}

/** In force as it is, or waiting for a second person. */
type Managed = Provider | { waitingChangeId: string };

/** Adds an OpenID provider, or changes one; its issuer and secret are only ever written. */
export function ProviderForm({ provider, close }: { provider: Provider | null; close(): void }) {
  const [name, setName] = useState(provider?.name ?? '');
  const [issuer, setIssuer] = useState(provider?.issuer ?? '');
  const [clientId, setClientId] = useState(provider?.clientId ?? '');
  const [secret, setSecret] = useState('');
  const [domains, setDomains] = useState(provider?.emailDomains.join(', ') ?? '');
  const [joins, setJoins] = useState(provider?.joins ?? false);
  const [joinScope, setJoinScope] = useState(provider?.joinScope ?? null);
  const [enabled, setEnabled] = useState(provider?.enabled ?? true);
  const [claim, setClaim] = useState(provider?.roleClaim ?? '');
  const [roles, setRoles] = useState(
    Object.entries(provider?.roleMap ?? {})
      .map(([value, role]) => `${value} = ${role}`)
      .join('\n'),
  );
  const body = {
    ...{ name: name.trim(), clientId: clientId.trim(), joins, joinScope, enabled },
    emailDomains: domains.split(/[\s,]+/).filter(Boolean),
    ...{ roleClaim: claim.trim() || null, roleMap: mapOf(roles) },
    ...(secret ? { clientSecret: secret } : {}),
  };
  return (
    <FormDialog
      title={provider ? provider.name : 'Add an OpenID provider'}
      confirm={provider ? 'Save' : 'Add the provider'}
      ready={!joins || joinScope !== null}
      send={() =>
        provider
          ? request<Managed>(`/single-sign-on/${provider.id}`, { method: 'PATCH', body, ifMatch: provider.version })
          : request<Managed>('/single-sign-on', { method: 'POST', body: { ...body, issuer: issuer.trim() } })
      }
      refresh={providersQuery.queryKey}
      done={(answer) => {
        if ('waitingChangeId' in answer)
          sayDone('It waits', 'Another administrator confirms it before it is in force.');
        else sayDone(provider ? 'The provider is changed' : 'People can sign in through it now');
      }}
      close={close}
    >
      <TextInput
        label="Name"
        description="As people know it"
        required
        data-autofocus
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <TextInput
        label="Issuer"
        placeholder="https://login.example.com"
        required
        disabled={provider !== null}
        value={issuer}
        onChange={(event) => setIssuer(event.currentTarget.value)}
      />
      <div className="fields">
        <TextInput
          label="Client id"
          required
          value={clientId}
          onChange={(event) => setClientId(event.currentTarget.value)}
        />
        <PasswordInput
          label={provider ? 'New client secret' : 'Client secret'}
          required={provider === null}
          autoComplete="off"
          value={secret}
          onChange={(event) => setSecret(event.currentTarget.value)}
        />
      </div>
      <TextInput
        label="Redirect address to enter at the provider"
        readOnly
        value={`${location.origin}/api/v1/auth/single-sign-on/callback`}
        onFocus={(event) => event.currentTarget.select()}
      />
      <TextInput
        label="E-mail domains that it speaks for"
        description="Empty: any, where the provider has verified the e-mail"
        placeholder="example.com, example.org"
        value={domains}
        onChange={(event) => setDomains(event.currentTarget.value)}
      />
      <TextInput
        label="Claim that names roles"
        description="Empty: roles are given here"
        placeholder="groups"
        value={claim}
        onChange={(event) => setClaim(event.currentTarget.value)}
      />
      {claim.trim() !== '' && (
        <Textarea
          label="Roles by value, one a line"
          placeholder="Trade Finance = finance_controller"
          autosize
          minRows={2}
          value={roles}
          onChange={(event) => setRoles(event.currentTarget.value)}
        />
      )}
      <Checkbox
        label="New people become members at their first sign-in"
        checked={joins}
        onChange={(event) => setJoins(event.currentTarget.checked)}
      />
      {joins && <ScopeChoice label="They see" scope={joinScope} onChange={setJoinScope} />}
      <Checkbox label="In use" checked={enabled} onChange={(event) => setEnabled(event.currentTarget.checked)} />
    </FormDialog>
  );
}
