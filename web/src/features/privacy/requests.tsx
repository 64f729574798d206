import { Button, SegmentedControl } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { ExportButton } from '../../ui/export-button.tsx';
import { dateText, wordsOf } from '../../ui/format.ts';
import { useKeys } from '../../ui/keys.ts';
import { Empty, Refusal, RowsLoading, Screen } from '../../ui/screen.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { Due } from './due.tsx';
import { OpenRequest } from './open-request.tsx';
import { requestsQuery } from './queries.ts';
import { RequestView } from './request-view.tsx';
import type { PrivacyRequest } from './shapes.ts';

const states = ['open', 'done', 'refused', 'all'] as const;

function exported(items: readonly PrivacyRequest[]) {
  return {
    head: ['kind', 'person', 'received_on', 'due_on', 'state', 'decision', 'decided_at'],
    rows: items.map((one) => [
      ...[one.kind, one.personName, one.receivedOn, one.dueOn, one.state, one.decision, one.decidedAt],
    ]),
  };
}

function Row({ request, on, open }: { request: PrivacyRequest; on: boolean; open(): void }) {
  return (
    <tr data-link="" aria-selected={on} data-on={on ? '' : undefined} onClick={open}>
      <td>
        <button type="button" className="plain" onClick={open}>
          <b>{wordsOf(request.kind)}</b>
        </button>
      </td>
      <td>{request.personName ?? request.contact ?? <span className="t-faint">unreadable</span>}</td>
      <td className="num">{dateText(request.receivedOn)}</td>
      <td className="num">
        <Due request={request} />
      </td>
      <td>{request.identityCheckedAt ? 'checked' : <span className="t-faint">not checked</span>}</td>
      <td>
        <StateBadge state={request.state} />
      </td>
      <td className="cut t-dim">{request.decision ?? '–'}</td>
    </tr>
  );
}

/** Requests of data subjects, what is due first at the top. */
export function Requests({ head }: { head: ReactNode }) {
  const search = useSearch({ from: '/app/privacy' });
  const navigate = useNavigate();
  const state = states.find((one) => one === search.state) ?? 'open';
  const requests = useQuery(requestsQuery(state));
  const [opening, setOpening] = useState(false);
  const items = requests.data ?? [];
  const show = (members: { request?: string; state?: string; row?: string }) =>
    void navigate({ to: '/privacy', search: { tab: 'requests', state, ...members }, replace: true });
  const at = items.findIndex(({ id }) => id === search.row);
  const step = (by: number) => {
    const next = items[Math.min(items.length - 1, Math.max(0, at + by))];
    if (next) show({ row: next.id });
  };
  const chosen = items[at];
  useKeys(
    { j: () => step(1), k: () => step(-1), enter: () => chosen && show({ row: chosen.id, request: chosen.id }) },
    !search.request,
  );
  if (search.request) return <RequestView id={search.request} back={() => show({ row: search.request ?? '' })} />;
  return (
    <Screen
      title="Privacy"
      sub={head}
      actions={
        <>
          <ExportButton name="privacy-requests" disabled={items.length === 0} table={() => exported(items)} />
          <Button leftSection={<IconPlus size={14} />} onClick={() => setOpening(true)}>
            New request
          </Button>
        </>
      }
      flush
    >
      <div className="filters">
        <SegmentedControl
          size="xs"
          aria-label="State"
          data={states.map((value) => ({ value, label: wordsOf(value) }))}
          value={state}
          onChange={(value) => show({ state: value })}
        />
      </div>
      {requests.error && <Refusal error={requests.error} retry={() => void requests.refetch()} />}
      {requests.isPending && <RowsLoading rows={6} />}
      {requests.data && items.length === 0 && (
        <Empty title={state === 'open' ? 'Nothing is open' : 'Nothing here'}>
          Take a request down as soon as it arrives: it is due in a month from that day.
        </Empty>
      )}
      {items.length > 0 && (
        <table className="grid">
          <thead>
            <tr>
              <th>Asks for</th>
              <th>Who</th>
              <th>Received</th>
              <th>Due</th>
              <th>Identity</th>
              <th>State</th>
              <th>Decision</th>
            </tr>
          </thead>
          <tbody>
            {items.map((one) => (
              <Row
                key={one.id}
                request={one}
                on={one.id === search.row}
                open={() => show({ row: one.id, request: one.id })}
              />
            ))}
          </tbody>
        </table>
      )}
      {opening && <OpenRequest close={() => setOpening(false)} opened={(id) => show({ row: id, request: id })} />}
    </Screen>
  );
}
