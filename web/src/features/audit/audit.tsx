import { SegmentedControl } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { ExportButton } from '../../ui/export-button.tsx';
import { Screen } from '../../ui/screen.tsx';
import { Seal } from './seal.tsx';
import type { AuditEntry } from './shapes.ts';
import { Trail } from './trail.tsx';

function exported(entries: readonly AuditEntry[]) {
  return {
    head: [
      'at',
      'actor',
      'on_behalf_of',
      'action',
      'entity_type',
      'entity_id',
      'reason',
      'before',
      'after',
      'request_id',
    ],
    rows: entries.map((entry) => [
      ...[
        entry.at,
        entry.actorName,
        entry.onBehalfOfName,
        entry.action,
        entry.entityType,
        entry.entityId,
        entry.reason,
      ],
      ...[entry.before, entry.after].map((value) => (value === null ? null : JSON.stringify(value))),
      entry.requestId,
    ]),
  };
}

/** The audit trail: who did what to which record, and the proof that nobody changed a word of it since. */
export function Audit() {
  const search = useSearch({ from: '/app/audit' });
  const navigate = useNavigate();
  const [rows, setRows] = useState<readonly AuditEntry[]>([]);
  const sealed = search.view === 'seal';
  return (
    <Screen
      title="Audit"
      sub={<span>{sealed ? 'how the trail is sealed and proven' : 'newest first'}</span>}
      actions={
        <>
          <SegmentedControl
            aria-label="View"
            data={[
              { value: 'trail', label: 'Trail' },
              { value: 'seal', label: 'Seal and verification' },
            ]}
            value={sealed ? 'seal' : 'trail'}
            onChange={(view) =>
              void navigate({
                to: '/audit',
                search: view === 'seal' ? { ...search, view } : { ...search, view: undefined },
              })
            }
          />
          {!sealed && <ExportButton name="audit" disabled={rows.length === 0} table={() => exported(rows)} />}
        </>
      }
      flush
    >
      <div style={{ display: 'flex', flexDirection: 'column', height: '100%' }}>
        {sealed ? <Seal /> : <Trail onRows={setRows} />}
      </div>
    </Screen>
  );
}
