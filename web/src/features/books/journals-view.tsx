import { Anchor, Button, Menu } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { namesQuery, promotionsQuery } from '../../api/queries.ts';
import { request, saveFile } from '../../api/request.ts';
import { isNarrowed, useMay, useUser } from '../../api/session.ts';
import { Comments } from '../../ui/comments.tsx';
import { ExportButton } from '../../ui/export-button.tsx';
import { countText, instantText, wordsOf } from '../../ui/format.ts';
import { useKeys } from '../../ui/keys.ts';
import { useOneAtATime } from '../../ui/one-at-a-time.ts';
import { Empty, Panel, Refusal, RowsLoading } from '../../ui/screen.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { sayDone, sayRefused } from '../../ui/toast.tsx';
import { CellValue } from '../../ui/values.tsx';
import { journalQuery, journalsQuery } from './queries.ts';
import type { Journal, JournalLine, Period } from './shapes.ts';

const next: Partial<Record<Journal['state'], { step: 'approve' | 'post'; label: string; done: string }>> = {
  prepared: { step: 'approve', label: 'Approve', done: 'Journal approved' },
  approved: { step: 'post', label: 'Post', done: 'Journal posted' },
};

function useStep(journal: Journal) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (step: 'approve' | 'post') =>
      request(`/journals/${journal.id}/${step}`, { method: 'POST', ifMatch: journal.version }),
    onSuccess: (_answer, step) => sayDone(step === 'approve' ? 'Journal approved' : 'Journal posted'),
    onError: sayRefused,
    onSettled: () => void client.invalidateQueries({ queryKey: ['books'] }),
  });
}

function ExportMenu({ journal }: { journal: Journal }) {
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const hand = async (format: 'csv' | 'json') => {
    setBusy(true);
    try {
      await saveFile(`/journals/${journal.id}/export?format=${format}`, { method: 'POST' });
      await client.invalidateQueries({ queryKey: ['books'] });
    } catch (error) {
      sayRefused(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <Button variant="default" loading={busy}>
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => void hand('csv')}>CSV</Menu.Item>
        <Menu.Item onClick={() => void hand('json')}>JSON for the ERP</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function Action({ journal }: { journal: Journal }) {
  const may = useMay();
  const user = useUser();
  const once = useOneAtATime();
  const step = useStep(journal);
  const action = next[journal.state];
  if (!may('accruals:post')) return null;
  if (journal.state === 'posted' || journal.state === 'exported') return <ExportMenu journal={journal} />;
  if (!action) return <span className="t-dim">being filled</span>;
  if (action.step === 'approve' && journal.preparedBy === user?.id)
    return <span className="t-dim">You prepared it: somebody else approves.</span>;
  return (
    <Button loading={step.isPending} onClick={() => once(() => step.mutateAsync(action.step))}>
      {action.label}
    </Button>
  );
}

function Lines({ id }: { id: string }) {
  const journal = useQuery(journalQuery(id));
  const promotions = useQuery(promotionsQuery());
  const codes = useMemo(() => new Map((promotions.data ?? []).map((each) => [each.id, each.code])), [promotions.data]);
  if (journal.error) return <Refusal error={journal.error} retry={() => void journal.refetch()} />;
  if (!journal.data) return <RowsLoading rows={6} />;
  const { lines, lineCount } = journal.data;
  const amount = (line: JournalLine) => (
    <CellValue
      of="journals.line"
      row={{ ...line, journalId: id, glMapping: journal.data.glMapping }}
      value={line.amount}
      label={wordsOf(line.account)}
    />
  );
  return (
    <>
      <table className="grid tight">
        <thead>
          <tr>
            <th>GL account</th>
            <th>Account</th>
            <th>Customer</th>
            <th>Promotion</th>
            <th className="right">Debit</th>
            <th className="right">Credit</th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr key={line.position}>
              <td className="num">
                {line.glAccount ?? '–'} <span className="t-faint">{line.costCentre}</span>
              </td>
              <td>{wordsOf(line.account)}</td>
              <td>{line.customerCode}</td>
              <td>
                {line.promotionId && (
                  <Link to="/promotions/$id" params={{ id: line.promotionId }}>
                    {codes.get(line.promotionId) ?? 'Promotion'}
                  </Link>
                )}
              </td>
              <td className="right">{line.side === 'debit' && amount(line)}</td>
              <td className="right">{line.side === 'credit' && amount(line)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {lineCount > lines.length && (
        <div className="panel-body t-dim">
          The first {countText(lines.length)} of {countText(lineCount)} lines; the export holds all.
        </div>
      )}
    </>
  );
}

/** The journals as a list; what the ERP takes is each journal's own export. */
function exported(journals: readonly Journal[], who: (id: string | null) => string) {
  return {
    head: ['kind', 'state', 'prepared_at', 'prepared_by', 'approved_by', 'total'],
    rows: journals.map(({ kind, state, preparedAt, preparedBy, approvedBy, total }) => [
      ...[kind, state, preparedAt, who(preparedBy), who(approvedBy), total],
    ]),
  };
}

/** The journals of a period: approve what somebody else prepared, post, export. */
export function JournalsView({ period }: { period: Period }) {
  const journals = useQuery(journalsQuery(period.id));
  const names = useQuery(namesQuery());
  const user = useUser();
  const may = useMay();
  const once = useOneAtATime();
  const client = useQueryClient();
  const [picked, setPicked] = useState<string>();
  const items = journals.data ?? [];
  const shown = items.find(({ id }) => id === picked) ?? items[0];
  const approveAll = useMutation({
    mutationFn: async (waiting: readonly Journal[]) => {
      for (const { id, version } of waiting)
        await request(`/journals/${id}/approve`, { method: 'POST', ifMatch: version });
    },
    onSuccess: (_answer, waiting) => sayDone(`${waiting.length} journals approved`),
    onError: sayRefused,
    onSettled: () => void client.invalidateQueries({ queryKey: ['books'] }),
  });
  const waiting = items.filter(({ state, preparedBy }) => state === 'prepared' && preparedBy !== user?.id);
  const approve = () => {
    if (waiting.length > 0 && may('accruals:post')) once(() => approveAll.mutateAsync(waiting));
  };
  useKeys({ a: approve });
  const who = (id: string | null) => names.data?.items.find((person) => person.id === id)?.name ?? '';
  if (journals.error) return <Refusal error={journals.error} retry={() => void journals.refetch()} />;
  if (!journals.data) return <RowsLoading rows={6} />;
  if (items.length === 0)
    return isNarrowed(user) ? (
      <Empty title="No journal lies in your part">
        A journal is one sum: you see those of which every line is of your customers and products.
      </Empty>
    ) : (
      <Empty title="No journals yet">Prepare the period’s accruals, or settle a deduction or claim.</Empty>
    );
  return (
    <>
      <Panel
        title="Journals"
        className="scrolls"
        aside={
          <span className="row">
            {waiting.length > 1 && may('accruals:post') && (
              <Button variant="default" loading={approveAll.isPending} onClick={approve}>
                Approve all {waiting.length} <kbd className="kbd">a</kbd>
              </Button>
            )}
            <ExportButton name="journals" table={() => exported(items, who)} />
          </span>
        }
      >
        <table className="grid tight">
          <thead>
            <tr>
              <th>Kind</th>
              <th>State</th>
              <th>Prepared</th>
              <th>By</th>
              <th>Approved by</th>
              <th className="right">Total</th>
              <th />
            </tr>
          </thead>
          <tbody>
            {items.map((journal) => (
              <tr key={journal.id} aria-selected={journal.id === shown?.id}>
                <td>
                  <Anchor component="button" type="button" fz="inherit" onClick={() => setPicked(journal.id)}>
                    {wordsOf(journal.kind)}
                  </Anchor>
                </td>
                <td>
                  <StateBadge state={journal.state} />
                </td>
                <td className="num">{instantText(journal.preparedAt)}</td>
                <td>{who(journal.preparedBy)}</td>
                <td>{who(journal.approvedBy)}</td>
                <td className="right">
                  <CellValue of="journals.total" row={journal} value={journal.total} label="Total" />
                </td>
                <td className="right">
                  <Action journal={journal} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Panel>
      {shown && (
        <Panel title={`Lines of the ${wordsOf(shown.kind).toLowerCase()} journal`} className="scrolls">
          <Lines id={shown.id} />
        </Panel>
      )}
      {shown && <Comments key={shown.id} subjectType="journal" subjectId={shown.id} />}
    </>
  );
}
