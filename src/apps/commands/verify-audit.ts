import { listTenants, verifyAudit } from '#security';
import { type Command, progress, tenantBySlug, withStore } from './command.ts';

/** `audit verify`: checks every audit entry; exit 1 where one was altered. */
export const verifyAuditCommand: Command = async ({ options }) =>
  withStore(async (store) => {
    const tenants = options.tenant ? [await tenantBySlug(store, options.tenant)] : await listTenants(store.db);
    const checked = [];
    for (const tenant of tenants) {
      const { entries, bad } = await verifyAudit(store.db, tenant.id);
      progress(`${tenant.slug}: ${entries} entries, ${bad.length} altered`);
      checked.push({ tenant: tenant.slug, entries, bad });
    }
    if (checked.some(({ bad }) => bad.length > 0)) process.exitCode = 1;
    return { tenants: checked };
  });
