import { Alert, Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { request } from '../../api/request.ts';
import { useMay, useUser } from '../../api/session.ts';
import { instantText } from '../../ui/format.ts';
import { useOneAtATime } from '../../ui/one-at-a-time.ts';
import { Refusal } from '../../ui/screen.tsx';
import { sayDone, sayRefused } from '../../ui/toast.tsx';
import { type Provider, type ProviderFacts, type WaitingProvider, waitingProvidersQuery } from './settings-queries.ts';

const rolesText = ({ roleClaim, roleMap }: ProviderFacts) =>
  roleClaim
    ? `roles by ${roleClaim}: ${Object.entries(roleMap)
        .map(([value, role]) => `${value} = ${role}`)
        .join(', ')}`
    : 'roles are given here';

/** What a provider is, in the words in which a second person weighs it. */
const traitsOf = (one: ProviderFacts): Record<string, string> => ({
  name: one.name,
  issuer: one.issuer,
  client: `client ${one.clientId}`,
  domains: one.emailDomains.length > 0 ? `speaks for ${one.emailDomains.join(', ')}` : 'speaks for any verified e-mail',
  joins: one.joins ? 'new people become members' : 'new people need an invitation',
  reach: one.joins && !one.joinScope?.customers && !one.joinScope?.products ? 'they see everything' : '',
  roles: rolesText(one),
  enabled: one.enabled ? 'in use' : 'off',
});

/** What would be otherwise than now; of a new provider everything. */
function differences({ provider, before, secretChanged }: WaitingProvider): { was: string; will: string }[] {
  const will = traitsOf(provider);
  const was: Record<string, string> = before ? traitsOf(before) : { name: provider.name };
  const changed = Object.keys(will).filter((name) => will[name] && will[name] !== was[name]);
  const secret = before && secretChanged ? [{ was: '', will: 'another client secret' }] : [];
  return [...changed.map((name) => ({ was: was[name] ?? '', will: will[name] ?? '' })), ...secret];
}

function Waiting({ one }: { one: WaitingProvider }) {
  const client = useQueryClient();
  const once = useOneAtATime();
  const own = useUser()?.id === one.askedBy.id;
  const mayManage = useMay()('users:manage');
  const decide = useMutation({
    mutationFn: (what: 'confirm' | 'withdraw') =>
      what === 'confirm'
        ? request<Provider>(`/single-sign-on/changes/${one.id}/confirm`, { method: 'POST' })
        : request(`/single-sign-on/changes/${one.id}`, { method: 'DELETE' }),
    onSuccess: (_answer, what) => {
      sayDone(what === 'confirm' ? 'The provider is in force' : 'Withdrawn', one.provider.name);
      void client.invalidateQueries({ queryKey: ['sign-in'] });
    },
    onError: (error) => {
      sayRefused(error);
      void client.invalidateQueries({ queryKey: ['sign-in'] });
    },
  });
  return (
    <div className="stack" style={{ gap: 6 }}>
      <div>
        <b>{one.askedBy.name}</b> asked {one.happened === 'added' ? 'for a new provider' : 'to change'}{' '}
        <b>{one.provider.name}</b> <span className="t-dim num">{instantText(one.askedAt)}</span>
      </div>
      <ul style={{ margin: 0, paddingLeft: 18 }}>
        {differences(one).map(({ was, will }) => (
          <li key={will}>
            {will}
            {was && <span className="t-dim"> (now: {was})</span>}
          </li>
        ))}
      </ul>
      {mayManage && (
        <div className="row">
          {own ? (
            <span className="t-dim">Another administrator confirms it here.</span>
          ) : (
            <Button
              size="compact-sm"
              loading={decide.isPending}
              aria-label={`Confirm ${one.provider.name}`}
              onClick={() => once(() => decide.mutateAsync('confirm'))}
            >
              Confirm
            </Button>
          )}
          <Button
            size="compact-sm"
            variant="default"
            aria-label={`Withdraw ${one.provider.name}`}
            onClick={() => once(() => decide.mutateAsync('withdraw'))}
          >
            Withdraw
          </Button>
        </div>
      )}
    </div>
  );
}

/** New and changed providers that wait for a second administrator; nothing where none does. */
export function WaitingProviders() {
  const waiting = useQuery(waitingProvidersQuery);
  if (waiting.error) return <Refusal error={waiting.error} retry={() => void waiting.refetch()} />;
  if (!waiting.data?.length) return null;
  return (
    <Alert color="gray" variant="light" title="Waits for a second person" p="sm" radius="sm" m="sm">
      <div className="stack" style={{ gap: 12, whiteSpace: 'normal' }}>
        <div>
          Whoever runs a provider can sign in as everyone for whom it vouches. Make sure that it is your company’s own;
          what nobody confirms within seven days lapses.
        </div>
        {waiting.data.map((one) => (
          <Waiting key={one.id} one={one} />
        ))}
      </div>
    </Alert>
  );
}
