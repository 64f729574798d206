import type { Clock } from '#clock';
import { makeContext, systemActor, type TenantFacts } from '#context';
import type { Database } from '#db';
import type { Logger } from '#telemetry';
import { setMailDelivery } from './mail-delivery.ts';
import { forgetMails, tenantsWithMail } from './mail-store.ts';
import { type SendParts, sendMails } from './send-mails.ts';

interface MailLoopParts extends SendParts {
  db: Database;
  clock: Clock;
  log: Logger;
  tenant(tenantId: string): Promise<TenantFacts>;
  tenants(): Promise<readonly TenantFacts[]>;
}

/** Whoever is told at once is told within seconds. */
const pauseMs = 2_000;
const forgetEveryMs = 3_600_000;
/** Mails are kept so long after they ended, for who asks what became of one. */
export const keepDays = 90;

/** Sends what is due in every tenant, one batch each; answers how many mails were taken. */
export async function mailRound({ db, clock, log, tenant, ...parts }: MailLoopParts): Promise<number> {
  let taken = 0;
  for (const tenantId of await tenantsWithMail(db, clock.now())) {
    const context = makeContext({ tenant: await tenant(tenantId), actor: systemActor, clock, db, log });
    taken += await sendMails(context, parts);
  }
  return taken;
}

/** Deletes what ended long ago. */
export async function forgetOldMails({ db, clock, log, tenants }: MailLoopParts): Promise<void> {
  const before = new Date(clock.now().getTime() - keepDays * 86_400_000);
  for (const tenant of await tenants()) {
    const context = makeContext({ tenant, actor: systemActor, clock, db, log });
    while ((await db.transact(context, (tx) => forgetMails(tx, before))) > 0);
  }
}

/** Sends mails about tasks until stopped, where a mail server is set. */
export function startMailLoop(parts: MailLoopParts): { stop(): Promise<void> } {
  setMailDelivery(parts.mail.delivers);
  let stopped = false;
  let timeout: NodeJS.Timeout;
  let round: Promise<void> = Promise.resolve();
  let forgottenMs = Number.NEGATIVE_INFINITY;
  const once = async (): Promise<number> => {
    const nowMs = performance.now();
    if (nowMs - forgottenMs > forgetEveryMs) {
      forgottenMs = nowMs;
      await forgetOldMails(parts);
    }
    return parts.mail.delivers ? mailRound({ ...parts, isDraining: () => stopped }) : 0;
  };
  const schedule = (ms: number) => {
    timeout = setTimeout(() => {
      round = once()
        .catch((error: unknown) => {
          parts.log.error({ err: error }, 'mails: a round failed and will be tried again');
          return 0;
        })
        .then((taken) => {
          if (!stopped) schedule(taken > 0 ? 0 : pauseMs);
        });
    }, ms);
  };
  schedule(pauseMs);
  return {
    stop: () => {
      stopped = true;
      clearTimeout(timeout);
      return round;
    },
  };
}
