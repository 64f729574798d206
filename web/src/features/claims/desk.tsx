import { Button, NativeSelect, SegmentedControl, TextInput } from '@mantine/core';
import { IconAdjustments, IconPlus, IconSearch } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { asProblem } from '../../api/problem.ts';
import { customersQuery } from '../../api/queries.ts';
import { request } from '../../api/request.ts';
import { useMay } from '../../api/session.ts';
import { ExportButton } from '../../ui/export-button.tsx';
import { moneyText } from '../../ui/format.ts';
import { useKeys } from '../../ui/keys.ts';
import { useOneAtATime } from '../../ui/one-at-a-time.ts';
import { Empty, Refusal, RowsLoading, Screen } from '../../ui/screen.tsx';
import { sayDone, sayRefused } from '../../ui/toast.tsx';
import { CellValue } from '../../ui/values.tsx';
import { answeredFor } from './amounts.ts';
import { AttachDialog, CaptureDialog } from './intake-dialogs.tsx';
import { type Action, actionsOf, ItemDetail, isOpenTo } from './item-detail.tsx';
import { ageingQuery, itemQuery, queueQuery, type Station, stations, suggestionsQuery } from './queries.ts';
import { QueueItem } from './queue-item.tsx';
import { NotedDialog, SettleDialog, ValidateDialog } from './review-dialogs.tsx';
import { DeskSettings } from './settings.tsx';
import type { AgeBucket, FullItem, ItemKind, QueuedItem, Suggestion } from './shapes.ts';
import { CategoriseDialog, SplitDialog } from './sort-dialogs.tsx';

const bucketNames: Record<string, string> = {
  overdue_91_and_more: '91+ d over',
  overdue_31_to_90: '31–90 d over',
  overdue_1_to_30: '1–30 d over',
  due_in_0_to_7: 'due in 0–7 d',
  due_in_8_to_30: 'due in 8–30 d',
  due_in_31_to_60: 'due in 31–60 d',
  due_in_61_and_more: 'due in 61+ d',
};

function Ageing({ kind, items }: { kind: string; items: readonly AgeBucket[] }) {
  if (items.length === 0) return null;
  return (
    <div className="kpis seven" style={{ margin: '0 0 0', borderRadius: 0, borderWidth: '0 0 1px' }}>
      {items.map(({ bucket, currency, count, open }) => (
        <div className="kpi" key={bucket + currency} style={{ minHeight: 0, padding: '6px 12px' }}>
          <span className="label">{bucketNames[bucket] ?? bucket}</span>
          <CellValue
            of="items.ageing"
            row={{ bucket, count, currency, list: `${kind}s` }}
            value={open}
            label={bucketNames[bucket] ?? bucket}
          >
            <span className={bucket.startsWith('overdue') ? 'num neg' : 'num'}>{moneyText(open)}</span>
          </CellValue>{' '}
          <span className="t-faint t-sm" data-plain="a count">
            {count}
          </span>
        </div>
      ))}
    </div>
  );
}

const exportHead = [
  ...['reference', 'customer_code', 'state', 'amount', 'open', 'currency', 'taken_on', 'dispute_by_on', 'reason_code'],
  ...['category', 'priority', 'proposal', 'flags', 'note'],
];
const exportRow = (item: QueuedItem) => [
  ...[item.reference, item.customerCode, item.state, item.amount.amount, item.openAmount.amount, item.amount.currency],
  ...[item.takenOn, item.disputeByOn, item.reasonCode ?? '', item.category ?? ''],
  typeof item.priority.value === 'object' ? (item.priority.value?.amount ?? '') : item.priority.value,
  item.proposal?.matches.map(({ promotionCode }) => promotionCode).join(' ') ?? '',
  item.flags.map(({ flag }) => flag).join(' '),
  item.note,
];

const sorts = [
  { value: '-priority', label: 'Most urgent money' },
  { value: '-confidence', label: 'Most certain match' },
  { value: '-amount', label: 'Largest amount' },
  { value: 'disputeByOn', label: 'Nearest deadline' },
];

/** The deductions, or the claims, from capture to settlement; worked by keyboard. */
function Desk({ kind, from }: { kind: ItemKind; from: '/app/deductions' | '/app/claims' }) {
  const search = useSearch({ from }) as { item?: string; station?: string; search?: string; sort?: string };
  const navigate = useNavigate();
  const client = useQueryClient();
  const may = useMay() as (permission: string) => boolean;
  const once = useOneAtATime();
  const station = stations.find(({ key }) => key === search.station)?.key ?? 'match';
  const queue = useQuery(queueQuery(kind, { station, search: search.search, sort: search.sort }));
  const ageing = useQuery(ageingQuery(kind));
  const customers = useQuery(customersQuery);
  const [dialog, setDialog] = useState<{ action: Action | 'capture' | 'settings'; why?: string } | null>(null);
  const [together, setTogether] = useState<ReadonlySet<string>>(new Set());
  // What was just dealt with leaves the list at once; the server's word follows.
  const [gone, setGone] = useState<ReadonlySet<string>>(new Set());
  const items = (queue.data?.items ?? []).filter(({ id }) => !gone.has(id));
  const at = items.findIndex(({ id }) => id === search.item);
  const shownId = items[at]?.id ?? search.item ?? items[0]?.id;
  const item = useQuery({ ...itemQuery(kind, shownId ?? ''), enabled: shownId !== undefined });
  const filter = useRef<HTMLInputElement>(null);
  const put = (members: Partial<typeof search>) => {
    const next = Object.fromEntries(Object.entries({ ...search, ...members }).filter(([, value]) => value));
    void navigate({ to: kind === 'deduction' ? '/deductions' : '/claims', search: next, replace: true });
  };
  const near = (by: number) => items[Math.min(Math.max(Math.max(at, 0) + by, 0), items.length - 1)];
  const step = (by: number) => {
    const next = near(by);
    if (next) put({ item: next.id });
  };
  const nextId = at >= 0 ? items[at + 1]?.id : items[1]?.id;
  // The next item is read while somebody looks at this one: it is there when the key is pressed.
  useEffect(() => {
    if (!nextId) return;
    void client.prefetchQuery(itemQuery(kind, nextId));
    if (station === 'match') void client.prefetchQuery(suggestionsQuery(kind, nextId));
  }, [client, kind, nextId, station]);
  const refresh = () => {
    for (const key of ['desk', 'accruals', 'funds']) void client.invalidateQueries({ queryKey: [key] });
  };
  const leave = (id: string) => {
    setGone(new Set([...gone, id]));
    put({ item: nextId ?? items[at - 1]?.id ?? '' });
  };
  const accept = (full: FullItem, one: Suggestion) =>
    once(async () => {
      const matches = one.matches.map(({ tacticId, amount }) => ({ tacticId, amount }));
      leave(full.id);
      try {
        await request(`/${kind}s/${full.id}/match`, { method: 'POST', body: { matches }, ifMatch: full.version });
        sayDone(`${full.reference} matched`, one.matches.map(({ promotionCode }) => promotionCode).join(', '));
      } catch (error) {
        sayRefused(error);
        setGone((before) => new Set([...before].filter((id) => id !== full.id)));
      } finally {
        refresh();
      }
    });
  const acceptFirst = () => {
    if (!item.data || !may('claims:write')) return;
    const known = client.getQueryData(suggestionsQuery(kind, item.data.id).queryKey);
    const [first] = known?.items ?? [];
    if (known?.proposed && first) void accept(item.data, first);
    else sayRefused(asProblem(new Error('No match is certain enough to take with one key: choose one.')));
  };
  const validate = (full: FullItem) =>
    once(async () => {
      const validAmount = answeredFor(full);
      try {
        await request(`/${kind}s/${full.id}/validate`, {
          method: 'POST',
          body: { validAmount },
          ifMatch: full.version,
        });
        sayDone(`${full.reference} validated`, moneyText(validAmount));
        leave(full.id);
        refresh();
      } catch (error) {
        // It needs a word of the person: proof, or a reason.
        const why = asProblem(error).detail;
        setDialog({ action: 'validate', ...(why ? { why } : {}) });
      }
    });
  const act = (action: Action) => {
    if (!item.data || !isOpenTo(action, item.data, may)) return;
    if (action === 'validate' && item.data.state === 'matched') validate(item.data);
    else setDialog({ action });
  };
  const settleTogether = () =>
    once(async () => {
      const chosen = items.filter(({ id }) => together.has(id));
      try {
        await request('/settlements/together', {
          method: 'POST',
          body: {
            items: chosen.map(({ id, version }) => ({ itemKind: kind, itemId: id, version })),
            kind: kind === 'deduction' ? 'offset' : 'credit_memo',
          },
        });
        sayDone(`${chosen.length} settled in one journal`);
        setTogether(new Set());
      } catch (error) {
        sayRefused(error);
      } finally {
        refresh();
      }
    });
  useKeys(
    {
      j: () => step(1),
      k: () => step(-1),
      m: acceptFirst,
      '/': () => filter.current?.focus(),
      ...Object.fromEntries(
        (Object.keys(actionsOf) as Action[]).map((action) => [actionsOf[action].key, () => act(action)]),
      ),
    },
    dialog === null,
  );
  const selecting = station === 'settle' && may('claims:settle');
  const names = new Map(customers.data?.map(({ id, name }) => [id, name]));
  const full = item.data;
  // It waits at this station still.
  const stays = (action: Action) => action === 'research' || (action === 'dispute' && station === 'refused');
  const closed = { close: () => setDialog(null), done: () => full && station !== 'done' && leave(full.id) };
  return (
    <Screen
      title={kind === 'deduction' ? 'Deduction desk' : 'Claims and settlement'}
      sub={
        <span>
          {queue.data
            ? `${items.length}${queue.data.nextCursor ? '+' : ''} ${stations.find(({ key }) => key === station)?.label.toLowerCase()}`
            : ''}
        </span>
      }
      actions={
        <>
          {selecting && together.size > 0 && <Button onClick={settleTogether}>Settle {together.size} together</Button>}
          {may('claims:write') && (
            <Button
              variant="default"
              leftSection={<IconPlus size={14} />}
              onClick={() => setDialog({ action: 'capture' })}
            >
              Capture
            </Button>
          )}
          <Button
            variant="default"
            leftSection={<IconAdjustments size={14} />}
            onClick={() => setDialog({ action: 'settings' })}
          >
            Settings
          </Button>
          <ExportButton
            name={`${kind}s`}
            table={() => ({ head: exportHead, rows: items.map(exportRow) })}
            disabled={items.length === 0}
          />
        </>
      }
      flush
    >
      <div className="filters">
        <SegmentedControl
          size="xs"
          data={stations.map(({ key, label }) => ({ value: key, label }))}
          value={station}
          onChange={(value) => put({ station: value as Station, item: '' })}
          aria-label="Station"
        />
        <TextInput
          ref={filter}
          aria-label="Filter"
          placeholder="Reference or text"
          leftSection={<IconSearch size={14} />}
          value={search.search ?? ''}
          onChange={(event) => put({ search: event.currentTarget.value, item: '' })}
        />
        <NativeSelect
          size="xs"
          aria-label="Order"
          data={sorts}
          value={search.sort ?? '-priority'}
          onChange={(event) => put({ sort: event.currentTarget.value, item: '' })}
        />
        <span className="t-faint t-sm">
          <span className="kbd">j</span> <span className="kbd">k</span> move · <span className="kbd">m</span> take the
          suggested match · <span className="kbd">v</span> validate · <span className="kbd">s</span> settle ·{' '}
          <span className="kbd">x</span> split
        </span>
      </div>
      {ageing.data && <Ageing kind={kind} items={ageing.data.items} />}
      {queue.error && !queue.data ? (
        <div style={{ padding: 16 }}>
          <Refusal error={queue.error} retry={() => void queue.refetch()} />
        </div>
      ) : (
        <div className="panes" data-picked={search.item !== undefined} style={{ height: 'calc(100% - 96px)' }}>
          <div className="pane-list">
            {queue.isPending && <RowsLoading rows={8} heightPx={56} />}
            {queue.data && items.length === 0 && (
              <Empty title={search.search ? 'Nothing fits the filter' : 'Nothing waits here'}>
                {station === 'match'
                  ? `New ${kind}s come in by import, by form or by API.`
                  : 'Look at another station.'}
              </Empty>
            )}
            {items.map((one) => (
              <QueueItem
                key={one.id}
                item={one}
                current={one.id === shownId}
                pick={() => put({ item: one.id })}
                {...(selecting && one.settled.amount.replace(/[0.]/g, '') === ''
                  ? {
                      selected: together.has(one.id),
                      select: () =>
                        setTogether(
                          together.has(one.id)
                            ? new Set([...together].filter((id) => id !== one.id))
                            : new Set([...together, one.id]),
                        ),
                    }
                  : {})}
              />
            ))}
          </div>
          <div className="pane-detail">
            {item.error && <Refusal error={item.error} retry={() => void item.refetch()} />}
            {full ? (
              <ItemDetail
                key={full.id}
                item={full}
                queued={items.find(({ id }) => id === full.id)}
                customerName={names.get(full.customerId) ?? ''}
                act={act}
                accept={(one) => void accept(full, one)}
                back={() => put({ item: '' })}
              />
            ) : (
              shownId && <RowsLoading rows={10} />
            )}
          </div>
        </div>
      )}
      {dialog?.action === 'settings' && <DeskSettings close={() => setDialog(null)} />}
      {dialog?.action === 'capture' && customers.data && (
        <CaptureDialog kind={kind} customers={customers.data} close={() => setDialog(null)} />
      )}
      {full && dialog?.action === 'validate' && <ValidateDialog item={full} why={dialog.why} {...closed} />}
      {full && dialog?.action === 'categorise' && <CategoriseDialog item={full} close={closed.close} done={refresh} />}
      {full && dialog?.action === 'settle' && <SettleDialog item={full} {...closed} />}
      {full && dialog?.action === 'split' && <SplitDialog item={full} {...closed} />}
      {full && dialog?.action === 'attach' && <AttachDialog item={full} close={closed.close} done={() => undefined} />}
      {full &&
        (dialog?.action === 'research' ||
          dialog?.action === 'dispute' ||
          dialog?.action === 'write-off' ||
          dialog?.action === 'concede' ||
          dialog?.action === 'recover') && (
          <NotedDialog
            item={full}
            action={dialog.action}
            close={closed.close}
            done={stays(dialog.action) ? refresh : closed.done}
          />
        )}
    </Screen>
  );
}

/** What customers took off their payments. */
export function DeductionDesk() {
  return <Desk kind="deduction" from="/app/deductions" />;
}

/** What customers ask for. */
export function Claims() {
  return <Desk kind="claim" from="/app/claims" />;
}
