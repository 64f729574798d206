import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { request } from '../../api/request.ts';
import { instantText } from '../../ui/format.ts';
import { useLeaveGuard } from '../../ui/leave-guard.ts';
import { Empty, Refusal, RowsLoading } from '../../ui/screen.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { sayDone, sayRefused } from '../../ui/toast.tsx';
import { AskedForce } from '../workflow/asked-force.tsx';
import { ChangeForce } from './decision-dialogs.tsx';
import { decisionQuery } from './queries.ts';
import { ReplayPanel } from './replay.tsx';
import type { DecisionDetail, DecisionVersion, ShippedDecision, TableDraft } from './shapes.ts';
import { draftOf } from './table-draft.ts';
import { TableEditor } from './table-editor.tsx';

async function saveDmn({ id, code, version }: DecisionVersion): Promise<void> {
  const { dmn } = await request<{ dmn: string }>(`/workflows/decisions/${id}/dmn`);
  const url = URL.createObjectURL(new Blob([dmn], { type: 'application/xml' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `${code}-${version}.dmn`;
  link.click();
  URL.revokeObjectURL(url);
}

/** A table that is edited until it is kept as the next draft. */
function Editing({
  code,
  begun,
  show,
  head,
  below,
}: {
  code: string;
  begun: TableDraft;
  show(id: string): void;
  head(actions: ReactNode, isChanged: boolean): ReactNode;
  below?: ReactNode;
}) {
  const client = useQueryClient();
  const [draft, setDraft] = useState(begun);
  const isChanged = draft !== begun;
  const keep = useMutation({
    mutationFn: () => request<DecisionVersion>('/workflows/decisions', { method: 'POST', body: { code, ...draft } }),
    onSuccess: async (made) => {
      await client.invalidateQueries({ queryKey: ['decisions', 'versions'] });
      sayDone('Kept as a draft', `${made.title}, version ${made.version}`);
      setDraft(begun);
      show(made.id);
    },
  });
  useLeaveGuard(() => isChanged && !keep.isPending && !keep.isSuccess);
  const actions = isChanged && (
    <>
      <Button size="sm" loading={keep.isPending} onClick={() => keep.mutate()}>
        Save as the next draft
      </Button>
      <Button size="sm" variant="default" onClick={() => setDraft(begun)}>
        Discard changes
      </Button>
    </>
  );
  return (
    <article className="stack">
      {head(actions, isChanged)}
      {keep.error && <Refusal error={keep.error} />}
      <TableEditor code={code} draft={draft} change={setDraft} />
      {isChanged
        ? below && <div className="notice t-dim">Save the changes to replay them over past approvals.</div>
        : below}
    </article>
  );
}

function Head({
  title,
  code,
  state,
  children,
  back,
}: {
  title: string;
  code: string;
  state: ReactNode;
  children: ReactNode;
  back(): void;
}) {
  return (
    <div className="task-head decision-head">
      <div className="grow">
        <Button variant="subtle" className="back" onClick={back} mb={4}>
          ‹ All decisions
        </Button>
        <h2 style={{ fontSize: 16 }}>{title}</h2>
        <div className="row t-dim" style={{ flexWrap: 'wrap' }}>
          <code>{code}</code>
          {state}
        </div>
      </div>
      <div className="actions-bar">{children}</div>
    </div>
  );
}

/** A decision that comes with the product: it is changed by a version of one's own. */
export function ShippedPane({
  shipped,
  show,
  back,
}: {
  shipped: ShippedDecision;
  show(id: string): void;
  back(): void;
}) {
  const [begun] = useState<TableDraft>({ title: shipped.title, inputs: shipped.inputs, table: shipped.table });
  return (
    <Editing
      code={shipped.code}
      begun={begun}
      show={show}
      head={(actions) => (
        <Head title={shipped.title} code={shipped.code} back={back} state={<span>comes with the product</span>}>
          {actions}
        </Head>
      )}
    />
  );
}

/** What a version holds: a table to write in, or a model that other editors change. */
function Body({
  detail,
  show,
  head,
}: {
  detail: DecisionDetail;
  show(id: string): void;
  head(actions: ReactNode, isChanged: boolean): ReactNode;
}) {
  const [begun] = useState(() => draftOf(detail));
  const below = <ReplayPanel of="decisions" versionId={detail.id} />;
  if (begun) return <Editing code={detail.code} begun={begun} show={show} head={head} below={below} />;
  return (
    <article className="stack">
      {head(null, false)}
      <Empty title="More than one table makes it">
        Export the model, change it in a DMN editor, and send it as the next version to{' '}
        <code>/workflows/decisions</code>.
      </Empty>
      {below}
    </article>
  );
}

/** A version of a decision: its table to write in, and what can be done with it. */
export function DecisionPane({
  version,
  inForce,
  show,
  back,
}: {
  version: DecisionVersion;
  /** What is in force of the same decision, in words; null: nothing. */
  inForce: string | null;
  show(id: string): void;
  back(): void;
}) {
  const decision = useQuery(decisionQuery(version.id));
  const [asking, setAsking] = useState<'publish' | 'retire' | null>(null);
  const isPublished = version.state === 'published';
  const head = (actions: ReactNode, isChanged: boolean) => (
    <Head
      title={version.title}
      code={version.code}
      back={back}
      state={
        <>
          <span>version {version.version}</span>
          <StateBadge state={version.state} />
          <span className="t-sm">
            {isPublished
              ? `in force since ${instantText(version.publishedAt)}`
              : `drafted ${instantText(version.madeAt)}`}
          </span>
        </>
      }
    >
      {actions}
      {!isChanged && version.askedBy === null && (
        <Button
          size="sm"
          variant={isPublished ? 'default' : 'filled'}
          onClick={() => setAsking(isPublished ? 'retire' : 'publish')}
        >
          {isPublished ? 'Retire' : 'Publish'}
        </Button>
      )}
      <Button size="sm" variant="default" onClick={() => void saveDmn(version).catch(sayRefused)}>
        Export DMN
      </Button>
    </Head>
  );
  return (
    <>
      <AskedForce of="decisions" version={version} />
      {decision.error && <Refusal error={decision.error} retry={() => void decision.refetch()} />}
      {decision.isPending && <RowsLoading rows={8} />}
      {decision.data && <Body detail={decision.data} show={show} head={head} />}
      {asking && <ChangeForce version={version} act={asking} inForce={inForce} close={() => setAsking(null)} />}
    </>
  );
}
