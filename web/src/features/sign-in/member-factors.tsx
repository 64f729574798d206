import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { request } from '../../api/request.ts';
import { useUser } from '../../api/session.ts';
import { instantText } from '../../ui/format.ts';
import { Panel, Refusal, RowsLoading } from '../../ui/screen.tsx';
import { sayDone, sayRefused } from '../../ui/toast.tsx';
import { membersQuery } from '../people/queries.ts';
import { type MemberFactors, memberFactorsQuery } from './settings-queries.ts';

function wordsFor({ password, totp, passkeys, singleSignOn }: MemberFactors): string {
  const ways = [
    ...(password ? ['password'] : []),
    ...(totp ? ['code generator'] : []),
    ...(passkeys > 0 ? [passkeys === 1 ? 'passkey' : `${passkeys} passkeys`] : []),
    ...(singleSignOn ? ['single sign-on'] : []),
  ];
  return ways.join(', ') || 'none yet';
}

/** Who signs in how, and what an administrator can do about it. */
export function MemberFactorsPanel() {
  const user = useUser();
  const client = useQueryClient();
  const members = useQuery(memberFactorsQuery);
  const people = useQuery(membersQuery);
  const act = useMutation({
    mutationFn: ({ id, what }: { id: string; what: 'end-sessions' | 'reset-factors' }) =>
      request(`/users/${id}/${what}`, { method: 'POST' }),
    onSuccess: (_answer, { what }) => {
      sayDone(what === 'end-sessions' ? 'Their sessions have ended' : 'Their factors are gone; their sessions too');
      void client.invalidateQueries({ queryKey: memberFactorsQuery.queryKey });
    },
    onError: sayRefused,
  });
  const names = new Map(people.data?.map(({ id, name }) => [id, name]));
  const rows = (members.data ?? [])
    .map((member) => ({ ...member, name: names.get(member.personId) ?? '…' }))
    .sort((a, b) => a.name.localeCompare(b.name));
  return (
    <Panel className="scrolls" title="Who signs in how">
      {members.error && <Refusal error={members.error} retry={() => void members.refetch()} />}
      {members.isPending && <RowsLoading rows={6} />}
      {members.data && (
        <table className="grid">
          <thead>
            <tr>
              <th>Person</th>
              <th>Signs in by</th>
              <th>Last signed in</th>
              <th className="right">Sessions</th>
              <th aria-label="Actions" />
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.personId}>
                <td>
                  <b>{row.name}</b> {row.locked && <span className="tag">locked</span>}
                </td>
                <td>{wordsFor(row)}</td>
                <td className="t-dim">{row.lastSignedInAt ? instantText(row.lastSignedInAt) : 'never'}</td>
                <td className="right num">{row.liveSessions}</td>
                <td className="right">
                  {row.liveSessions > 0 && (
                    <Button
                      variant="subtle"
                      size="compact-sm"
                      aria-label={`End the sessions of ${row.name}`}
                      onClick={() => act.mutate({ id: row.personId, what: 'end-sessions' })}
                    >
                      End sessions
                    </Button>
                  )}
                  {(row.totp || row.passkeys > 0) && row.personId !== user?.id && (
                    <Button
                      variant="subtle"
                      color="red"
                      size="compact-sm"
                      aria-label={`Reset the factors of ${row.name}`}
                      onClick={() => act.mutate({ id: row.personId, what: 'reset-factors' })}
                    >
                      Reset factors
                    </Button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}
