import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { namesQuery } from '../../api/queries.ts';
import { isNarrowed, useUser } from '../../api/session.ts';
import type { Money } from '../../api/shapes.ts';
import type { Frame } from '../../live/socket.ts';
import { useChannel, useConnection } from '../../live/use-live.ts';
import { ExportButton } from '../../ui/export-button.tsx';
import { clockText, countText, moneyText } from '../../ui/format.ts';
import { Empty, Panel, Screen } from '../../ui/screen.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { CellValue } from '../../ui/values.tsx';
import { promotionStates } from '../promotions/promotion-states.ts';
import { ConnectionMark } from '../shell/connection-mark.tsx';
import { type DashboardData, type FeedItem, feedItem } from './measures.ts';

const feedLength = 60;

/** A number that lights up for a moment when it changes. */
function Moving({ text }: { text: string }) {
  const before = useRef(text);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    if (before.current !== text) setTurn((count) => count + 1);
    before.current = text;
  }, [text]);
  return (
    <span key={turn} className={turn > 0 ? 'flash num' : 'num'}>
      {text}
    </span>
  );
}

/** Sums that move, each of which opens: `of` names their cells. */
function MovingMoney({
  of,
  label,
  values,
}: {
  of: string;
  label: string;
  values: readonly { value: Money; row: object }[];
}) {
  if (values.length === 0) return <span className="t-faint">–</span>;
  return values.map(({ value, row }) => (
    <div key={value.currency}>
      <CellValue of={of} row={row} value={value} label={label}>
        <Moving text={moneyText(value, true)} />
      </CellValue>
    </div>
  ));
}

/** An amount of zero says that nothing was planned. */
const isPlanned = (value: Money) => /[1-9]/.test(value.amount);

function States({ promotions }: { promotions: NonNullable<DashboardData['promotions']> }) {
  return (
    <table className="grid tight">
      <thead>
        <tr>
          <th>State</th>
          <th className="right">Promotions</th>
          <th className="right">Planned spend</th>
        </tr>
      </thead>
      <tbody>
        {promotionStates.map((state) => {
          const rows = promotions.filter((each) => each.state === state);
          const count = rows.reduce((sum, each) => sum + each.count, 0);
          return (
            <tr key={state}>
              <td>
                <Link to="/promotions" search={{ state }}>
                  <StateBadge state={state} />
                </Link>
              </td>
              <td className="right">
                <Moving text={countText(count)} />
              </td>
              <td className="right">
                <MovingMoney
                  of="promotions.plannedSpendByState"
                  label={`Planned spend, ${state}`}
                  values={rows
                    .filter(({ plannedSpend }) => isPlanned(plannedSpend))
                    .map((row) => ({ value: row.plannedSpend, row }))}
                />
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

type NameOf = (id: string | undefined) => string | undefined;

function Feed({ items, nameOf }: { items: readonly FeedItem[]; nameOf: NameOf }) {
  if (items.length === 0)
    return <Empty title="Quiet so far">What people and the system do appears here within a second.</Empty>;
  return (
    <ul className="feed" aria-live="polite" style={{ maxHeight: 'calc(100vh - 240px)', overflow: 'auto' }}>
      {items.map((item) => (
        <li key={item.key}>
          <span className="t-faint t-sm num">{item.at ? clockText(item.at) : ''}</span>
          <span className="cut">
            {item.promotionId ? (
              <Link to="/promotions/$id" params={{ id: item.promotionId }}>
                {item.title}
              </Link>
            ) : (
              item.title
            )}
          </span>
          <span className="t-dim t-sm num">
            {item.what}
            {nameOf(item.actorId) ? ` · ${nameOf(item.actorId)}` : ''}
          </span>
        </li>
      ))}
    </ul>
  );
}

function Numbers({ data }: { data: DashboardData }) {
  const count = (value: number | undefined) => <Moving text={value === undefined ? '–' : countText(value)} />;
  const fundSum = (column: 'reserved' | 'committed', label: string, values: readonly Money[] = []) => (
    <MovingMoney
      key={column}
      of={`funds.${column}InAll`}
      label={label}
      values={values.map((value) => ({ value, row: {} }))}
    />
  );
  const numbers: [string, ReactNode][] = [
    ['Open tasks', count(data.tasksOpen)],
    ['Decisions today', count(data.decisionsToday)],
    ['Reserved in funds', fundSum('reserved', 'Reserved in funds', data.funds?.reserved)],
    ['Committed in funds', fundSum('committed', 'Committed in funds', data.funds?.committed)],
  ];
  return (
    <div className="kpis">
      {numbers.map(([label, value]) => (
        <div className="kpi" key={label}>
          <span className="label">{label}</span>
          <span className="value num">{value}</span>
        </div>
      ))}
    </div>
  );
}

/** The figures as they stand now, and below them the events that are shown. */
function exported(data: DashboardData, feed: readonly FeedItem[], nameOf: NameOf) {
  const sums = (name: string, values: readonly Money[] = []) =>
    values.map((value) => ['figure', null, name, null, value]);
  return {
    head: ['what', 'at', 'name', 'count', 'amount', 'detail', 'by'],
    rows: [
      ['figure', null, 'Open tasks', data.tasksOpen],
      ['figure', null, 'Decisions today', data.decisionsToday],
      ...sums('Reserved in funds', data.funds?.reserved),
      ...sums('Committed in funds', data.funds?.committed),
      ...(data.promotions ?? []).map(({ state, count, plannedSpend }) => [
        ...['figure', null, `Promotions, ${state}`, count, plannedSpend],
      ]),
      ...feed.map(({ at, title, what, actorId }) => ['event', at, title, null, null, what, nameOf(actorId)]),
    ],
  };
}

/** The live room, for whoever sees the whole tenant: its figures are sums over all customers and products. */
export function LiveRoom() {
  if (!isNarrowed(useUser())) return <Room />;
  return (
    <Screen title="Live">
      <Empty title="These figures are of the whole business">
        You are kept to a part of it: your promotions and funds tell how that part stands.
      </Empty>
    </Screen>
  );
}

/** The figures of the business as they move. */
function Room() {
  const connection = useConnection();
  const names = useQuery(namesQuery());
  const nameOf: NameOf = (id) => names.data?.items.find((person) => person.id === id)?.name;
  const [data, setData] = useState<DashboardData | null>(null);
  const [feed, setFeed] = useState<FeedItem[]>([]);
  useChannel('dashboard', (frame: Frame) => {
    if (frame.type === 'initial_data') {
      const snapshot = frame.data as DashboardData;
      setData(snapshot);
      setFeed((snapshot.recentEvents ?? []).map(feedItem).sort((a, b) => b.at.localeCompare(a.at)));
    }
    if (frame.type === 'metrics_update') setData((before) => ({ ...before, ...(frame.data as DashboardData) }));
    if (frame.type === 'data_change') {
      const item = feedItem(frame);
      setFeed((before) => [item, ...before.filter((each) => each.key !== item.key)].slice(0, feedLength));
    }
  });
  return (
    <Screen
      title="Live"
      sub={<ConnectionMark />}
      actions={<ExportButton name="live" disabled={data === null} table={() => exported(data ?? {}, feed, nameOf)} />}
    >
      <div className="stack" style={{ gap: 12 }}>
        <Numbers data={data ?? {}} />
        {data === null ? (
          <Panel>
            <Empty title={connection === 'live' ? 'Waiting for the first figures' : 'Not connected'}>
              {connection === 'live'
                ? 'They come in a moment.'
                : 'The page connects again by itself; nothing is lost meanwhile.'}
            </Empty>
          </Panel>
        ) : (
          <div className="two">
            <Panel title="Promotions by state" className="scrolls">
              <States promotions={data.promotions ?? []} />
            </Panel>
            <Panel title="Events">
              <Feed items={feed} nameOf={nameOf} />
            </Panel>
          </div>
        )}
      </div>
    </Screen>
  );
}
