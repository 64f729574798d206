import type { Clock } from '#clock';
import { idsFrom, systemActorId } from '#context';
import type { Database } from '#db';
import { headJson, restoreAccepted, type TreeHead } from './accepted-restores.ts';
import { OutsideFloor } from './outside-floor.ts';
import { appendAudit } from './record-audit.ts';
import { tenantsWithTrail } from './retention-store.ts';
import { readHead } from './seal-store.ts';

interface RestoreParts {
  db: Database;
  clock: Clock;
  secretKey: string;
  checkpointFile: string;
}

/** A tenant whose trail in the database does not go on from what was signed outside. */
export interface BehindOutside {
  tenantId: string;
  tree: TreeHead;
  outside: TreeHead;
}

/** The trails that were signed further, or otherwise, outside the database than it holds now. */
export async function behindOutside({ db, secretKey, checkpointFile }: Omit<RestoreParts, 'clock'>) {
  const floor = new OutsideFloor(secretKey);
  await floor.read(checkpointFile);
  const behind: BehindOutside[] = [];
  for (const tenantId of await db.system(tenantsWithTrail)) {
    const found = await db.system(async (tx) => {
      const tree = await readHead(tx, tenantId);
      return { tree, outside: await floor.ahead(tx, tenantId, tree) };
    });
    if (found.outside) behind.push({ tenantId, tree: found.tree, outside: found.outside });
  }
  return behind;
}

/** Accepts, in the trail itself, that each of these trails goes on from what the database holds; the sealing follows. */
export async function acceptRestore(parts: RestoreParts, reason: string): Promise<BehindOutside[]> {
  const behind = await behindOutside(parts);
  const newId = idsFrom(parts.clock);
  for (const { tenantId, tree, outside } of behind) {
    const scope = { tenantId, actorId: systemActorId, requestId: newId(), at: parts.clock.now(), newId };
    await parts.db.system((tx) =>
      appendAudit(tx, scope, {
        ...{ action: restoreAccepted, entityType: 'audit', entityId: 'restore', reason },
        after: { tree: headJson(tree), outside: headJson(outside) },
      }),
    );
  }
  return behind;
}
