import { Button } from '@mantine/core';
import { IconArrowLeft } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { request } from '../../api/request.ts';
import { useMay } from '../../api/session.ts';
import { instantText, wordsOf } from '../../ui/format.ts';
import { useKeys } from '../../ui/keys.ts';
import { useOneAtATime } from '../../ui/one-at-a-time.ts';
import { Panel, Refusal, RowsLoading } from '../../ui/screen.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { sayDone, sayRefused } from '../../ui/toast.tsx';
import { KeyShown } from '../my-account/key-shown.tsx';
import type { ShownKey } from '../my-account/shapes.ts';
import { CloseIncident } from './close-incident.tsx';
import { incidentQuery } from './queries.ts';
import { SeverityTag } from './severity-tag.tsx';
import {
  type Evidence,
  type IncidentDetail,
  type NamedKey,
  type Remedy,
  type RemedyKind,
  remedyWords,
} from './shapes.ts';

/** Sends a change of an incident and shows what it has become. */
function useSend(id: string) {
  const client = useQueryClient();
  const once = useOneAtATime();
  const sending = useMutation({
    mutationFn: ({
      path = '',
      ...options
    }: {
      path?: string;
      method: 'POST' | 'PATCH';
      body?: unknown;
      ifMatch?: number;
    }) => request<IncidentDetail>(`/security/incidents/${id}${path}`, options),
    onSuccess: (incident) => {
      client.setQueryData(incidentQuery(id).queryKey, incident);
      sayDone('Saved', incident.title);
      void client.invalidateQueries({ queryKey: ['security'] });
    },
    onError: sayRefused,
  });
  return {
    send: (what: Parameters<typeof sending.mutate>[0]) => once(() => sending.mutateAsync(what)),
    busy: sending.isPending,
  };
}

function Reasons({ incident }: { incident: IncidentDetail }) {
  return (
    <Panel title="Why" aside={<span className="t-dim t-sm">score {incident.score}</span>}>
      <table className="grid wrap">
        <tbody>
          {incident.reasons.map(({ because, points }) => (
            <tr key={because}>
              <td>{because}</td>
              <td className={`right num ${points < 0 ? 'neg' : ''}`} style={{ width: 70 }}>
                {points > 0 ? '+' : '−'}
                {Math.abs(points).toFixed(2)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

const shownDetail = (detail: Record<string, unknown>) =>
  Object.entries(detail)
    // Keys stand by name in a panel of their own.
    .filter(([name, value]) => value !== null && name !== 'keys')
    .map(([name, value]) => `${wordsOf(name)}: ${Array.isArray(value) ? value.join(', ') : String(value)}`)
    .join(' · ');

function Timeline({ evidence }: { evidence: readonly Evidence[] }) {
  return (
    <Panel
      title="What shows it"
      aside={<span className="t-dim t-sm">{evidence.length} events</span>}
      className="scrolls"
    >
      <table className="grid wrap">
        <thead>
          <tr>
            <th>When</th>
            <th>What</th>
            <th>Who</th>
            <th>Network</th>
            <th>Device</th>
          </tr>
        </thead>
        <tbody>
          {evidence.map((one) => (
            <tr key={one.id}>
              <td className="num">{instantText(one.at)}</td>
              <td>
                {one.what}
                {one.outcome === 'refused' && <span className="neg"> – refused</span>}
                <div className="t-faint t-sm">{shownDetail(one.detail)}</div>
              </td>
              <td>
                {one.person ? (
                  <Link to="/audit" search={{ actorId: one.person.id }}>
                    {one.person.name}
                  </Link>
                ) : (
                  <span className="t-faint">–</span>
                )}
                {one.subject && one.subject !== one.person?.name && <div className="t-faint t-sm">{one.subject}</div>}
              </td>
              <td className="num t-dim" title="A fingerprint: the same text is the same network">
                {one.network?.slice(0, 6) ?? '–'}
              </td>
              <td className="num t-dim" title="A fingerprint: the same text is the same device">
                {one.device?.slice(0, 6) ?? '–'}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

/** Keys of programs that an incident is about: each rotated or set aside by one press. */
function Keys({ incident }: { incident: IncidentDetail }) {
  const manages = useMay()('users:manage');
  const client = useQueryClient();
  const once = useOneAtATime();
  const { send, busy } = useSend(incident.id);
  const [shown, setShown] = useState<ShownKey | null>(null);
  const rotate = useMutation({
    mutationFn: (key: NamedKey) =>
      request<ShownKey>(`/service-accounts/${key.serviceAccountId}/keys/${key.id}/rotate`, { method: 'POST' }),
    onSuccess: (key) => {
      setShown(key);
      void client.invalidateQueries({ queryKey: ['security'] });
    },
    onError: sayRefused,
  });
  if (incident.keys.length === 0) return null;
  return (
    <Panel title="Keys of programs" className="scrolls">
      <table className="grid">
        <tbody>
          {incident.keys.map((key) => (
            <tr key={key.id}>
              <td>
                <b>{key.name}</b> <span className="t-faint">{key.hint}…</span>
              </td>
              <td className="t-dim">{key.program}</td>
              <td>
                <span className="state" data-key={key.works ? 'live' : 'revoked'}>
                  <i aria-hidden="true" />
                  {key.works ? 'works' : 'opens nothing'}
                </span>
              </td>
              <td className="right">
                {manages && key.works && (
                  <>
                    <Button
                      variant="subtle"
                      size="compact-sm"
                      aria-label={`Rotate ${key.name}`}
                      loading={rotate.isPending}
                      onClick={() => once(() => rotate.mutateAsync(key))}
                    >
                      Rotate
                    </Button>
                    <Button
                      variant="subtle"
                      color="red"
                      size="compact-sm"
                      aria-label={`Set ${key.name} aside`}
                      loading={busy}
                      onClick={() =>
                        send({ path: '/remedies', method: 'POST', body: { kind: 'quarantine_key', target: key.id } })
                      }
                    >
                      Set aside
                    </Button>
                  </>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {shown && <KeyShown shown={shown} close={() => setShown(null)} />}
    </Panel>
  );
}

function remedyText({ state, takenBy, refusal, undoneBy, undoneAt }: Remedy): string {
  const by = takenBy ?? 'the rule';
  if (state === 'dry_run') return 'a dry run: it would have been done';
  if (state === 'refused') return `not done: ${refusal}`;
  if (state === 'undone') return `done by ${by}, undone by ${undoneBy} ${undoneAt ? instantText(undoneAt) : ''}`;
  return `done by ${by}`;
}

function Remedies({ incident }: { incident: IncidentDetail }) {
  const manages = useMay()('users:manage');
  const { send, busy } = useSend(incident.id);
  // Keys of programs stand by name below; what else is a key is somebody's own.
  const hasKey = incident.keys.length === 0 && incident.about.some((one) => one.startsWith('key:'));
  const hasPerson = incident.about.some((one) => one.startsWith('person:'));
  const kinds: RemedyKind[] = [
    ...(hasPerson ? (['end_sessions', 'step_up', 'lock'] as const) : []),
    ...(hasKey ? (['quarantine_key'] as const) : []),
  ];
  return (
    <Panel title="What was done">
      <div className="panel-body stack">
        {incident.remedies.length === 0 && <span className="t-faint">nothing so far</span>}
        {incident.remedies.map((one) => (
          <div key={one.id} className="row spread">
            <span>
              <strong>{remedyWords[one.kind]}</strong> {one.targetName ?? ''}{' '}
              <span className="t-dim">
                {instantText(one.at)}, {remedyText(one)}
              </span>
            </span>
            {manages && one.state === 'taken' && one.kind !== 'end_sessions' && (
              <Button
                size="compact-xs"
                variant="default"
                loading={busy}
                onClick={() => send({ path: `/remedies/${one.id}/undo`, method: 'POST' })}
              >
                Undo
              </Button>
            )}
          </div>
        ))}
        {manages && kinds.length > 0 && (
          <div className="row">
            {kinds.map((kind) => (
              <Button
                key={kind}
                size="xs"
                variant="default"
                loading={busy}
                onClick={() => send({ path: '/remedies', method: 'POST', body: { kind } })}
              >
                {remedyWords[kind]}
              </Button>
            ))}
          </div>
        )}
      </div>
    </Panel>
  );
}

/** One incident: why it was raised, what shows it, what was done, and how it is closed. */
export function IncidentPane({ id, back }: { id: string; back(): void }) {
  const incident = useQuery(incidentQuery(id));
  const manages = useMay()('users:manage');
  const { send, busy } = useSend(id);
  const [closing, setClosing] = useState(false);
  const one = incident.data;
  const acknowledge = () => {
    if (one) send({ method: 'PATCH', body: { state: 'acknowledged' }, ifMatch: one.version });
  };
  const open = manages && one !== undefined && one.state !== 'closed';
  useKeys({ a: acknowledge, e: () => setClosing(true) }, open);
  if (incident.error && !one) return <Refusal error={incident.error} retry={() => void incident.refetch()} />;
  if (!one) return <RowsLoading rows={8} />;
  return (
    <div className="stack" style={{ padding: 12 }}>
      <div className="row spread">
        <div className="row">
          <Button className="back" size="xs" variant="default" leftSection={<IconArrowLeft size={14} />} onClick={back}>
            All incidents
          </Button>
          <h2>{one.title}</h2>
          <SeverityTag severity={one.severity} />
          <StateBadge state={one.verdict ?? one.state} />
        </div>
        {manages && (
          <div className="row">
            {one.state === 'open' && (
              <Button size="xs" variant="default" loading={busy} onClick={acknowledge}>
                Acknowledge (a)
              </Button>
            )}
            {one.state === 'closed' ? (
              <Button
                size="xs"
                variant="default"
                loading={busy}
                onClick={() => send({ method: 'PATCH', body: { state: 'open' }, ifMatch: one.version })}
              >
                Open again
              </Button>
            ) : (
              <Button size="xs" onClick={() => setClosing(true)}>
                Close (e)
              </Button>
            )}
          </div>
        )}
      </div>
      <div className="t-dim">
        {one.people.length > 0 && (
          <>
            About{' '}
            {one.people.map(({ id: personId, name }, n) => (
              <span key={personId}>
                {n > 0 && ', '}
                <Link to="/people" search={{ row: personId }}>
                  {name}
                </Link>
              </span>
            ))}
            .{' '}
          </>
        )}
        From {instantText(one.firstAt)} to {instantText(one.lastAt)}, raised {instantText(one.raisedAt)}
        {one.rules.length > 1 && `; rules: ${one.rules.join(', ')}`}
        {one.handledBy && one.handledAt && `; ${one.state} by ${one.handledBy} ${instantText(one.handledAt)}`}.
        {one.note && <div>“{one.note}”</div>}
      </div>
      <Keys incident={one} />
      <Remedies incident={one} />
      <Reasons incident={one} />
      <Timeline evidence={one.evidence} />
      {closing && <CloseIncident incident={one} close={() => setClosing(false)} />}
    </div>
  );
}
