import type { Clock } from '#clock';
import { makeContext, systemActor, type TenantFacts } from '#context';
import type { Database } from '#db';
import type { Control } from '#module';
import type { Logger } from '#telemetry';
import { collectEvidence } from './collect-evidence.ts';
import { lastEvidence } from './compliance-store.ts';
import type { KnownTests } from './recorded-tests.ts';

interface EvidenceParts {
  db: Database;
  clock: Clock;
  log: Logger;
  tenants(): Promise<readonly TenantFacts[]>;
  controls: readonly Control[];
  tests: KnownTests | undefined;
}

/** Evidence is taken again this long before it would count as too old. */
const aheadMs = 6 * 3_600_000;
const dayMs = 86_400_000;

/** Takes evidence of every tenant's controls where the last is missing or nearly too old; one control after another. */
export async function renewEvidence(parts: EvidenceParts): Promise<void> {
  const { db, clock, log, controls, tests } = parts;
  for (const tenant of await parts.tenants()) {
    const context = makeContext({ tenant, actor: systemActor, clock, db, log });
    const last = await db.read(context, (tx) => lastEvidence(tx));
    for (const control of controls) {
      const at = last.get(control.code)?.at.getTime() ?? Number.NEGATIVE_INFINITY;
      if (clock.now().getTime() - at < control.everyDays * dayMs - aheadMs) continue;
      // One question that cannot be answered must not keep the others from being asked.
      await collectEvidence(context, control, tests).catch((error: unknown) =>
        log.error({ err: error, control: control.code, tenantId: tenant.id }, 'evidence could not be taken'),
      );
    }
  }
}

/** How often is looked for evidence that runs out; the first look comes after one such time, when a start is over. */
const lookEveryMs = 60_000;

/** Renews evidence over and over until stopped; `stop` waits for the look under way. */
export function startEvidenceLoop(parts: EvidenceParts): { stop(): Promise<void> } {
  let stopped = false;
  let timeout: NodeJS.Timeout;
  let look: Promise<void> = Promise.resolve();
  const schedule = () => {
    timeout = setTimeout(() => {
      look = renewEvidence(parts)
        .catch((error: unknown) =>
          parts.log.error({ err: error }, 'evidence could not be renewed and will be tried again'),
        )
        .then(() => {
          if (!stopped) schedule();
        });
    }, lookEveryMs);
  };
  schedule();
  return {
    stop: () => {
      stopped = true;
      clearTimeout(timeout);
      return look;
    },
  };
}
