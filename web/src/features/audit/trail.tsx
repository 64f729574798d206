import { ActionIcon, Button, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconX } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect } from 'react';
import { namesQuery } from '../../api/queries.ts';
import { instantText, wordsOf } from '../../ui/format.ts';
import { useKeys } from '../../ui/keys.ts';
import { Empty, Refusal, RowsLoading } from '../../ui/screen.tsx';
import { Entry } from './entry.tsx';
import { auditQuery } from './queries.ts';
import type { AuditEntry } from './shapes.ts';

/** The trail with its filters and the entry that is picked; tells the rows that are there. */
export function Trail({ onRows }: { onRows(entries: readonly AuditEntry[]): void }) {
  const { view: _, entry: picked, ...filters } = useSearch({ from: '/app/audit' });
  const navigate = useNavigate();
  const entries = useInfiniteQuery(auditQuery(filters));
  const people = useQuery(namesQuery());
  const items = entries.data?.pages.flatMap((page) => page.items) ?? [];
  const count = items.length;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the rows are those of this answer
  useEffect(() => onRows(items), [entries.data, onRows]);
  const put = (members: Partial<typeof filters & { entry: string }>) => {
    const next = { ...filters, entry: picked, ...members };
    void navigate({
      to: '/audit',
      search: Object.fromEntries(Object.entries(next).filter(([, value]) => value)),
      replace: true,
    });
  };
  const putSlowly = useDebouncedCallback(put, 250);
  const at = items.findIndex((entry) => entry.id === picked);
  const step = (by: number) => {
    const next = items[Math.min(Math.max(at + by, 0), count - 1)];
    if (next) put({ entry: next.id });
  };
  useKeys({ j: () => step(1), k: () => step(-1), escape: () => put({ entry: '' }) });
  const field = (name: 'action' | 'entityType' | 'entityId' | 'requestId', label: string, width: number) => (
    <TextInput
      key={`${name}${name === 'entityId' ? filters.entityId : ''}`}
      w={width}
      aria-label={label}
      placeholder={label}
      defaultValue={filters[name]}
      onChange={(event) => putSlowly({ [name]: event.currentTarget.value.trim() })}
    />
  );
  const shown = items[at];
  return (
    <>
      <div className="filters">
        <Select
          w={180}
          aria-label="Who"
          placeholder="Who"
          searchable
          clearable
          data={(people.data?.items ?? []).map(({ id, name }) => ({ value: id, label: name }))}
          value={filters.actorId ?? null}
          onChange={(value) => put({ actorId: value ?? '' })}
        />
        {field('action', 'Action, e.g. promotion.submitted', 220)}
        {field('entityType', 'Kind of record', 130)}
        {field('entityId', 'Id of the record', 200)}
        {field('requestId', 'Request', 140)}
        <TextInput
          type="date"
          aria-label="From"
          value={filters.from ?? ''}
          onChange={(event) => put({ from: event.currentTarget.value })}
        />
        <TextInput
          type="date"
          aria-label="Until"
          value={filters.to ?? ''}
          onChange={(event) => put({ to: event.currentTarget.value })}
        />
      </div>
      <div className={shown ? 'beside' : 'beside alone'}>
        <div className="grid-wrap">
          {entries.error && <Refusal error={entries.error} retry={() => void entries.refetch()} />}
          {entries.isPending && <RowsLoading rows={14} />}
          {entries.data && count === 0 && <Empty title="No entry matches">Widen the dates or clear a filter.</Empty>}
          {count > 0 && <Rows items={items} picked={picked} onPick={(id) => put({ entry: id })} />}
          {entries.hasNextPage && (
            <div className="panel-body">
              <Button
                variant="default"
                loading={entries.isFetchingNextPage}
                onClick={() => void entries.fetchNextPage()}
              >
                Show older entries
              </Button>
            </div>
          )}
        </div>
        {shown && (
          <aside className="beside-pane" aria-label="Entry">
            <div className="row spread">
              <code>{shown.action}</code>
              <ActionIcon variant="subtle" color="gray" size="sm" aria-label="Close" onClick={() => put({ entry: '' })}>
                <IconX size={15} />
              </ActionIcon>
            </div>
            <Entry
              entry={shown}
              onRecord={() => put({ entityType: shown.entityType, entityId: shown.entityId, action: '', actorId: '' })}
            />
          </aside>
        )}
      </div>
    </>
  );
}

function Rows({
  items,
  picked,
  onPick,
}: {
  items: readonly AuditEntry[];
  picked: string | undefined;
  onPick(id: string): void;
}) {
  return (
    <table className="grid tight">
      <thead>
        <tr>
          <th>When</th>
          <th>Who</th>
          <th>Action</th>
          <th>Record</th>
          <th>Reason</th>
        </tr>
      </thead>
      <tbody>
        {items.map((entry) => (
          <tr key={entry.id} data-link="" aria-selected={entry.id === picked} onClick={() => onPick(entry.id)}>
            <td className="num">{instantText(entry.at)}</td>
            <td>{entry.actorName}</td>
            <td>
              <code>{entry.action}</code>
            </td>
            <td>
              {wordsOf(entry.entityType)} <code className="t-faint">{String(entry.entityId).slice(-8)}</code>
            </td>
            <td className="t-dim" data-plain="words, as they were given">
              {entry.reason}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
