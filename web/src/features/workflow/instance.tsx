import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useMay } from '../../api/session.ts';
import { Comments } from '../../ui/comments.tsx';
import { instantText, wordsOf } from '../../ui/format.ts';
import { Panel, Refusal, RowsLoading, Screen } from '../../ui/screen.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { Diagram } from './diagram.tsx';
import type { Badge, Marked } from './diagram-canvas.ts';
import { CancelInstance, RetryIncident } from './instance-dialogs.tsx';
import { nodeName, nodesOf } from './model-nodes.ts';
import { instanceQuery } from './queries.ts';
import type { InstanceDetail, InstanceIncident } from './shapes.ts';
import { Standing } from './standing.tsx';
import { Timeline } from './timeline.tsx';
import { VariableValues } from './variable-values.tsx';

/** Where it stands: how many tokens at each node, and what stopped there. */
function tokensOn({ tokens, model }: InstanceDetail): Marked {
  const at = [...Map.groupBy(tokens, ({ node }) => node)].map(([node, there]) => ({
    node,
    count: there.length,
    stopped: there.some(({ rests }) => rests === 'incident'),
  }));
  const badge = ({ node, count, stopped }: (typeof at)[number]): Badge => ({
    node,
    text: stopped ? '!' : String(count),
    title: `${nodeName(model, node)}: ${count} ${count === 1 ? 'token' : 'tokens'}${stopped ? ', stopped' : ''}`,
    mark: stopped ? 'stopped' : 'token',
  });
  return {
    marks: at.map(({ node, stopped }) => ({ id: node, mark: stopped ? 'stopped' : 'token' })),
    badges: at.map(badge),
  };
}

function Incidents({ instance, mend }: { instance: InstanceDetail; mend(incident: InstanceIncident): void }) {
  const may = useMay();
  const open = instance.incidents.filter(({ resolvedAt }) => resolvedAt === null);
  if (open.length === 0) return null;
  return (
    <Panel title="Stopped for an administrator">
      {open.map((incident) => (
        <div key={incident.id} className="notice" data-severity="block">
          <div className="grow">
            <b>{nodeName(instance.model, incident.node)}</b>{' '}
            <span className="t-dim t-sm">{instantText(incident.raisedAt)}</span>
            <div className="neg">{incident.message}</div>
          </div>
          {may('workflows:design') && (
            <Button size="compact-sm" onClick={() => mend(incident)}>
              Retry
            </Button>
          )}
        </div>
      ))}
    </Panel>
  );
}

function Whole({ instance }: { instance: InstanceDetail }) {
  const [mending, setMending] = useState<InstanceIncident | null>(null);
  const { marks, badges } = useMemo(() => tokensOn(instance), [instance]);
  return (
    <div className="stack" style={{ gap: 12 }}>
      <Incidents instance={instance} mend={setMending} />
      <Panel className="drawn">
        <Diagram
          of="instances"
          id={instance.id}
          has={nodesOf(instance.model)[0]?.id}
          label={`Diagram of ${instance.model.title}, and where ${instance.title} stands`}
          marks={marks}
          badges={badges}
        />
      </Panel>
      <div className="two">
        <Panel title="What happened">
          <Timeline instance={instance} />
        </Panel>
        <div className="stack" style={{ gap: 12 }}>
          <Panel title="Where it stands">
            <Standing instance={instance} />
          </Panel>
          <Panel title="Variables" className="scrolls">
            <VariableValues variables={instance.variables} />
          </Panel>
          {instance.subjectType === 'workflow_instance' && (
            <Comments subjectType="workflow_instance" subjectId={instance.id} />
          )}
        </div>
      </div>
      {mending && <RetryIncident instance={instance} incident={mending} close={() => setMending(null)} />}
    </div>
  );
}

/** One process: live tokens on its diagram, what it waits for, and who decided what and why. */
export function Instance() {
  const { id } = useParams({ from: '/app/workflow/instances/$id' });
  const may = useMay();
  const instance = useQuery(instanceQuery(id));
  const [cancelling, setCancelling] = useState(false);
  const found = instance.data;
  const isOwn = found?.subjectType === 'workflow_instance';
  return (
    <Screen
      title={found?.title ?? 'Process'}
      sub={
        found && (
          <>
            <StateBadge state={found.state} />
            <span>
              {found.model.title}
              {found.outcome && `, ${wordsOf(found.outcome).toLowerCase()}`}
            </span>
          </>
        )
      }
      actions={
        <>
          {found?.parentInstanceId && (
            <Link to="/workflow/instances/$id" params={{ id: found.parentInstanceId }}>
              Called by another
            </Link>
          )}
          {found?.subjectType === 'promotion' && (
            <Link to="/promotions/$id" params={{ id: found.subjectId }}>
              Open the promotion
            </Link>
          )}
          {isOwn && found.state === 'running' && may('workflows:design') && (
            <Button variant="default" color="red" onClick={() => setCancelling(true)}>
              Cancel it
            </Button>
          )}
        </>
      }
    >
      {instance.error && !found && <Refusal error={instance.error} retry={() => void instance.refetch()} />}
      {instance.isPending && <RowsLoading rows={10} />}
      {found && <Whole key={found.id} instance={found} />}
      {found && cancelling && <CancelInstance instance={found} close={() => setCancelling(false)} />}
    </Screen>
  );
}
