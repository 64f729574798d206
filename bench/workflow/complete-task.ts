import { setTimeout as sleep } from 'node:timers/promises';
import { latenciesOf } from '../figures.ts';
import type { BenchPart } from '../trade/part.ts';
import { setApprovalDesk } from './approval-desk.ts';
import { onLanes } from './approvals.ts';

const perSecond = 200;
const lastsS = 10;
const warmUps = 200;
/** Below the connections of a process, so that nothing is refused on a machine that does not keep up. */
const atOnce = 12;

/** How long a decision takes that comes when it comes, beside so many open instances. */
export const part: BenchPart = {
  name: 'complete-task',
  what: `${perSecond} decisions a second for ${lastsS} s, beside n open instances`,
  sizes: [1_000, 10_000, 100_000],
  targets: { 'decision p99': 25 },
  run: async (house, open) => {
    const desk = await setApprovalDesk(house);
    const times = perSecond * lastsS;
    await desk.plant(open + times + warmUps, 'open');
    const tasks = await desk.plantedTasks(times + warmUps);
    // On all lanes: a server that runs has its connections, and their plans.
    const first = tasks.splice(0, warmUps);
    await onLanes(warmUps, atOnce, (at) => desk.decide(first[at] ?? ''));
    const began = performance.now();
    const latencies: number[] = [];
    await onLanes(times, atOnce, async (at) => {
      const due = began + (at * 1_000) / perSecond;
      await sleep(Math.max(0, due - performance.now()));
      await desk.decide(tasks[at] ?? '');
      // From the moment that it was due: what waits for its turn waits, too.
      latencies.push(performance.now() - due);
    });
    const { p50, p99 } = latenciesOf(latencies);
    return { figures: { 'decision p50': p50, 'decision p99': p99 } };
  },
};
