import { existsSync } from 'node:fs';
import type { Context } from '#context';
import { emit } from '#events';
import type { Job } from '#jobs';
import { checkpointFile, readNotes } from './checkpoint-places.ts';
import { recordAudit } from './record-audit.ts';
import { finishVerification, insertVerification, type Verification } from './verification-store.ts';
import { type AuditVerification, verifyAudit } from './verify-audit.ts';

/** The event that starts {@link verificationJob}. */
export const verificationRequested = 'audit.verification.requested';

/** Verifies a tenant's trail, also against the checkpoints that were kept in the data folder, where there are any. */
export async function verifyWithOutside(
  db: Context['db'],
  tenantId: string,
  file = checkpointFile(),
): Promise<AuditVerification> {
  return verifyAudit(db, tenantId, file && existsSync(file) ? { against: readNotes(file, tenantId) } : {});
}

/** Asks for a verification of the caller's trail; its result comes later. */
export async function requestVerification(context: Context): Promise<Verification> {
  const id = context.newId();
  return context.db.transact(context, async (tx) => {
    const asked = await insertVerification(tx, id);
    await recordAudit(tx, { action: 'audit.verification_requested', entityType: 'audit', entityId: id });
    await emit(tx, { type: verificationRequested, subjectType: 'audit', subjectId: id, data: {} });
    return asked;
  });
}

/** Runs a verification that was asked for; what cannot be verified at all is told as its result. */
export const verificationJob: Job<{ subjectId: string }> = {
  name: 'audit.verify',
  queue: 'audit.verify',
  maxAttempts: 2,
  handle: async (context, { subjectId }) => {
    const end = await verifyWithOutside(context.db, context.tenant.id).then(
      (result) => ({ result }),
      (error: Error) => {
        context.log.error({ err: error }, 'audit: a verification could not be finished');
        return { failure: error.message };
      },
    );
    await context.db.transact(context, (tx) => finishVerification(tx, subjectId, end));
  },
};
