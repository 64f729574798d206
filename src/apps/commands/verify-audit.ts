import { existsSync } from 'node:fs';
import { readConfig } from '#config';
import { listTenants, missingTenants, verifyWithOutside } from '#security';
import { checkpointFileOf } from '../data-folder.ts';
import { type Command, progress, refuse, tenantBySlug, withStore } from './command.ts';

/** Faults shown on the console; `--json` has up to a thousand. */
const maxShown = 20;

/** `audit verify`: checks the whole trail, and against checkpoints kept outside the database; exit 1 where it is not whole. */
export const verifyAuditCommand: Command = async ({ options }) =>
  withStore(async (store) => {
    const { against } = options;
    if (against !== undefined && !existsSync(against)) refuse(`There is no file ${against}.`);
    const file = against ?? checkpointFileOf(readConfig(process.env), store.dataDir);
    const tenants = options.tenant ? [await tenantBySlug(store, options.tenant)] : await listTenants(store.db);
    const checked = [];
    for (const tenant of tenants) {
      const found = await verifyWithOutside(store.db, tenant.id, against);
      if (against && found.outside === 0 && found.sealed > 0) {
        found.badCount += 1;
        found.bad.push({ id: 'outside', reason: `no checkpoint of this trail was compared: none is in ${against}` });
      }
      const compared = found.outside > 0 || found.sealed === 0;
      if (!against && !compared)
        progress(`${tenant.slug}: no checkpoint from outside was compared: none is in ${file}.`);
      const { entries, sealed, waiting, dropped, checkpoints, outside, badCount, bad } = found;
      progress(
        `${tenant.slug}: ${entries} entries, ${sealed} sealed, ${waiting} waiting for their seal, ${dropped} dropped after their time, ` +
          `${checkpoints} checkpoints and ${outside} from outside agree; ${badCount} faults`,
      );
      for (const { id, reason } of bad.slice(0, maxShown)) progress(`  ${id}: ${reason}`);
      if (badCount > maxShown) progress(`  and ${badCount - maxShown} more`);
      checked.push({ tenant: tenant.slug, ...found });
    }
    const missing = !options.tenant && existsSync(file) ? await missingTenants(store.db, store.secretKey, file) : [];
    for (const id of missing) progress(`${id}: a tenant with checkpoints in ${file} is not in the database`);
    if (missing.length > 0 || checked.some(({ badCount }) => badCount > 0)) process.exitCode = 1;
    return { tenants: checked, missing };
  });
