import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { instantText } from '../../ui/format.ts';
import { useKeys } from '../../ui/keys.ts';
import { ListItem } from '../../ui/list-item.tsx';
import { Empty, Refusal, RowsLoading, Screen } from '../../ui/screen.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { NewDecision } from './decision-dialogs.tsx';
import { DecisionPane, ShippedPane } from './decision-pane.tsx';
import { decisionsQuery, shippedQuery } from './queries.ts';
import type { DecisionVersion, ShippedDecision } from './shapes.ts';

/** An entry of the list: a version, or what comes with the product. */
type Entry = { id: string; title: string; code: string } & (
  | { version: DecisionVersion }
  | { shipped: ShippedDecision; isInForce: boolean }
);

/** Versions by decision, the newest first, and after them what comes with the product. */
function entriesOf(versions: readonly DecisionVersion[], shipped: readonly ShippedDecision[]): Entry[] {
  const groups = Map.groupBy(versions, ({ code }) => code);
  const codes = [...new Set([...groups.keys(), ...shipped.map(({ code }) => code)])];
  return codes.flatMap((code) => {
    const own = (groups.get(code) ?? []).toSorted((a, b) => b.version - a.version);
    const isInForce = !own.some(({ state }) => state === 'published');
    return [
      ...own.map((version): Entry => ({ id: version.id, title: version.title, code, version })),
      ...shipped
        .filter((one) => one.code === code)
        .map((one): Entry => ({ id: code, title: one.title, code, shipped: one, isInForce })),
    ];
  });
}

function EntryItem({ entry, current, pick }: { entry: Entry; current: boolean; pick(): void }) {
  const aside = 'version' in entry ? `version ${entry.version.version}` : 'shipped';
  return (
    <ListItem title={entry.title} aside={<span className="num t-sm t-dim">{aside}</span>} current={current} pick={pick}>
      <div className="row spread t-sm">
        <StateBadge state={'version' in entry ? entry.version.state : entry.isInForce ? 'published' : 'retired'} />
        <span className="t-dim cut">
          {entry.code}
          {'version' in entry && ` · ${instantText(entry.version.publishedAt ?? entry.version.madeAt)}`}
        </span>
      </div>
    </ListItem>
  );
}

/** What of a decision is in force, in words; null: nothing. */
function inForceOf(entries: readonly Entry[], code: string): string | null {
  const own = entries.filter((entry) => entry.code === code);
  const version = own.find((entry) => 'version' in entry && entry.version.state === 'published');
  if (version && 'version' in version) return `version ${version.version.version}`;
  return own.some((entry) => 'shipped' in entry) ? 'what comes with the product' : null;
}

/** The versions of every decision, and the one that is picked to be written in. */
export function Decisions({ head }: { head: ReactNode }) {
  const { decision: picked } = useSearch({ from: '/app/workflow' });
  const navigate = useNavigate();
  const versions = useQuery(decisionsQuery);
  const shipped = useQuery(shippedQuery);
  const [making, setMaking] = useState(false);
  const entries = versions.data && shipped.data ? entriesOf(versions.data, shipped.data) : [];
  const pick = (id: string | undefined) =>
    void navigate({ to: '/workflow', search: { tab: 'decisions', ...(id ? { decision: id } : {}) }, replace: true });
  const at = entries.findIndex(({ id }) => id === picked);
  const shown = entries[at] ?? (picked ? undefined : entries[0]);
  const step = (by: number) => {
    const next = entries[Math.min(Math.max(Math.max(at, 0) + by, 0), entries.length - 1)];
    if (next) pick(next.id);
  };
  useKeys({ j: () => step(1), k: () => step(-1) });
  const failed = versions.error ?? shipped.error;
  const back = () => pick(undefined);
  return (
    <Screen
      title="Workflow"
      sub={head}
      actions={
        <Button leftSection={<IconPlus size={14} />} onClick={() => setMaking(true)}>
          New decision
        </Button>
      }
      flush
    >
      {failed && <Refusal error={failed} retry={() => void versions.refetch()} />}
      {!failed && (versions.isPending || shipped.isPending) && <RowsLoading rows={6} heightPx={58} />}
      {versions.data && shipped.data && entries.length === 0 && (
        <Empty title="No decision is kept yet">Make a table: processes ask it by its code and go by its answer.</Empty>
      )}
      {entries.length > 0 && (
        <div className="panes" data-picked={picked !== undefined}>
          <div className="pane-list">
            {entries.map((entry) => (
              <EntryItem key={entry.id} entry={entry} current={entry.id === shown?.id} pick={() => pick(entry.id)} />
            ))}
          </div>
          <div className="pane-detail">
            {!shown && <Empty title="This version is not here">Choose another in the list.</Empty>}
            {shown && 'version' in shown && (
              <DecisionPane
                key={shown.id}
                version={shown.version}
                inForce={inForceOf(entries, shown.code)}
                show={pick}
                back={back}
              />
            )}
            {shown && 'shipped' in shown && (
              <ShippedPane key={shown.id} shipped={shown.shipped} show={pick} back={back} />
            )}
          </div>
        </div>
      )}
      {making && <NewDecision close={() => setMaking(false)} show={pick} />}
    </Screen>
  );
}
