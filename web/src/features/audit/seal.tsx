import { Alert, Button, NumberInput, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { request, saveFile } from '../../api/request.ts';
import { useMay } from '../../api/session.ts';
import { countText, dateText, instantText, wordsOf } from '../../ui/format.ts';
import { Empty, Panel, Refusal, RowsLoading } from '../../ui/screen.tsx';
import { sayRefused } from '../../ui/toast.tsx';
import { checkpointsQuery, legalHoldsQuery, retentionQuery, signingKeysQuery, verificationsQuery } from './queries.ts';
import type { Retention, Verification } from './shapes.ts';

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
          <div key={key.generation}>
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

function KeepDays({ item, mayChange }: { item: Retention['items'][number]; mayChange: boolean }) {
  const queries = useQueryClient();
  const setting = useMutation({
    mutationFn: (keepDays: number) =>
      request('/audit/retention', { method: 'PUT', body: { retentionClass: item.retentionClass, keepDays } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: retentionQuery.queryKey }),
    onError: sayRefused,
  });
  if (!mayChange) return <>{countText(item.keepDays)} days</>;
  return (
    <NumberInput
      aria-label={`Days to keep ${wordsOf(item.retentionClass)}`}
      w={130}
      min={item.leastDays}
      max={36_600}
      suffix=" days"
      defaultValue={item.keepDays}
      onBlur={(event) => {
        const keepDays = Number.parseInt(event.currentTarget.value, 10);
        if (keepDays && keepDays !== item.keepDays) setting.mutate(keepDays);
      }}
    />
  );
}

function RetentionPanel() {
  const retention = useQuery(retentionQuery);
  const mayChange = useMay()('privacy:manage');
  return (
    <Panel title="Retention">
      {retention.error && <Refusal error={retention.error} />}
      {retention.isPending && <RowsLoading rows={3} />}
      {retention.data && retention.data.doubts.length > 0 && (
        <Alert color="red" variant="light" title="Somebody changed this in the database itself" p="sm" radius="sm">
          Nothing is dropped until this is mended: set the days that are meant, or release the hold, here.
          <ul>
            {retention.data.doubts.map((doubt) => (
              <li key={doubt}>{doubt}</li>
            ))}
          </ul>
        </Alert>
      )}
      {retention.data && (
        <table className="grid tight">
          <tbody>
            {retention.data.items.map((item) => (
              <tr key={item.retentionClass}>
                <td>{wordsOf(item.retentionClass)}</td>
                <td className="wraps t-dim">{item.what}</td>
                <td className="right num">
                  <KeepDays item={item} mayChange={mayChange} />
                </td>
              </tr>
            ))}
            {retention.data.dropped.map((one) => (
              <tr key={one.retentionClass + one.from} className="t-dim">
                <td>{wordsOf(one.retentionClass)}</td>
                <td>
                  {dateText(one.from.slice(0, 10))} until {dateText(one.to.slice(0, 10))}: dropped, with a signed record
                </td>
                <td className="right num">{countText(one.entries)} entries</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <LegalHolds mayChange={mayChange} />
    </Panel>
  );
}

function LegalHolds({ mayChange }: { mayChange: boolean }) {
  const queries = useQueryClient();
  const holds = useQuery(legalHoldsQuery);
  const [note, setNote] = useState('');
  const changing = useMutation({
    mutationFn: (path: string) => request(path, { method: 'POST', body: { note } }),
    onSuccess: () => {
      setNote('');
      // A hold that was changed in the database itself is a doubt about retention until it is released here.
      void queries.invalidateQueries({ queryKey: retentionQuery.queryKey });
      return queries.invalidateQueries({ queryKey: legalHoldsQuery.queryKey });
    },
    onError: sayRefused,
  });
  const standing = (holds.data?.items ?? []).filter((hold) => hold.releasedAt === null);
  return (
    <div className="panel-body stack">
      <b>{standing.length > 0 ? 'A legal hold stands: nothing is dropped.' : 'No legal hold stands.'}</b>
      {standing.map((hold) => (
        <div key={hold.id} className="row spread">
          <span>
            {hold.reason} <span className="t-dim num">since {instantText(hold.placedAt)}</span>
          </span>
          {mayChange && (
            <Button
              size="compact-sm"
              variant="default"
              disabled={!note.trim()}
              onClick={() => changing.mutate(`/audit/legal-holds/${hold.id}/release`)}
            >
              Release
            </Button>
          )}
        </div>
      ))}
      {mayChange && (
        <div className="row">
          <TextInput
            className="grow"
            aria-label="Why a hold is placed or released"
            placeholder="Why it is placed or released"
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
          />
          <Button
            variant="default"
            disabled={!note.trim()}
            loading={changing.isPending}
            onClick={() => changing.mutate('/audit/legal-holds')}
          >
            Place a legal hold
          </Button>
        </div>
      )}
    </div>
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
