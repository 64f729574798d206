import { fixedClock } from '#clock';
import { type Actor, makeContext } from '#context';
import { openDatabase } from '#db';
import { setAuditSecret } from '#security';
import { makeLogger } from '#telemetry';
import { testSecretKey, testTenants } from '../../../../test/house.ts';
import type { EarningsPort } from '../ports.ts';
import { numberedTactics } from '../test-books.ts';
import { prepareAccruals } from './prepare-accruals.ts';

/** What the process that dies is told. */
export interface KilledRun {
  url: string;
  now: string;
  userId: string;
  customerId: string;
  fundId: string;
  periodId: string;
  startsOn: string;
  endsOn: string;
  tactics: number;
  /** The batch in which the process is killed, counted from 1. */
  dieInBatch: number;
}

/** Prepares accruals, one tactic a batch, and dies by SIGKILL inside the transaction of a batch. */
async function dieWhilePreparing(told: KilledRun): Promise<void> {
  setAuditSecret(testSecretKey);
  const actor: Actor = { kind: 'user', id: told.userId, name: 'Test', roles: [], permissions: new Set() };
  const db = openDatabase(told.url, testSecretKey, () => undefined);
  const clock = fixedClock(told.now);
  const context = makeContext({ tenant: testTenants.a, actor, clock, db, log: makeLogger('silent') });
  const tactics = numberedTactics(told);
  let batches = 0;
  const ports: EarningsPort = {
    readEarnings: async (_tx, _period, after) => {
      batches += 1;
      if (batches === told.dieInBatch) process.kill(process.pid, 'SIGKILL');
      const at = after === null ? 0 : Number(after);
      return { tactics: tactics.slice(at, at + 1), next: at + 1 < tactics.length ? String(at + 1) : null };
    },
  };
  await prepareAccruals(context, ports, told.periodId);
}

if (import.meta.main) await dieWhilePreparing(JSON.parse(process.argv[2] ?? '') as KilledRun);
