import type { Context } from '#context';
import { sql, type TenantTx } from '#db';
import { type Invariant, type Module, maxBreaches } from '#module';
import { doubtsOfKeeping, readKeepingInForce } from './keeping-in-force.ts';
import { auditSecret } from './record-audit.ts';
import { verificationJob, verificationRequested } from './request-verification.ts';

/** A committed entry waits for its seal no longer than this, in milliseconds. */
const sealedWithinMs = 60_000;

const auditSealed: Invariant = {
  name: 'audit.sealed',
  statement: 'Every audit entry is under a signed checkpoint a minute after it was written',
  findBreaches: async (tx: TenantTx<Context>) => {
    const { tenant, clock } = tx.context;
    const before = new Date(clock.now().getTime() - sealedWithinMs);
    const rows = await tx.many<{ id: string; at: Date; refused: boolean }>(sql`select entry_id as id, at, refused
      from audit.unsealed where tenant_id = ${tenant.id} and at < ${before} order by at, entry_id limit ${maxBreaches}`);
    return rows.map(({ id, at, refused }) => ({
      subject: `audit/${id}`,
      detail: refused
        ? 'is not as it was written and cannot be sealed'
        : `waits for its seal since ${at.toISOString()}`,
    }));
  },
};

const keepingBacked: Invariant = {
  name: 'audit.keeping',
  statement: 'How long the audit trail is kept, and which legal holds stand, is as the trail itself says',
  findBreaches: async (tx: TenantTx<Context>) => {
    const { id } = tx.context.tenant;
    const doubts = await doubtsOfKeeping(tx, id, await readKeepingInForce(tx, auditSecret(), id));
    return doubts.slice(0, maxBreaches).map((detail) => ({ subject: 'audit/retention', detail }));
  },
};

/** What the trail registers with the house beside its routes. */
export const auditModule: Module = {
  name: 'audit',
  invariants: [auditSealed, keepingBacked],
  jobs: [verificationJob],
  dispatch: { [verificationRequested]: verificationJob.name },
};
