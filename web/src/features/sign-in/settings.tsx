import { Button, Switch } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { request } from '../../api/request.ts';
import { Empty, Panel, Refusal, RowsLoading, Screen } from '../../ui/screen.tsx';
import { sayDone, sayRefused } from '../../ui/toast.tsx';
import { MemberFactorsPanel } from './member-factors.tsx';
import { ProviderForm } from './provider-form.tsx';
import { ServiceAccounts } from './service-accounts.tsx';
import { type Policy, type Provider, policyQuery, providersQuery } from './settings-queries.ts';
import { WaitingProviders } from './waiting-providers.tsx';

function PolicyPanel() {
  const client = useQueryClient();
  const policy = useQuery(policyQuery);
  const set = useMutation({
    mutationFn: (secondFactor: Policy['secondFactor']) =>
      request<Policy>('/sign-in-policy', {
        method: 'PUT',
        body: { secondFactor },
        ...(policy.data ? { ifMatch: policy.data.version } : {}),
      }),
    onSuccess: (answer) => {
      sayDone(
        answer.secondFactor === 'required' ? 'Everyone needs a second factor now' : 'A second factor is optional',
      );
      client.setQueryData(policyQuery.queryKey, answer);
    },
    onError: sayRefused,
  });
  return (
    <Panel title="Second factor">
      <div className="panel-body">
        {policy.error && <Refusal error={policy.error} retry={() => void policy.refetch()} />}
        <Switch
          label="Everyone needs a second factor"
          description="Whoever has none sets one up before anything else, also in open sessions. Single sign-on answers for its own."
          checked={policy.data?.secondFactor === 'required'}
          disabled={!policy.data || set.isPending}
          onChange={(event) => set.mutate(event.currentTarget.checked ? 'required' : 'optional')}
        />
      </div>
    </Panel>
  );
}

function Providers() {
  const client = useQueryClient();
  const providers = useQuery(providersQuery);
  const [editing, setEditing] = useState<Provider | 'new' | null>(null);
  const remove = useMutation({
    mutationFn: (id: string) => request(`/single-sign-on/${id}`, { method: 'DELETE' }),
    onSuccess: () => {
      sayDone('The provider is removed');
      void client.invalidateQueries({ queryKey: providersQuery.queryKey });
    },
    onError: sayRefused,
  });
  return (
    <Panel
      className="scrolls"
      title="Single sign-on"
      aside={
        <Button
          variant="light"
          size="compact-sm"
          leftSection={<IconPlus size={13} aria-hidden="true" />}
          onClick={() => setEditing('new')}
        >
          Add a provider
        </Button>
      }
    >
      {providers.error && <Refusal error={providers.error} retry={() => void providers.refetch()} />}
      {providers.isPending && <RowsLoading rows={2} />}
      <WaitingProviders />
      {providers.data?.length === 0 && (
        <Empty title="No provider">With an OpenID provider your people sign in with their company account.</Empty>
      )}
      {providers.data && providers.data.length > 0 && (
        <table className="grid">
          <thead>
            <tr>
              <th>Name</th>
              <th>Issuer</th>
              <th>New people</th>
              <th>State</th>
              <th aria-label="Remove" />
            </tr>
          </thead>
          <tbody>
            {providers.data.map((one) => (
              <tr key={one.id}>
                <td>
                  <button type="button" className="plain" onClick={() => setEditing(one)}>
                    <b>{one.name}</b>
                  </button>
                </td>
                <td className="t-dim">{one.issuer}</td>
                <td>{one.joins ? 'become members' : 'need an invitation'}</td>
                <td>
                  <span className="state" data-key={one.enabled ? 'live' : 'revoked'}>
                    <i aria-hidden="true" />
                    {one.enabled ? 'in use' : 'off'}
                  </span>
                </td>
                <td className="right">
                  <Button
                    variant="subtle"
                    color="red"
                    size="compact-sm"
                    aria-label={`Remove ${one.name}`}
                    onClick={() => remove.mutate(one.id)}
                  >
                    Remove
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {editing && <ProviderForm provider={editing === 'new' ? null : editing} close={() => setEditing(null)} />}
    </Panel>
  );
}

/** How a tenant's people and programs come in. */
export function SignInSettings() {
  return (
    <Screen title="Sign-in" sub="How people and programs come in">
      <div className="account stack" style={{ gap: 14 }}>
        <PolicyPanel />
        <Providers />
        <ServiceAccounts />
        <MemberFactorsPanel />
      </div>
    </Screen>
  );
}
