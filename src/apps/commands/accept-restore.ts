import { existsSync } from 'node:fs';
import { systemClock } from '#clock';
import { readConfig } from '#config';
import { acceptRestore, listTenants } from '#security';
import { checkpointFileOf } from '../data-folder.ts';
import { type Command, progress, refuse, required, withStore } from './command.ts';

/** `audit accept-restore`: lets trails go on from a database that was put back; what was signed beyond it is given up. */
export const acceptRestoreCommand: Command = async (given) =>
  withStore(async ({ db, secretKey, dataDir }) => {
    const reason = required(given, 'reason');
    const checkpointFile = checkpointFileOf(readConfig(process.env), dataDir);
    if (!existsSync(checkpointFile))
      refuse(`There are no checkpoints outside the database: no file ${checkpointFile}.`);
    const tenants = await listTenants(db);
    const accepted = await acceptRestore({ db, secretKey, clock: systemClock, checkpointFile }, reason);
    const told = accepted.map(({ tenantId, tree, outside }) => ({
      ...{ tenant: tenants.find(({ id }) => id === tenantId)?.slug ?? tenantId },
      ...{ goesOnFrom: tree.size, givenUp: outside.size },
    }));
    for (const { tenant, goesOnFrom, givenUp } of told) {
      progress(`${tenant}: goes on from ${goesOnFrom} sealed entries; the checkpoint outside was at ${givenUp}.`);
    }
    if (told.length === 0) progress('Nothing to accept: every trail goes on from its newest checkpoint outside.');
    return { accepted: told };
  });
