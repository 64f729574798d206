import { ActionIcon, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { auditQuery } from '../../api/queries.ts';
import type { AuditEntry } from '../../api/shapes.ts';
import { ExportButton } from '../../ui/export-button.tsx';
import { instantText, wordsOf } from '../../ui/format.ts';
import { useKeys } from '../../ui/keys.ts';
import { Empty, Refusal, RowsLoading, Screen } from '../../ui/screen.tsx';

function Entry({ entry }: { entry: AuditEntry }) {
  return (
    <div className="stack">
      <div>
        <b>{entry.actorName ?? 'The system'}</b> <span className="t-dim num">{instantText(entry.at)}</span>
      </div>
      <div className="t-dim">
        {wordsOf(entry.entityType)} <code>{entry.entityId}</code>
      </div>
      {entry.reason && <div>Reason: {entry.reason}</div>}
      {entry.before !== undefined && entry.before !== null && (
        <>
          <b>Before</b>
          <pre className="json">{JSON.stringify(entry.before, null, 2)}</pre>
        </>
      )}
      {entry.after !== undefined && entry.after !== null && (
        <>
          <b>After</b>
          <pre className="json">{JSON.stringify(entry.after, null, 2)}</pre>
        </>
      )}
      {entry.requestId && (
        <div className="t-faint t-sm">
          Request <code>{entry.requestId}</code>
        </div>
      )}
    </div>
  );
}

function exported(entries: readonly AuditEntry[]) {
  return {
    head: ['at', 'actor', 'action', 'entity_type', 'entity_id', 'reason', 'before', 'after'],
    rows: entries.map((entry) => [
      ...[entry.at, entry.actorName ?? 'The system', entry.action, entry.entityType, entry.entityId, entry.reason],
      ...[entry.before, entry.after].map((value) => (value === undefined ? null : JSON.stringify(value))),
    ]),
  };
}

/** The audit trail: who did what to which record, newest first. */
export function Audit() {
  const search = useSearch({ from: '/app/audit' });
  const navigate = useNavigate();
  const { entry: picked, ...filters } = search;
  const entries = useQuery(auditQuery(filters));
  const items = entries.data?.items ?? [];
  const put = (members: Partial<typeof search>) => {
    const next = Object.fromEntries(Object.entries({ ...search, ...members }).filter(([, value]) => value));
    void navigate({ to: '/audit', search: next, replace: true });
  };
  const putSlowly = useDebouncedCallback(put, 250);
  const at = items.findIndex((entry) => entry.id === picked);
  const step = (by: number) => {
    const next = items[Math.min(Math.max(at + by, 0), items.length - 1)];
    if (next) put({ entry: next.id });
  };
  useKeys({ j: () => step(1), k: () => step(-1), escape: () => put({ entry: '' }) });
  const field = (name: 'action' | 'entityType' | 'entityId', label: string, width: number) => (
    <TextInput
      w={width}
      aria-label={label}
      placeholder={label}
      defaultValue={search[name]}
      onChange={(event) => putSlowly({ [name]: event.currentTarget.value.trim() })}
    />
  );
  const shown = items[at];
  return (
    <Screen
      title="Audit"
      sub={<span>newest first</span>}
      actions={<ExportButton name="audit" disabled={items.length === 0} table={() => exported(items)} />}
      flush
    >
      <div style={{ display: 'flex', flexDirection: 'column', height: '100%' }}>
        <div className="filters">
          {field('action', 'Action, e.g. promotion.submitted', 240)}
          {field('entityType', 'Kind of record', 150)}
          {field('entityId', 'Id of the record', 280)}
          <TextInput
            type="date"
            aria-label="From"
            value={search.from ?? ''}
            onChange={(event) => put({ from: event.currentTarget.value })}
          />
          <TextInput
            type="date"
            aria-label="Until"
            value={search.to ?? ''}
            onChange={(event) => put({ to: event.currentTarget.value })}
          />
        </div>
        <div className={shown ? 'beside' : 'beside alone'}>
          <div className="grid-wrap">
            {entries.error && <Refusal error={entries.error} retry={() => void entries.refetch()} />}
            {entries.isPending && <RowsLoading rows={14} />}
            {entries.data && items.length === 0 && (
              <Empty title="No entry matches">Widen the dates or clear a filter.</Empty>
            )}
            {items.length > 0 && (
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
                    <tr
                      key={entry.id}
                      data-link=""
                      aria-selected={entry.id === picked}
                      onClick={() => put({ entry: entry.id })}
                    >
                      <td className="num">{instantText(entry.at)}</td>
                      <td>{entry.actorName ?? 'The system'}</td>
                      <td>
                        <code>{entry.action}</code>
                      </td>
                      <td>
                        {wordsOf(entry.entityType)} <code className="t-faint">{String(entry.entityId).slice(-8)}</code>
                      </td>
                      <td className="t-dim">{entry.reason}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            )}
          </div>
          {shown && (
            <aside className="beside-pane">
              <div className="row spread">
                <code>{shown.action}</code>
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  size="sm"
                  aria-label="Close"
                  onClick={() => put({ entry: '' })}
                >
                  <IconX size={15} />
                </ActionIcon>
              </div>
              <Entry entry={shown} />
            </aside>
          )}
        </div>
      </div>
    </Screen>
  );
}
