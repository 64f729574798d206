/**
 * Plays approvals until something ends it: started by run-chaos.ts, which writes its orders on the standard input, a line of
 * JSON for each stretch, and reads what it says on the standard output.
 */
import { writeSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { createInterface } from 'node:readline';
import { systemClock } from '#clock';
import { openDatabase } from '#db';
import { setAuditSecret, setSecurityEventSecret } from '#security';
import { takeTestKeys, testSecretKey } from '../house.ts';
import { Approvals, type Fault, type Scene } from './approvals.ts';
import { Inspector } from './check-approvals.ts';
import { type CrashPoint, CrashPoints } from './crash-points.ts';

/** What a process is told to do: points one after the other; where none of them ends it, all comes to its end. */
export interface Orders {
  databaseUrl: string;
  scene: Scene;
  startAt: string;
  points: CrashPoint[];
  postmaster: number;
  fault?: Fault | undefined;
}

/** A line that it says: something was answered as done, a point was reached; and last: something is broken, all has ended, or the database is gone. */
export type Said = { done: string } | { reached: CrashPoint } | { broken: string[] } | { ended: true } | { lost: true };

// Nothing may be under way to the pipe when the process is killed.
const say = (line: Said) => writeSync(1, `${JSON.stringify(line)}\n`);

/** Turns that the rest takes at most when nothing ends any more: far more than three approvals have. */
const mostTurns = 5_000;

let reached: CrashPoint | undefined;
const crash = new CrashPoints((point) => {
  reached = point;
  say({ reached: point });
});

/** Plays through the points, looking at what stands after each; answers what it came to. */
async function playThrough(approvals: Approvals, inspector: Inspector, orders: Orders): Promise<Said> {
  const { points, postmaster } = orders;
  let armed = points.shift();
  crash.arm(armed, postmaster);
  let idle = 0;
  while (await approvals.turn(armed !== undefined)) {
    if (armed === undefined && idle++ > mostTurns) {
      return { broken: ['what was begun does not come to its end', ...(await inspector.breaches())] };
    }
    if (!reached) continue;
    if (reached.ends === 'database') return { lost: true };
    const broken = await inspector.breaches();
    if (broken.length > 0) return { broken };
    reached = undefined;
    armed = points.shift();
    crash.arm(armed, postmaster);
  }
  return { ended: true };
}

async function play(orders: Orders): Promise<void> {
  const { databaseUrl, scene, startAt, fault } = orders;
  reached = undefined;
  const db = openDatabase(databaseUrl, testSecretKey, () => undefined);
  takeTestKeys(db, systemClock);
  const approvals = new Approvals(db, scene, startAt, (done) => say({ done }), fault);
  const inspector = new Inspector(databaseUrl);
  await inspector.connect();
  await approvals.start();
  const last = await playThrough(approvals, inspector, orders);
  await approvals.stop();
  await inspector.end();
  await db.close();
  say(last);
}

setAuditSecret(testSecretKey);
setSecurityEventSecret(testSecretKey);
// Those that follow load faster; a process that is killed would keep nothing.
flushCompileCache();
for await (const line of createInterface({ input: process.stdin })) await play(JSON.parse(line));
process.exit();
