import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { request } from '../../api/request.ts';
import { instantText, wordsOf } from '../../ui/format.ts';
import { Panel, Refusal, RowsLoading } from '../../ui/screen.tsx';
import { sayDone, sayRefused } from '../../ui/toast.tsx';
import { sessionsQuery } from './queries.ts';

/** Where one is signed in, and ending that. */
export function SessionPanel() {
  const client = useQueryClient();
  const sessions = useQuery(sessionsQuery);
  const end = useMutation({
    mutationFn: (id: string | null) =>
      id
        ? request(`/auth/sessions/${id}`, { method: 'DELETE' })
        : request('/auth/sessions/end-others', { method: 'POST' }),
    onSuccess: (_answer, id) => {
      sayDone(id ? 'That session has ended' : 'All other sessions have ended');
      void client.invalidateQueries({ queryKey: sessionsQuery.queryKey });
    },
    onError: sayRefused,
  });
  const others = sessions.data?.some(({ current }) => !current) ?? false;
  return (
    <Panel
      className="scrolls"
      title="Sessions"
      aside={
        others && (
          <Button variant="subtle" color="red" size="compact-sm" onClick={() => end.mutate(null)}>
            End all others
          </Button>
        )
      }
    >
      {sessions.error && <Refusal error={sessions.error} retry={() => void sessions.refetch()} />}
      {sessions.isPending && <RowsLoading rows={3} />}
      {sessions.data && (
        <table className="grid">
          <thead>
            <tr>
              <th>Device</th>
              <th>Network</th>
              <th>Signed in by</th>
              <th>Last used</th>
              <th aria-label="End" />
            </tr>
          </thead>
          <tbody>
            {sessions.data.map((one) => (
              <tr key={one.id}>
                <td>
                  <b>{one.device ?? 'Unknown device'}</b> {one.current && <span className="tag">this one</span>}
                </td>
                <td className="t-dim">{one.network ?? 'unknown'}</td>
                <td>{one.methods.map(wordsOf).join(', ')}</td>
                <td className="t-dim">{instantText(one.lastUsedAt)}</td>
                <td className="right">
                  {!one.current && (
                    <Button
                      variant="subtle"
                      color="red"
                      size="compact-sm"
                      aria-label={`End the session on ${one.device ?? 'an unknown device'}`}
                      onClick={() => end.mutate(one.id)}
                    >
                      End
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
