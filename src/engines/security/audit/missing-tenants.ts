import type { Database } from '#db';
import { listTenants } from '../people/tenants.ts';
import { OutsideFloor } from './outside-floor.ts';

/**
 * Tenants of whose trail a file of checkpoints tells, and whom the database does not know: somebody took them out, or put it
 * back to before them. ENOENT where there is no file.
 */
export async function missingTenants(db: Database, secretKey: string, file: string): Promise<string[]> {
  const floor = new OutsideFloor(secretKey);
  await floor.read(file);
  const known = new Set((await listTenants(db)).map(({ id }) => id));
  return floor.tenants().filter((id) => !known.has(id));
}
