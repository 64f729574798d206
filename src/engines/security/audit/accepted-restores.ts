import type { Tx } from '#db';
import { genuineEntries } from './genuine-entries.ts';

/** A place in a sequence: so many leaves have this root. */
export interface TreeHead {
  size: number;
  root: Buffer;
}

/** A database that was put back and that somebody has accepted: the trail goes on from `tree`, not from `outside`. */
export interface AcceptedRestore {
  tree: TreeHead;
  outside: TreeHead;
  at: Date;
}

/** The action of the entry in which a restore is accepted, about the record `audit/restore`. */
export const restoreAccepted = 'audit.restore_accepted';

/** A tree head as an entry tells it. */
export const headJson = ({ size, root }: TreeHead) => ({ size, root: root.toString('base64') });

/** What was accepted of a tenant's trail; its entries cannot be forged without the secret key. */
export async function acceptedRestores(tx: Tx, secretKey: string, tenantId: string): Promise<AcceptedRestore[]> {
  const { entries } = await genuineEntries(tx, secretKey, tenantId, { type: 'audit', ids: ['restore'] });
  type Told = ReturnType<typeof headJson>;
  const head = ({ size, root }: Told): TreeHead => ({ size, root: Buffer.from(root, 'base64') });
  return entries
    .filter(({ action }) => action === restoreAccepted)
    .map(({ after, at }) => ({ ...(JSON.parse(after ?? '{}') as { tree: Told; outside: Told }), at: new Date(at) }))
    .map(({ tree, outside, at }) => ({ tree: head(tree), outside: head(outside), at }));
}
