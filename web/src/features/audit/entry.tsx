import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { countText, instantText, wordsOf } from '../../ui/format.ts';
import { Refusal } from '../../ui/screen.tsx';
import { rootOfProof } from './check-proof.ts';
import { Difference } from './difference.tsx';
import { readProof } from './queries.ts';
import type { AuditEntry } from './shapes.ts';

async function prove(id: string) {
  const { entry, proof, checkpoint } = await readProof(id);
  const [, size, root] = checkpoint.note.split('\n');
  const computed = await rootOfProof(entry.leaf, proof);
  return { entry, proof, checkpoint, holds: computed === root && Number(size) === proof.treeSize };
}

function Proof({ id }: { id: string }) {
  const proving = useMutation({ mutationFn: () => prove(id) });
  const found = proving.data;
  return (
    <div className="stack">
      <div>
        <Button size="compact-sm" variant="default" loading={proving.isPending} onClick={() => proving.mutate()}>
          Prove that it is sealed
        </Button>
      </div>
      {proving.error && <Refusal error={proving.error} />}
      {found && (
        <div className="stack" role="status">
          <div className={found.holds ? 'pos' : 'neg'}>
            {found.holds
              ? 'Proven: the path from this entry leads to the signed root. Computed in this browser.'
              : 'Not proven: the path does not lead to the signed root.'}
          </div>
          <div className="t-dim">
            Entry {countText(found.proof.leafIndex + 1)} of {countText(found.proof.treeSize)}, kept as{' '}
            {wordsOf(found.entry.retentionClass).toLowerCase()}
          </div>
          <pre className="json">{found.checkpoint.note}</pre>
        </div>
      )}
    </div>
  );
}

/** One entry: who, when and why, what changed, and its proof. */
export function Entry({ entry, onRecord }: { entry: AuditEntry; onRecord(): void }) {
  return (
    <div className="stack">
      <div>
        <b>{entry.actorName}</b> <span className="t-dim num">{instantText(entry.at)}</span>
        {entry.onBehalfOf && <span className="t-dim"> on behalf of {entry.onBehalfOfName}</span>}
      </div>
      <div className="t-dim">
        {wordsOf(entry.entityType)} <code>{entry.entityId}</code>{' '}
        <Button size="compact-xs" variant="subtle" onClick={onRecord}>
          All of this record
        </Button>
      </div>
      {entry.reason && <div>Reason: {entry.reason}</div>}
      <Difference before={entry.before} after={entry.after} />
      <div className="t-faint t-sm">
        Request <code>{entry.requestId}</code>
      </div>
      <Proof id={entry.id} key={entry.id} />
    </div>
  );
}
