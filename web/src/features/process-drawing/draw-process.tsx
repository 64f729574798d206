import { Button, Skeleton } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { request } from '../../api/request.ts';
import { useLeaveGuard } from '../../ui/leave-guard.ts';
import { Empty, Refusal, Screen } from '../../ui/screen.tsx';
import { sayDone, sayRefused } from '../../ui/toast.tsx';
import { DrawnDiagram } from '../workflow/diagram.tsx';
import { bpmnQuery, processesQuery, shippedProcessesQuery } from '../workflow/queries.ts';
import type { ProcessVersion } from '../workflow/shapes.ts';
import { PublishProcess } from '../workflow/version-dialogs.tsx';
import { emptyDrawing } from './empty-drawing.ts';
import { vocabularyQuery } from './queries.ts';

const Editor = lazy(() => import('./editor.tsx'));
const loading = <Skeleton height="100%" radius={0} />;

/** What is drawn, as far as the head of the screen says it. */
export interface Standing {
  title: string;
  /** SHA-256 of what the process does; null while it is looked through. */
  hash: string | null;
  /** Nothing changed since it was begun with or kept. */
  isKept: boolean;
}

/** A file to begin with, and where it came from. */
interface Begun {
  bpmn: string;
  /** Under `versionId`, kept already. */
  versionId: string | undefined;
}

function Drawing({ begun, extension }: { begun: Begun; extension: object }) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const versions = useQuery(processesQuery);
  const [keptAs, setKeptAs] = useState<string | undefined>(begun.versionId);
  const [standing, setStanding] = useState<Standing | null>(null);
  const [isPublishing, setPublishing] = useState(false);
  const [isMade] = useState(() => ({ unsaved: false }));
  isMade.unsaved = standing !== null && !standing.isKept;
  useLeaveGuard(() => isMade.unsaved);
  const keep = useMutation({
    mutationFn: ({ bpmn }: { bpmn: string; done(): void }) =>
      request<{ items: ProcessVersion[] }>('/workflows/processes', { method: 'POST', body: { bpmn } }),
    onError: sayRefused,
    onSuccess: async ({ items: [first] }, { done }) => {
      done();
      isMade.unsaved = false;
      await client.invalidateQueries({ queryKey: ['workflow'] });
      if (!first) return;
      sayDone('Kept as a draft', `${first.title}, version ${first.version}`);
      setKeptAs(first.id);
      void navigate({ to: '/workflow/draw', search: { version: first.id }, replace: true });
    },
  });
  const kept = versions.data?.find(({ id }) => id === keptAs);
  const same = standing?.hash ? versions.data?.find(({ hash }) => hash === standing.hash) : undefined;
  const inForce = versions.data?.find(({ code, state }) => code === kept?.code && state === 'published');
  return (
    <Screen
      title={standing?.title ?? 'Draw a process'}
      sub={
        <div className="row t-dim">
          <Link to="/workflow" search={keptAs ? { version: keptAs } : {}}>
            ‹ Processes
          </Link>
          <span>
            {kept ? `version ${kept.version}, ${kept.state}` : 'not kept yet'}
            {standing && !standing.isKept && ' · changed since'}
            {same && same.id !== keptAs && ` · does the same as ${same.title}, version ${same.version}`}
          </span>
        </div>
      }
      actions={
        kept && standing?.isKept && kept.state !== 'published' ? (
          <Button onClick={() => setPublishing(true)}>Publish</Button>
        ) : null
      }
      flush
    >
      <Suspense fallback={loading}>
        <Editor
          begun={begun.bpmn}
          isBegunKept={begun.versionId !== undefined}
          extension={extension}
          stands={setStanding}
          keep={(bpmn, done) => keep.mutateAsync({ bpmn, done })}
        />
      </Suspense>
      {isPublishing && kept && <PublishProcess version={kept} inForce={inForce} close={() => setPublishing(false)} />}
    </Screen>
  );
}

/** On a phone a process is looked at. */
function Looked({ bpmn }: { bpmn: string }) {
  return (
    <Screen title="Process" sub={<Link to="/workflow">‹ Processes</Link>} flush>
      <div className="notice">Drawing needs a wider window: here a process is looked at.</div>
      <DrawnDiagram bpmn={bpmn} has={undefined} label="Diagram" marks={[]} badges={[]} />
    </Screen>
  );
}

/** A process on the drawing board: a new one, one's own version, or one that comes with the product. */
export function DrawProcess() {
  const { version, shipped } = useSearch({ from: '/app/workflow/draw' });
  // Where it was begun; keeping it changes the address and not the drawing.
  const [from] = useState({ version, shipped });
  const [isWide] = useState(() => window.matchMedia('(min-width: 821px)').matches);
  const vocabulary = useQuery(vocabularyQuery);
  const file = useQuery({ ...bpmnQuery('processes', from.version ?? ''), enabled: from.version !== undefined });
  const ships = useQuery({ ...shippedProcessesQuery, enabled: from.shipped !== undefined });
  const failed = vocabulary.error ?? file.error ?? ships.error;
  if (failed) return <Refusal error={failed} />;
  const own = ships.data?.find(({ code }) => code === from.shipped);
  if (from.shipped && ships.data && !own) return <Empty title="No process of this code comes with the product" />;
  const bpmn = from.version ? file.data : from.shipped ? own?.bpmn : emptyDrawing;
  if (bpmn === undefined || !vocabulary.data) return loading;
  if (!isWide) return <Looked bpmn={bpmn} />;
  return <Drawing begun={{ bpmn, versionId: from.version }} extension={vocabulary.data.extension} />;
}
