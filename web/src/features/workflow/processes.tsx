import { Button } from '@mantine/core';
import { IconFileImport } from '@tabler/icons-react';
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
import { processesQuery } from './queries.ts';
import type { ProcessVersion } from './shapes.ts';

/** Versions by process, the newest process first and within it the newest version. */
function byProcess(versions: readonly ProcessVersion[]): ProcessVersion[] {
  const groups = Map.groupBy(versions, ({ code }) => code);
  return [...groups.values()].flatMap((group) => group.toSorted((a, b) => b.version - a.version));
}

function VersionItem({ version, current, pick }: { version: ProcessVersion; current: boolean; pick(): void }) {
  return (
    <ListItem
      title={version.title}
      aside={<span className="num t-sm t-dim">version {version.version}</span>}
      current={current}
      pick={pick}
    >
      <div className="row spread t-sm">
        <StateBadge state={version.state} />
        <span className="t-dim cut">
          {version.code} · {instantText(version.publishedAt ?? version.madeAt)}
        </span>
      </div>
    </ListItem>
  );
}

/** The versions of every process, and the one that is picked with its diagram. */
export function Processes({ head }: { head: ReactNode }) {
  const { version: picked } = useSearch({ from: '/app/workflow' });
  const navigate = useNavigate();
  const processes = useQuery(processesQuery);
  const [importing, setImporting] = useState(false);
  const items = byProcess(processes.data ?? []);
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
        <Button leftSection={<IconFileImport size={14} />} onClick={() => setImporting(true)}>
          Import BPMN
        </Button>
      }
      flush
    >
      {processes.error && !processes.data && <Refusal error={processes.error} retry={() => void processes.refetch()} />}
      {processes.isPending && <RowsLoading rows={6} heightPx={58} />}
      {processes.data && items.length === 0 && (
        <Empty title="No process is drawn yet">
          Draw one in any BPMN 2.0 editor and import it. The approvals that come with the product run without one: see
          Instances.
        </Empty>
      )}
      {items.length > 0 && (
        <div className="panes" data-picked={picked !== undefined}>
          <div className="pane-list">
            {items.map((version) => (
              <VersionItem
                key={version.id}
                version={version}
                current={version.id === shown?.id}
                pick={() => pick(version.id)}
              />
            ))}
          </div>
          <div className="pane-detail">
            {shown ? (
              <ProcessPane
                key={shown.id}
                version={shown}
                inForce={inForce(items, shown)}
                back={() => pick(undefined)}
              />
            ) : (
              <Empty title="This version is not here">Choose another in the list.</Empty>
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
