import type { Context } from '#context';
import { sql, type TenantTx } from '#db';
import { Problem } from '#problem';

/**
 * Runs `work` so that a refusal ({@link Problem}) undoes only what it did, not the batch around it; answers its result
 * or the refusal. For kinds whose rows go through a use case one by one.
 */
export async function inSavepoint<T>(tx: TenantTx<Context>, work: () => Promise<T>): Promise<T | Problem> {
  await tx.run(sql`savepoint import_row`);
  try {
    const result = await work();
    await tx.run(sql`release savepoint import_row`);
    return result;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    await tx.run(sql`rollback to savepoint import_row`);
    return error;
  }
}
