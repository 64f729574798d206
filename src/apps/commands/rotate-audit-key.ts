import { systemClock } from '#clock';
import { rotateAuditKey } from '#security';
import { type Command, progress, withStore } from './command.ts';

/** `audit rotate-key`: begins the next generation of the signing key, for which the present one vouches. */
export const rotateAuditKeyCommand: Command = async () =>
  withStore(async ({ db, secretKey }) => {
    const { generation, publicKey } = await rotateAuditKey(db, secretKey, systemClock);
    progress(`checkpoints are signed with generation ${generation} from now on`);
    return { generation, publicKey: publicKey.toString('base64') };
  });
