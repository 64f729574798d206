import { Alert, Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { namesQuery } from '../../api/queries.ts';
import { request } from '../../api/request.ts';
import { useUser } from '../../api/session.ts';
import { instantText } from '../../ui/format.ts';
import { useOneAtATime } from '../../ui/one-at-a-time.ts';
import { sayDone, sayRefused } from '../../ui/toast.tsx';

/** A version of a process or a decision, as far as its force goes. */
interface Asked {
  id: string;
  title: string;
  version: number;
  state: 'draft' | 'published' | 'retired';
  askedAt: string | null;
  askedBy: string | null;
}

/** What was done once somebody said yes, or only asked for. */
export function sayForce(act: 'publish' | 'retire', { state, title, version }: Asked): void {
  const isDone = state === (act === 'publish' ? 'published' : 'retired');
  const done = act === 'publish' ? 'Published' : 'Retired';
  sayDone(isDone ? done : 'Waits for a second person', `${title}, version ${version}`);
}

/** That somebody asks for a version to go out of force or to come back: somebody else says yes, or it stays. Nothing where nobody does. */
export function AskedForce({ of, version }: { of: 'processes' | 'decisions'; version: Asked }) {
  const client = useQueryClient();
  const once = useOneAtATime();
  const { id, askedAt, askedBy, state } = version;
  const own = useUser()?.id === askedBy;
  const who = useQuery(namesQuery()).data?.items.find((one) => one.id === askedBy)?.name ?? 'Somebody';
  const act = state === 'published' ? 'retire' : 'publish';
  const decide = useMutation({
    mutationFn: (what: 'publish' | 'retire' | 'keep') =>
      request<Asked>(`/workflows/${of}/${id}/${what}`, { method: 'POST' }),
    onSuccess: (answer, what) => {
      if (what === 'keep') sayDone('It stays as it is', `${version.title}, version ${version.version}`);
      else sayForce(what, answer);
      return client.invalidateQueries({ queryKey: [of === 'processes' ? 'workflow' : 'decisions'] });
    },
    onError: sayRefused,
  });
  if (askedBy === null) return null;
  return (
    <Alert color="gray" variant="light" title="Waits for a second person" p="sm" radius="sm" my="sm">
      <div className="row spread" style={{ flexWrap: 'wrap' }}>
        <span>
          <b>{who}</b> asked to {act === 'retire' ? 'retire this version' : 'put this version in force again'}.{' '}
          <span className="t-dim num">{instantText(askedAt)}</span>
        </span>
        <span className="row">
          {own ? (
            <span className="t-dim">Somebody else says yes to it here.</span>
          ) : (
            <Button
              size="compact-sm"
              color={act === 'retire' ? 'red' : undefined}
              onClick={() => once(() => decide.mutateAsync(act))}
            >
              {act === 'retire' ? 'Retire it' : 'Put it in force'}
            </Button>
          )}
          <Button size="compact-sm" variant="default" onClick={() => once(() => decide.mutateAsync('keep'))}>
            {own ? 'Withdraw' : 'Leave it as it is'}
          </Button>
        </span>
      </div>
    </Alert>
  );
}
