import { Button, Tabs } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { request } from '../../api/request.ts';
import { isNarrowed, useMay, useUser } from '../../api/session.ts';
import { rangeText, today } from '../../ui/format.ts';
import { useKeys } from '../../ui/keys.ts';
import { useOneAtATime } from '../../ui/one-at-a-time.ts';
import { Empty, Refusal, RowsLoading, Screen } from '../../ui/screen.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { sayRefused } from '../../ui/toast.tsx';
import { CloseView } from './close-view.tsx';
import { JournalsView } from './journals-view.tsx';
import { MappingView } from './mapping-view.tsx';
import { OwedView } from './owed-view.tsx';
import { ProposalView } from './proposal-view.tsx';
import { periodsQuery } from './queries.ts';
import { ReportView } from './report-view.tsx';
import type { Period } from './shapes.ts';

const views = [
  ['proposal', 'Proposed accruals', ProposalView],
  ['journals', 'Journals', JournalsView],
  ['close', 'Checklist and close', CloseView],
  ['report', 'Close report', ReportView],
  ['mapping', 'GL accounts', MappingView],
] as const;
/** What is left for whoever is kept to a part: the other views are sums over the whole tenant. */
const partViews = [
  ['owed', 'Owed in your part', OwedView],
  ['journals', 'Journals', JournalsView],
] as const;

const nameOf = ({ fiscalYear, period }: Period) => `FY${fiscalYear} P${String(period).padStart(2, '0')}`;

function OpenCurrent() {
  const client = useQueryClient();
  const once = useOneAtATime();
  const open = useMutation({
    mutationFn: () => request<Period>('/periods', { method: 'POST', body: { on: today() } }),
    onSuccess: () => void client.invalidateQueries({ queryKey: ['books'] }),
    onError: sayRefused,
  });
  return (
    <Button variant="default" loading={open.isPending} onClick={() => once(() => open.mutateAsync())}>
      Open the current period
    </Button>
  );
}

function PeriodDetail({ period, view, show }: { period: Period; view: string | undefined; show(view: string): void }) {
  const open = isNarrowed(useUser()) ? partViews : views;
  const [key, , View] = open.find(([name]) => name === view) ?? open[0];
  return (
    <div style={{ display: 'flex', flexDirection: 'column', height: '100%' }}>
      <Tabs value={key} onChange={(value) => show(value ?? '')}>
        <Tabs.List px={8}>
          {open.map(([name, label]) => (
            <Tabs.Tab key={name} value={name}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
      </Tabs>
      <div className="stack" style={{ flex: 1, minHeight: 0, overflow: 'auto', padding: 12, gap: 12 }}>
        <View period={period} key={period.id} />
      </div>
    </div>
  );
}

/** Accruals and close: what a period would book, its journals, what closing asks, and the report that ties. */
export function Books() {
  const search = useSearch({ from: '/app/accruals' });
  const navigate = useNavigate();
  const may = useMay();
  const narrowed = isNarrowed(useUser());
  const periods = useQuery(periodsQuery);
  const items = periods.data ?? [];
  const at = items.findIndex(({ id }) => id === search.period);
  // What is over and not closed comes first: a later period is not closed before it.
  const waiting = items.findLast(({ state, endsOn }) => state !== 'closed' && endsOn < today());
  const shown = items[at] ?? waiting ?? items.find(({ startsOn }) => startsOn <= today()) ?? items[0];
  const put = (members: Partial<typeof search>) => {
    const next = Object.fromEntries(Object.entries({ ...search, ...members }).filter(([, value]) => value));
    void navigate({ to: '/accruals', search: next, replace: true });
  };
  const step = (by: number) => {
    const from = shown ? items.indexOf(shown) : 0;
    const next = items[Math.min(Math.max(from + by, 0), items.length - 1)];
    if (next) put({ period: next.id });
  };
  useKeys({ j: () => step(1), k: () => step(-1) });
  const missing =
    periods.data !== undefined && !items.some(({ startsOn, endsOn }) => startsOn <= today() && today() <= endsOn);
  return (
    <Screen
      title="Accruals and close"
      sub={shown && <span>{rangeText(shown.startsOn, shown.endsOn)}</span>}
      actions={missing && may('accruals:post') && !narrowed && <OpenCurrent />}
      flush
    >
      {periods.error && !periods.data ? (
        <Refusal error={periods.error} retry={() => void periods.refetch()} />
      ) : (
        <div className="panes slim" data-picked={search.period !== undefined}>
          <div className="pane-list">
            {periods.isPending && <RowsLoading rows={6} heightPx={44} />}
            {periods.data && items.length === 0 && (
              <Empty title="No periods yet">
                {narrowed ? 'Finance opens the first one.' : 'Open the current period to prepare its accruals.'}
              </Empty>
            )}
            {items.map((period) => (
              <button
                type="button"
                key={period.id}
                className="item"
                aria-current={period.id === shown?.id}
                onClick={() => put({ period: period.id })}
              >
                <div className="row spread">
                  <span className="title num">{nameOf(period)}</span>
                  <StateBadge state={period.state} />
                </div>
                <div className="t-sm t-dim num">{rangeText(period.startsOn, period.endsOn)}</div>
              </button>
            ))}
          </div>
          <div className="pane-detail" style={{ padding: 0 }}>
            {shown && (
              <PeriodDetail period={shown} view={search.view} show={(view) => put({ period: shown.id, view })} />
            )}
          </div>
        </div>
      )}
    </Screen>
  );
}
