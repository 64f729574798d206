import { Button } from '@mantine/core';
import { IconFileImport, IconPencil } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { instantText } from '../../ui/format.ts';
import { useKeys } from '../../ui/keys.ts';
import { ListItem } from '../../ui/list-item.tsx';
import { Empty, Refusal, RowsLoading, Screen } from '../../ui/screen.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { ImportProcess } from './import-process.tsx';
import { ProcessPane } from './process-pane.tsx';
import { processesQuery, shippedProcessesQuery } from './queries.ts';
import type { ProcessVersion, ShippedProcess } from './shapes.ts';
import { ShippedProcessPane } from './shipped-process.tsx';

/** An entry of the list: a version, or what comes with the product. */
type Entry = { id: string; title: string; code: string } & ({ version: ProcessVersion } | { shipped: ShippedProcess });

/** Versions by process, the newest process first and within it the newest version; then what comes with the product. */
function entriesOf(versions: readonly ProcessVersion[], shipped: readonly ShippedProcess[]): Entry[] {
  const groups = [...Map.groupBy(versions, ({ code }) => code).values()];
  const own = groups.flatMap((group) => group.toSorted((a, b) => b.version - a.version));
  return [
    ...own.map((version) => ({ id: version.id, title: version.title, code: version.code, version })),
    ...shipped.map((one) => ({ id: one.code, title: one.title, code: one.code, shipped: one })),
  ];
}

function EntryItem({ entry, current, pick }: { entry: Entry; current: boolean; pick(): void }) {
  const version = 'version' in entry ? entry.version : undefined;
  const state = 'version' in entry ? entry.version.state : entry.shipped.ownId ? 'retired' : 'published';
  return (
    <ListItem
      title={entry.title}
      aside={<span className="num t-sm t-dim">{version ? `version ${version.version}` : 'shipped'}</span>}
      current={current}
      pick={pick}
    >
      <div className="row spread t-sm">
        <StateBadge state={state} />
        <span className="t-dim cut">
          {entry.code}
          {version && ` · ${instantText(version.publishedAt ?? version.madeAt)}`}
        </span>
      </div>
    </ListItem>
  );
}

/** The versions of every process and those that come with the product, and the one that is picked with its diagram. */
export function Processes({ head }: { head: ReactNode }) {
  const { version: picked } = useSearch({ from: '/app/workflow' });
  const navigate = useNavigate();
  const processes = useQuery(processesQuery);
  const shipped = useQuery(shippedProcessesQuery);
  const [importing, setImporting] = useState(false);
  const items = processes.data && shipped.data ? entriesOf(processes.data, shipped.data) : [];
  const failed = processes.error ?? shipped.error;
  const back = () => pick(undefined);
  const pick = (id: string | undefined) =>
    void navigate({ to: '/workflow', search: id ? { version: id } : {}, replace: true });
  const at = items.findIndex(({ id }) => id === picked);
  const shown = items[at] ?? (picked ? undefined : items[0]);
  const step = (by: number) => {
    const from = at < 0 ? (shown ? 0 : -1) : at;
    const next = items[Math.min(Math.max(from + by, 0), items.length - 1)];
    if (next) pick(next.id);
  };
  useKeys({ j: () => step(1), k: () => step(-1) });
  return (
    <Screen
      title="Workflow"
      sub={head}
      actions={
        <>
          <Button leftSection={<IconPencil size={14} />} onClick={() => void navigate({ to: '/workflow/draw' })}>
            Draw a process
          </Button>
          <Button variant="default" leftSection={<IconFileImport size={14} />} onClick={() => setImporting(true)}>
            Import BPMN
          </Button>
        </>
      }
      flush
    >
      {failed && items.length === 0 && <Refusal error={failed} retry={() => void processes.refetch()} />}
      {!failed && (processes.isPending || shipped.isPending) && <RowsLoading rows={6} heightPx={58} />}
      {processes.data && shipped.data && items.length === 0 && (
        <Empty title="No process is drawn yet">Draw one, or import it from any BPMN 2.0 editor.</Empty>
      )}
      {items.length > 0 && (
        <div className="panes" data-picked={picked !== undefined}>
          <div className="pane-list">
            {items.map((entry) => (
              <EntryItem key={entry.id} entry={entry} current={entry.id === shown?.id} pick={() => pick(entry.id)} />
            ))}
          </div>
          <div className="pane-detail">
            {!shown && <Empty title="This version is not here">Choose another in the list.</Empty>}
            {shown && 'version' in shown && (
              <ProcessPane
                key={shown.id}
                version={shown.version}
                inForce={inForce(processes.data ?? [], shown.version)}
                back={back}
              />
            )}
            {shown && 'shipped' in shown && (
              <ShippedProcessPane key={shown.id} shipped={shown.shipped} show={pick} back={back} />
            )}
          </div>
        </div>
      )}
      {importing && <ImportProcess close={() => setImporting(false)} show={pick} />}
    </Screen>
  );
}

const inForce = (items: readonly ProcessVersion[], { code }: ProcessVersion) =>
  items.find((one) => one.code === code && one.state === 'published');
