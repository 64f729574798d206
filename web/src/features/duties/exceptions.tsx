import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { request } from '../../api/request.ts';
import { useMay, useUser } from '../../api/session.ts';
import { ExportButton } from '../../ui/export-button.tsx';
import { dateText, instantText, today } from '../../ui/format.ts';
import { useOneAtATime } from '../../ui/one-at-a-time.ts';
import { Empty, Refusal, RowsLoading, Screen } from '../../ui/screen.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { sayDone, sayRefused } from '../../ui/toast.tsx';
import { AskException } from './ask-exception.tsx';
import { exceptionsQuery } from './queries.ts';
import type { DutyException } from './shapes.ts';

function exported(items: readonly DutyException[]) {
  return {
    head: ['person', 'conflict', 'state', 'expires_on', 'reason', 'asked_by', 'asked_at', 'decided_by', 'decided_at'],
    rows: items.map((one) => [
      ...[one.personName, one.conflict, one.state, one.expiresOn, one.reason],
      ...[one.askedBy, one.askedAt, one.decidedBy, one.decidedAt],
    ]),
  };
}

function Deciding({ exception }: { exception: DutyException }) {
  const client = useQueryClient();
  const once = useOneAtATime();
  const user = useUser();
  const send = useMutation({
    mutationFn: ({ action, body }: { action: string; body?: unknown }) =>
      request(`/compliance/duties/exceptions/${exception.id}/${action}`, {
        ...{ method: 'POST', ifMatch: exception.version },
        ...(body ? { body } : {}),
      }),
    onSuccess: () => {
      sayDone('Saved', exception.personName);
      void client.invalidateQueries({ queryKey: ['duties'] });
    },
    onError: sayRefused,
  });
  const decide = (outcome: 'granted' | 'refused') =>
    once(() => send.mutateAsync({ action: 'decide', body: { outcome } }));
  if (exception.state === 'granted' && exception.expiresOn >= today()) {
    return (
      <Button
        size="xs"
        variant="default"
        loading={send.isPending}
        onClick={() => once(() => send.mutateAsync({ action: 'end' }))}
      >
        End now
      </Button>
    );
  }
  if (exception.state !== 'asked') return null;
  if (exception.personId === user?.id) return <span className="t-faint">somebody else decides</span>;
  return (
    <div className="row">
      <Button size="xs" loading={send.isPending} onClick={() => decide('granted')}>
        Grant
      </Button>
      <Button size="xs" variant="default" loading={send.isPending} onClick={() => decide('refused')}>
        Refuse
      </Button>
    </div>
  );
}

/** Exceptions from the separation of duties: asked for, decided by somebody else, over by a day. */
export function Exceptions({ head }: { head: ReactNode }) {
  const exceptions = useQuery(exceptionsQuery);
  const manages = useMay()('users:manage');
  const [asking, setAsking] = useState(false);
  const items = exceptions.data ?? [];
  return (
    <Screen
      title="Exceptions"
      sub={head}
      actions={
        <>
          <ExportButton name="duty-exceptions" disabled={items.length === 0} table={() => exported(items)} />
          {manages && (
            <Button leftSection={<IconPlus size={14} />} onClick={() => setAsking(true)}>
              Ask for one
            </Button>
          )}
        </>
      }
      flush
    >
      {exceptions.error && <Refusal error={exceptions.error} retry={() => void exceptions.refetch()} />}
      {exceptions.isPending && <RowsLoading rows={6} />}
      {exceptions.data && items.length === 0 && (
        <Empty title="No exception so far">
          One is needed before somebody gets both sides of a conflict that is refused. Whoever asks does not decide.
        </Empty>
      )}
      {items.length > 0 && (
        <table className="grid wrap">
          <thead>
            <tr>
              <th>For</th>
              <th>Conflict</th>
              <th>State</th>
              <th>Until</th>
              <th>Why</th>
              <th>Asked</th>
              <th>Decided</th>
              <th />
            </tr>
          </thead>
          <tbody>
            {items.map((one) => (
              <tr key={one.id}>
                <td>
                  <b>{one.personName}</b>
                </td>
                <td>
                  <code>{one.conflict}</code>
                </td>
                <td>
                  <StateBadge state={one.state === 'granted' && one.expiresOn < today() ? 'expired' : one.state} />
                </td>
                <td className="num">{dateText(one.expiresOn)}</td>
                <td>{one.reason}</td>
                <td className="t-dim num">
                  {one.askedBy}, {instantText(one.askedAt)}
                </td>
                <td className="t-dim num">{one.decidedBy ? `${one.decidedBy}, ${instantText(one.decidedAt)}` : '–'}</td>
                <td>{manages && <Deciding exception={one} />}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {asking && <AskException close={() => setAsking(false)} />}
    </Screen>
  );
}
