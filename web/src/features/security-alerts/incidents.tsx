import { SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { ExportButton } from '../../ui/export-button.tsx';
import { instantText } from '../../ui/format.ts';
import { useKeys } from '../../ui/keys.ts';
import { Empty, Refusal, RowsLoading, Screen } from '../../ui/screen.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { IncidentPane } from './incident-pane.tsx';
import { incidentsQuery } from './queries.ts';
import { SeverityTag } from './severity-tag.tsx';
import type { Incident } from './shapes.ts';

const states = [
  { value: 'unclosed', label: 'To do' },
  { value: 'closed', label: 'Closed' },
  { value: 'all', label: 'All' },
];

/** Whom an incident is about, in words: names, else what it is. */
export function aboutText({ about, people }: Incident): string {
  if (people.length > 0) return people.map(({ name }) => name).join(', ');
  const [first = ''] = about;
  if (first.startsWith('network:')) return `network ${first.slice(8, 14)}…`;
  if (first.startsWith('key:')) return `API key ${first.slice(4, 12)}…`;
  if (first.startsWith('trail:')) return 'the audit trail';
  if (first.startsWith('keys:')) return 'sealed values';
  if (first.startsWith('rule:')) return `the rule ${first.slice(5)}`;
  return 'somebody who is not here';
}

function exported(items: readonly Incident[]) {
  return {
    head: ['raised_at', 'rule', 'severity', 'score', 'about', 'state', 'verdict', 'first_at', 'last_at'],
    rows: items.map((one) => [
      ...[one.raisedAt, one.rule, one.severity, one.score, aboutText(one), one.state, one.verdict],
      ...[one.firstAt, one.lastAt],
    ]),
  };
}

function IncidentItem({ incident, current, pick }: { incident: Incident; current: boolean; pick(): void }) {
  return (
    <button type="button" className="item" aria-current={current} onClick={pick}>
      <div className="row spread">
        <span className="title cut">{incident.title}</span>
        <SeverityTag severity={incident.severity} />
      </div>
      <div className="row spread t-sm">
        <span className="cut">{aboutText(incident)}</span>
        <span className="t-dim num">{instantText(incident.lastAt)}</span>
      </div>
      <StateBadge state={incident.verdict ?? incident.state} />
    </button>
  );
}

/** Incidents, the latest first, and the one that is picked. */
export function Incidents({ head }: { head: ReactNode }) {
  const search = useSearch({ from: '/app/security-alerts' });
  const navigate = useNavigate();
  const state = search.state ?? 'unclosed';
  const incidents = useQuery(incidentsQuery(state, search.rule));
  const items = incidents.data?.items ?? [];
  const at = items.findIndex(({ id }) => id === search.incident);
  const shown = search.incident ?? items[0]?.id;
  const put = (members: Partial<typeof search>) => {
    const next = Object.fromEntries(Object.entries({ ...search, ...members }).filter(([, value]) => value));
    void navigate({ to: '/security-alerts', search: next, replace: true });
  };
  const step = (steps: number) => {
    const next = items[Math.min(Math.max(Math.max(at, 0) + steps, 0), items.length - 1)];
    if (next) put({ incident: next.id });
  };
  useKeys({ j: () => step(1), k: () => step(-1) });
  return (
    <Screen
      title="Security alerts"
      sub={
        <>
          {head}
          <SegmentedControl
            size="xs"
            aria-label="Which incidents"
            data={states}
            value={state}
            onChange={(value) => put({ state: value, incident: '' })}
          />
          {search.rule && (
            <button type="button" className="plain t-sm" onClick={() => put({ rule: '', incident: '' })}>
              <span className="tag">rule {search.rule} ×</span>
            </button>
          )}
          {incidents.data && (
            <span>
              {items.length}
              {incidents.data.nextCursor ? ' latest' : ''} {items.length === 1 ? 'incident' : 'incidents'}
            </span>
          )}
        </>
      }
      actions={<ExportButton name="security-incidents" disabled={items.length === 0} table={() => exported(items)} />}
      flush
    >
      {incidents.error && !incidents.data && <Refusal error={incidents.error} retry={() => void incidents.refetch()} />}
      {incidents.isPending && <RowsLoading rows={8} heightPx={60} />}
      {incidents.data && items.length === 0 && !search.incident && (
        <Empty title={state === 'unclosed' ? 'Nothing to look at' : 'No incident here'}>
          Detection looks at every sign-in, change of rights, approval, settlement and export, and tells within seconds.
        </Empty>
      )}
      {(items.length > 0 || search.incident) && (
        <div className="panes" data-picked={search.incident !== undefined}>
          <div className="pane-list">
            {items.map((one) => (
              <IncidentItem
                key={one.id}
                incident={one}
                current={one.id === shown}
                pick={() => put({ incident: one.id })}
              />
            ))}
          </div>
          <div className="pane-detail">
            {shown && <IncidentPane key={shown} id={shown} back={() => put({ incident: '' })} />}
          </div>
        </div>
      )}
    </Screen>
  );
}
