import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { request } from '../../api/request.ts';
import { instantText } from '../../ui/format.ts';
import { Panel, Refusal, RowsLoading } from '../../ui/screen.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { sayRefused } from '../../ui/toast.tsx';
import { ReplayPanel } from '../decisions/replay.tsx';
import { AskedForce } from './asked-force.tsx';
import { Diagram } from './diagram.tsx';
import type { Badge, Marked } from './diagram-canvas.ts';
import { Findings, Unexecuted } from './findings.tsx';
import { nodesOf } from './model-nodes.ts';
import { processQuery } from './queries.ts';
import { saveBpmn } from './save-bpmn.ts';
import type { Finding, ProcessDetail, ProcessVersion } from './shapes.ts';
import { StartProcess } from './start-process.tsx';
import { PublishProcess, RetireProcess } from './version-dialogs.tsx';

async function exportVersion({ id, code, version }: ProcessVersion): Promise<void> {
  const { bpmn } = await request<{ bpmn: string }>(`/workflows/processes/${id}/bpmn`);
  saveBpmn(bpmn, `${code}-${version}`);
}

/** How a finding stands out: the way that shows it, and where it goes wrong. */
function marksOf(finding: Finding | undefined): Marked {
  if (!finding) return { marks: [], badges: [] };
  const { path, elements, message } = finding;
  const badges = elements.map((node): Badge => ({ node, text: '!', title: message, mark: 'wrong' }));
  return {
    marks: [
      ...path.filter((id) => !elements.includes(id)).map((id) => ({ id, mark: 'way' as const })),
      ...elements.map((id) => ({ id, mark: 'wrong' as const })),
    ],
    badges,
  };
}

function Variables({ items }: { items: ProcessDetail['model']['variables'] }) {
  if (items.length === 0) return <div className="notice t-dim">It asks for none.</div>;
  return (
    <table className="grid tight">
      <thead>
        <tr>
          <th>Name</th>
          <th>Type</th>
          <th>At the start</th>
          <th>Allowed</th>
        </tr>
      </thead>
      <tbody>
        {items.map(({ name, type, required, allowed }) => (
          <tr key={name}>
            <td>
              <code>{name}</code>
            </td>
            <td>{type}</td>
            <td>{required ? 'required' : 'optional'}</td>
            <td>{allowed ? <code>{allowed}</code> : <span className="t-faint">any</span>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Body({ detail }: { detail: ProcessDetail }) {
  const { findings, unsupported, model } = detail;
  const [at, setAt] = useState(0);
  const { marks, badges } = useMemo(() => marksOf(findings[at]), [findings, at]);
  return (
    <div className="stack" style={{ gap: 12, marginTop: 12 }}>
      {findings.length > 0 && (
        <Panel title="What keeps it from being published">
          <Findings model={model} items={findings} at={at} pick={setAt} />
        </Panel>
      )}
      <Panel className="drawn">
        <Diagram
          of="processes"
          id={detail.id}
          has={nodesOf(model)[0]?.id}
          label={`Diagram of ${detail.title}, version ${detail.version}`}
          marks={marks}
          badges={badges}
        />
      </Panel>
      {unsupported.length > 0 && (
        <Panel title="In the file, but not executed" className="scrolls">
          <Unexecuted items={unsupported} />
        </Panel>
      )}
      <Panel title="Variables" className="scrolls">
        <Variables items={model.variables} />
      </Panel>
      {findings.length === 0 && <ReplayPanel of="processes" versionId={detail.id} />}
    </div>
  );
}

/** A version of a process: its diagram, what is wrong with it, and what can be done with it. */
export function ProcessPane({
  version,
  inForce,
  back,
}: {
  version: ProcessVersion;
  /** The version of the same process that is in force. */
  inForce: ProcessVersion | undefined;
  back(): void;
}) {
  const process = useQuery(processQuery(version.id));
  const [asking, setAsking] = useState<'publish' | 'retire' | 'start' | null>(null);
  const navigate = useNavigate();
  const close = () => setAsking(null);
  const published = version.state === 'published';
  return (
    <article>
      <div className="task-head">
        <div className="grow">
          <Button variant="subtle" className="back" onClick={back} mb={4}>
            ‹ All processes
          </Button>
          <h2 style={{ fontSize: 16 }}>{version.title}</h2>
          <div className="row t-dim" style={{ flexWrap: 'wrap' }}>
            <code>{version.code}</code>
            <span>version {version.version}</span>
            <StateBadge state={version.state} />
            <span className="t-sm">
              {published
                ? `in force since ${instantText(version.publishedAt)}`
                : `drafted ${instantText(version.madeAt)}`}
            </span>
          </div>
        </div>
        <div className="actions-bar">
          {published && (
            <Button size="sm" disabled={!process.data} onClick={() => setAsking('start')}>
              Start one
            </Button>
          )}
          {!published && version.askedBy === null && (
            <Button size="sm" onClick={() => setAsking('publish')}>
              Publish
            </Button>
          )}
          {published && version.askedBy === null && (
            <Button size="sm" variant="default" onClick={() => setAsking('retire')}>
              Retire
            </Button>
          )}
          <Button
            size="sm"
            variant="default"
            onClick={() => void navigate({ to: '/workflow/draw', search: { version: version.id } })}
          >
            Draw on
          </Button>
          <Button size="sm" variant="default" onClick={() => void exportVersion(version).catch(sayRefused)}>
            Export BPMN
          </Button>
        </div>
      </div>
      <AskedForce of="processes" version={version} />
      {process.error && <Refusal error={process.error} retry={() => void process.refetch()} />}
      {process.isPending && <RowsLoading rows={8} />}
      {process.data && <Body detail={process.data} />}
      {asking === 'publish' && <PublishProcess version={version} inForce={inForce} close={close} />}
      {asking === 'retire' && <RetireProcess version={version} close={close} />}
      {asking === 'start' && process.data && <StartProcess process={process.data} close={close} />}
    </article>
  );
}
