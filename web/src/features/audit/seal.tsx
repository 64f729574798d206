import { Button, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { request, saveFile } from '../../api/request.ts';
import { countText, instantText } from '../../ui/format.ts';
import { Empty, Panel, Refusal, RowsLoading } from '../../ui/screen.tsx';
import { sayRefused } from '../../ui/toast.tsx';
import { checkpointsQuery, signingKeysQuery, verificationsQuery } from './queries.ts';
import { RetentionPanel } from './retention.tsx';
import type { Verification } from './shapes.ts';

/** Faults shown; the command line names them all. */
const maxShown = 20;

const save = (...file: Parameters<typeof saveFile>) => void saveFile(...file).catch(sayRefused);

function Outcome({ of }: { of: Verification }) {
  const { result, failure, finishedAt } = of;
  if (failure) return <span className="neg">The verification could not be finished: {failure}</span>;
  if (!finishedAt || !result) return <span className="t-dim">Verifying…</span>;
  const counts = `${countText(result.entries)} entries, ${countText(result.sealed)} sealed, ${countText(result.waiting)} waiting, ${countText(result.dropped)} dropped after their time; ${countText(result.checkpoints)} checkpoints and ${countText(result.outside)} from outside the database agree`;
  return (
    <>
      {result.badCount === 0 ? (
        <b className="pos">As it was written.</b>
      ) : (
        <b className="neg">{countText(result.badCount)} faults.</b>
      )}{' '}
      {counts}.
      {result.bad.length > 0 && (
        <ul>
          {result.bad.slice(0, maxShown).map(({ id, reason }) => (
            <li key={id + reason}>
              <code>{id}</code> {reason}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function Verifications() {
  const queries = useQueryClient();
  const verifications = useQuery(verificationsQuery);
  const asking = useMutation({
    mutationFn: () => request<Verification>('/audit/verifications', { method: 'POST' }),
    onSuccess: () => queries.invalidateQueries({ queryKey: verificationsQuery.queryKey }),
    onError: sayRefused,
  });
  const items = verifications.data?.items ?? [];
  const running = items.some((one) => one.finishedAt === null);
  return (
    <Panel
      title="Verification"
      aside={
        <Button size="compact-sm" loading={asking.isPending || running} onClick={() => asking.mutate()}>
          Verify the whole trail
        </Button>
      }
    >
      {verifications.error && <Refusal error={verifications.error} />}
      {verifications.isPending && <RowsLoading rows={2} />}
      {verifications.data && items.length === 0 && (
        <Empty title="Not verified yet">
          Every entry, the sequence, the tree, each signature and the checkpoints outside the database are checked.
        </Empty>
      )}
      {items.length > 0 && (
        <table className="grid tight">
          <tbody>
            {items.slice(0, 5).map((one) => (
              <tr key={one.id}>
                <td className="num t-dim">{instantText(one.requestedAt)}</td>
                <td className="wraps" role="status">
                  <Outcome of={one} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}

function Checkpoints() {
  const checkpoints = useQuery(checkpointsQuery);
  const keys = useQuery(signingKeysQuery);
  const items = checkpoints.data?.items ?? [];
  return (
    <Panel
      title="Signed checkpoints"
      className="scrolls"
      aside={<span className="t-dim">newest first; also in a file outside the database</span>}
    >
      {checkpoints.error && <Refusal error={checkpoints.error} />}
      {checkpoints.data && items.length === 0 && (
        <Empty title="Nothing is sealed yet">The first checkpoint is signed two seconds after the first entry.</Empty>
      )}
      {items.length > 0 && (
        <table className="grid tight">
          <thead>
            <tr>
              <th>When</th>
              <th className="right">Entries</th>
              <th>Root</th>
              <th>Signed by</th>
            </tr>
          </thead>
          <tbody>
            {items.map(({ size, at, note }) => (
              <tr key={size}>
                <td className="num">{instantText(at)}</td>
                <td className="right num">{countText(size)}</td>
                <td>
                  <code>{note.split('\n')[2]}</code>
                </td>
                <td className="t-dim">{/\n— (\S+) /.exec(note)?.[1]}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <div className="panel-body stack">
        {(keys.data?.items ?? []).map((key) => (
          <div key={key.generation} style={{ overflowWrap: 'anywhere' }}>
            <code>{key.name}</code> since {instantText(key.createdAt)}: <code>{key.publicKey}</code>
            {key.generation === 1 && (
              <span className="t-dim"> Write this one down: it proves an export by itself.</span>
            )}
          </div>
        ))}
      </div>
    </Panel>
  );
}

function ExportPanel() {
  const [from, setFrom] = useState('');
  const [to, setTo] = useState('');
  const range = {
    ...(from ? { from: `${from}T00:00:00Z` } : {}),
    ...(to ? { to: `${to}T00:00:00Z` } : {}),
  };
  return (
    <Panel title="Export for an auditor">
      <div className="panel-body stack">
        <div className="row">
          <TextInput
            type="date"
            label="From (UTC)"
            value={from}
            onChange={(event) => setFrom(event.currentTarget.value)}
          />
          <TextInput
            type="date"
            label="Before (UTC)"
            value={to}
            onChange={(event) => setTo(event.currentTarget.value)}
          />
        </div>
        <div className="row">
          <Button variant="default" onClick={() => save('/audit/export', { method: 'POST', body: range })}>
            Export the sealed trail
          </Button>
          <Button variant="default" onClick={() => save('/audit/verifier')}>
            Script that verifies it
          </Button>
        </div>
        <code className="formula">node verify-audit-export.mjs audit.jsonl --key &lt;first public key&gt;</code>
      </div>
    </Panel>
  );
}

/** How the trail is sealed: verification, checkpoints and keys, export for an auditor, retention and holds. */
export function Seal() {
  return (
    <div className="stack" style={{ overflow: 'auto', padding: 16, gap: 16 }}>
      <Verifications />
      <Checkpoints />
      <ExportPanel />
      <RetentionPanel />
    </div>
  );
}
