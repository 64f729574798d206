import { Button, Checkbox, Select } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { ExportButton } from '../../ui/export-button.tsx';
import { instantText, wordsOf } from '../../ui/format.ts';
import { useKeys } from '../../ui/keys.ts';
import { Empty, Refusal, RowsLoading, Screen } from '../../ui/screen.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { instancesQuery } from './queries.ts';
import type { InstanceRow } from './shapes.ts';

const states = ['running', 'completed', 'cancelled', 'failed', 'all'];

function exported(items: readonly InstanceRow[]) {
  return {
    head: ['title', 'definition', 'state', 'step', 'outcome', 'incidents', 'started_at', 'ended_at'],
    rows: items.map((one) => [
      ...[one.title, one.definition, one.state, one.step, one.outcome, one.incidents],
      ...[one.startedAt, one.endedAt],
    ]),
  };
}

function InstanceLine({ row, selected }: { row: InstanceRow; selected: boolean }) {
  const navigate = useNavigate();
  return (
    <tr
      data-link
      aria-selected={selected}
      onClick={() => void navigate({ to: '/workflow/instances/$id', params: { id: row.id } })}
    >
      <td className="wraps">
        <Link className="quiet" to="/workflow/instances/$id" params={{ id: row.id }}>
          {row.title}
        </Link>
      </td>
      <td>{wordsOf(row.definition.replaceAll('-', ' '))}</td>
      <td>
        <StateBadge state={row.state} />
        {row.outcome && <span className="t-dim t-sm"> {wordsOf(row.outcome).toLowerCase()}</span>}
      </td>
      <td>{row.step ? wordsOf(row.step.replaceAll('-', ' ')) : <span className="t-faint">–</span>}</td>
      <td className="right num">{row.incidents > 0 ? <span className="neg">{row.incidents}</span> : '0'}</td>
      <td className="num">{instantText(row.startedAt)}</td>
      <td className="num">{instantText(row.endedAt)}</td>
    </tr>
  );
}

function InstanceTable({ items, row }: { items: readonly InstanceRow[]; row: string | undefined }) {
  return (
    <div className="panel scrolls" style={{ border: 0 }}>
      <table className="grid">
        <thead>
          <tr>
            <th>About</th>
            <th>Process</th>
            <th>State</th>
            <th>Stands at</th>
            <th className="right">Incidents</th>
            <th>Began</th>
            <th>Ended</th>
          </tr>
        </thead>
        <tbody>
          {items.map((one) => (
            <InstanceLine key={one.id} row={one} selected={one.id === row} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Running and ended processes, those that stopped first where one asks for them. */
export function Instances({ head }: { head: ReactNode }) {
  const search = useSearch({ from: '/app/workflow' });
  const navigate = useNavigate();
  const state = search.state ?? 'running';
  const stopped = search.stopped === 'true';
  const instances = useInfiniteQuery(instancesQuery({ state, incident: stopped }));
  const items = instances.data?.pages.flatMap((page) => page.items) ?? [];
  const put = (members: Partial<typeof search>) => {
    const next = Object.fromEntries(Object.entries({ ...search, ...members }).filter(([, value]) => value));
    void navigate({ to: '/workflow', search: next, replace: true });
  };
  const at = items.findIndex(({ id }) => id === search.row);
  const step = (by: number) => {
    const next = items[at < 0 ? 0 : Math.min(Math.max(at + by, 0), items.length - 1)];
    if (next) put({ row: next.id });
  };
  const open = () => {
    const picked = items[at];
    if (picked) void navigate({ to: '/workflow/instances/$id', params: { id: picked.id } });
  };
  useKeys({ j: () => step(1), k: () => step(-1), enter: open });
  return (
    <Screen
      title="Workflow"
      sub={head}
      actions={<ExportButton name="processes" disabled={items.length === 0} table={() => exported(items)} />}
      flush
    >
      <div className="filters">
        <Select
          size="xs"
          aria-label="State"
          allowDeselect={false}
          data={states.map((value) => ({ value, label: wordsOf(value) }))}
          value={state}
          onChange={(value) => put({ state: value ?? 'running', row: '' })}
        />
        <Checkbox
          size="xs"
          label="Stopped for an administrator"
          checked={stopped}
          onChange={(event) => put({ stopped: event.currentTarget.checked ? 'true' : '', row: '' })}
        />
      </div>
      {instances.error && !instances.data && <Refusal error={instances.error} retry={() => void instances.refetch()} />}
      {instances.isPending && <RowsLoading rows={10} />}
      {instances.data && items.length === 0 && (
        <Empty title={stopped ? 'Nothing has stopped' : `No process is ${state === 'all' ? 'here yet' : state}`}>
          {stopped
            ? 'A process stops here when a task of it fails again and again.'
            : 'One begins when something is submitted, or when an administrator starts one.'}
        </Empty>
      )}
      {items.length > 0 && <InstanceTable items={items} row={search.row} />}
      {instances.hasNextPage && (
        <div style={{ padding: 12 }}>
          <Button
            variant="default"
            loading={instances.isFetchingNextPage}
            onClick={() => void instances.fetchNextPage()}
          >
            Show more
          </Button>
        </div>
      )}
    </Screen>
  );
}
