/**
 * Plays approvals until something ends it: started by run-chaos.ts, which writes its orders on the standard input as one line of
 * JSON and reads one line for each point on the standard output.
 */
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { systemClock } from '#clock';
import { openDatabase } from '#db';
import { setAuditSecret, setSecurityEventSecret } from '#security';
import { takeTestKeys, testSecretKey } from '../house.ts';
import { Approvals, type Fault, type Scene } from './approvals.ts';
import { Inspector } from './check-approvals.ts';
import { type CrashPoint, CrashPoints } from './crash-points.ts';

/** What a process is told to do. */
export interface Orders {
  databaseUrl: string;
  scene: Scene;
  startAt: string;
  points: CrashPoint[];
  postmaster: number;
  fault?: Fault | undefined;
}

/** A line that it says: a point was reached, something is broken or was answered as done, all has ended, or the database is gone. */
export type Said = { done: string } | { reached: CrashPoint } | { broken: string[] } | { ended: true } | { lost: true };

// Nothing may be under way to the pipe when the process is killed.
const say = (line: Said) => writeSync(1, `${JSON.stringify(line)}\n`);

/** Turns that the rest takes at most when nothing ends any more: far more than three approvals have. */
const mostTurns = 5_000;

async function play({ databaseUrl, scene, startAt, points, postmaster, fault }: Orders): Promise<void> {
  setAuditSecret(testSecretKey);
  setSecurityEventSecret(testSecretKey);
  let reached: CrashPoint | undefined;
  const crash = new CrashPoints(postmaster, (point) => {
    reached = point;
    say({ reached: point });
  });
  const db = openDatabase(databaseUrl, testSecretKey, () => undefined);
  takeTestKeys(db, systemClock);
  const approvals = new Approvals(db, scene, startAt, (done) => say({ done }), fault);
  const inspector = new Inspector(databaseUrl);
  await inspector.connect();
  await approvals.start();
  let armed = points.shift();
  crash.arm(armed);
  let idle = 0;
  while (await approvals.turn(armed !== undefined)) {
    if (armed === undefined && idle++ > mostTurns) {
      say({ broken: ['what was begun does not come to its end', ...(await inspector.breaches())] });
      process.exit();
    }
    if (!reached) continue;
    if (reached.ends === 'database') {
      say({ lost: true });
      process.exit();
    }
    const broken = await inspector.breaches();
    if (broken.length > 0) {
      say({ broken });
      process.exit();
    }
    reached = undefined;
    armed = points.shift();
    crash.arm(armed);
  }
  await approvals.stop();
  await inspector.end();
  await db.close();
  say({ ended: true });
}

for await (const line of createInterface({ input: process.stdin })) {
  await play(JSON.parse(line));
  process.exit();
}
