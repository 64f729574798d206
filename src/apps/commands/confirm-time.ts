import { systemClock } from '#clock';
import { confirmTime, listTenants } from '#security';
import { type Command, progress, required, withStore } from './command.ts';

/** `audit confirm-time`: says that the clock did not jump: the house was truly silent for so long. */
export const confirmTimeCommand: Command = async (given) =>
  withStore(async ({ db, secretKey }) => {
    const reason = required(given, 'reason');
    const tenants = await listTenants(db);
    const confirmed = (await confirmTime({ db, secretKey, clock: systemClock }, reason)).map(
      ({ tenantId, from, to }) => ({
        ...{ tenant: tenants.find(({ id }) => id === tenantId)?.slug ?? tenantId },
        ...{ from: from.toISOString(), to: to.toISOString() },
      }),
    );
    for (const { tenant, from, to } of confirmed) progress(`${tenant}: ${from} to ${to} has truly passed.`);
    if (confirmed.length === 0) progress('Nothing to confirm: no trail was silent for long.');
    return { confirmed };
  });
