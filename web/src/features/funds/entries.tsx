import { Modal, NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { promotionsQuery } from '../../api/queries.ts';
import type { Fund } from '../../api/shapes.ts';
import { ExportButton } from '../../ui/export-button.tsx';
import { dateText, instantText, wordsOf } from '../../ui/format.ts';
import { Empty, Panel, Refusal, RowsLoading } from '../../ui/screen.tsx';
import { CellValue } from '../../ui/values.tsx';
import { columnWords } from './checkbook.tsx';
import { type EntryFilters, fundEntriesQuery, rowsQuery } from './queries.ts';
import type { DatedEntry } from './shapes.ts';

const kinds = ['deposit', 'transfer', 'adjust', 'reserve', 'commit', 'release', 'earn', 'pay', 'plan'];

/** The day that earned and paid money belongs to, where it is not the day on which it was written. */
const forDay = ({ kind, onDate, occurredAt }: DatedEntry) =>
  ['earn', 'pay'].includes(kind) && !occurredAt.startsWith(onDate) ? `for ${dateText(onDate)}` : '';

/** Ledger entries, newest first. */
export function EntryTable({ items }: { items: readonly DatedEntry[] }) {
  const promotions = useQuery(promotionsQuery());
  const names = useMemo(() => new Map((promotions.data ?? []).map((each) => [each.id, each])), [promotions.data]);
  return (
    <table className="grid tight">
      <thead>
        <tr>
          <th>When</th>
          <th>Kind</th>
          <th>From → to</th>
          <th>Promotion</th>
          <th>Note</th>
          <th className="right">Amount</th>
        </tr>
      </thead>
      <tbody>
        {items.map((entry) => (
          <tr key={entry.id}>
            <td className="num">{instantText(entry.occurredAt)}</td>
            <td>{wordsOf(entry.kind)}</td>
            <td className="t-dim">
              {wordsOf(entry.fromAccount)} → {wordsOf(entry.toAccount)}
            </td>
            <td>
              {entry.promotionId && (
                <Link to="/promotions/$id" params={{ id: entry.promotionId }}>
                  {names.get(entry.promotionId)?.code ?? 'Promotion'}
                </Link>
              )}
            </td>
            <td className="t-dim">{[entry.note, forDay(entry)].filter(Boolean).join(', ')}</td>
            <td className="right">
              <CellValue of="funds.entry" row={entry} value={entry.amount} label={wordsOf(entry.kind)} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Entries with the promotions' codes, as far as they are read. */
function useExportedEntries() {
  const promotions = useQuery(promotionsQuery());
  const codes = new Map((promotions.data ?? []).map(({ id, code }) => [id, code]));
  return (items: readonly DatedEntry[]) => ({
    head: ['occurred_at', 'business_date', 'kind', 'from_account', 'to_account', 'promotion', 'note', 'amount'],
    rows: items.map(({ promotionId, ...one }) => [
      ...[one.occurredAt, one.onDate, one.kind, one.fromAccount, one.toAccount],
      ...[promotionId && (codes.get(promotionId) ?? promotionId), one.note, one.amount],
    ]),
  });
}

/** The ledger entries of a fund by column and kind. */
export function Entries({
  fund,
  filters,
  pickKind,
}: {
  fund: Fund;
  filters: EntryFilters;
  pickKind(kind: string): void;
}) {
  const entries = useQuery(fundEntriesQuery(fund.id, filters));
  const items = entries.data?.items;
  const exported = useExportedEntries();
  return (
    <Panel
      title={filters.column ? `Entries of ${columnWords[filters.column].label}` : 'Entries'}
      aside={
        <span className="row">
          <NativeSelect
            aria-label="Kind of entry"
            size="xs"
            data={[
              { value: '', label: 'Every kind' },
              ...kinds.map((kind) => ({ value: kind, label: kind === 'plan' ? 'Plan (drafts)' : wordsOf(kind) })),
            ]}
            value={filters.kind ?? ''}
            onChange={(event) => pickKind(event.currentTarget.value)}
          />
          <ExportButton
            name={`entries of ${fund.code}`}
            disabled={!items?.length}
            table={() => exported(items ?? [])}
          />
        </span>
      }
      className="scrolls"
    >
      {entries.error && <Refusal error={entries.error} retry={() => void entries.refetch()} />}
      {entries.isPending && <RowsLoading rows={6} />}
      {items?.length === 0 && (
        <Empty title="No entries">
          {filters.column || filters.kind
            ? 'None of this kind; choose another column or every kind.'
            : 'Deposits, reservations and commitments appear here; none is ever changed.'}
        </Empty>
      )}
      {items && items.length > 0 && <EntryTable items={items} />}
      {entries.data?.nextCursor && <div className="t-faint t-sm panel-body">The latest 100 are shown.</div>}
    </Panel>
  );
}

/** The entries behind a figure, in a dialog. */
export function RowsDialog({ title, path, close }: { title: string; path: string; close(): void }) {
  const rows = useQuery(rowsQuery(path));
  return (
    <Modal opened onClose={close} title={title} size={1080} transitionProps={{ duration: 80 }}>
      {rows.error && <Refusal error={rows.error} retry={() => void rows.refetch()} />}
      {rows.isPending && <RowsLoading rows={6} />}
      {rows.data?.items.length === 0 && <Empty title="No entries">Nothing has moved here.</Empty>}
      {rows.data && rows.data.items.length > 0 && (
        <div className="panel scrolls">
          <EntryTable items={rows.data.items} />
        </div>
      )}
      {rows.data?.nextCursor && <div className="t-faint t-sm">The latest 100 are shown.</div>}
    </Modal>
  );
}
