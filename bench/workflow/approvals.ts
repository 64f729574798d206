import type { BenchPart } from '../trade/part.ts';
import { setApprovalDesk } from './approval-desk.ts';

/** Approvals of one run, after as many that only make everything ready: a server that has run for a while is measured. */
const measured = 1_000;
const warmUps = 1_000;
/** People at once. */
const atOnce = 8;

/** Runs work `times` over on several lanes; answers how long it took in all, in milliseconds. */
export async function onLanes(times: number, lanes: number, work: (at: number) => Promise<unknown>): Promise<number> {
  const began = performance.now();
  let next = 0;
  const lane = async () => {
    for (let at = next++; at < times; at = next++) await work(at);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return performance.now() - began;
}

/** Whole approvals beside so many that have ended: 2 ms for each is 500 a second. */
export const part: BenchPart = {
  name: 'approvals',
  what: `${measured} approvals from the request to the end on ${atOnce} lanes, beside n that have ended`,
  sizes: [1_000, 10_000, 100_000],
  targets: { 'whole approval': 2 },
  run: async (house, ended) => {
    const desk = await setApprovalDesk(house);
    await desk.plant(ended, 'ended');
    const phase = async (times: number) => {
      const subjects: string[] = [];
      const startMs = await onLanes(times, atOnce, async () => subjects.push(await desk.start()));
      const tasks = [...(await desk.tasksOf(subjects)).values()];
      const decideMs = await onLanes(times, atOnce, (at) => desk.decide(tasks[at] ?? ''));
      return { start: startMs / times, decide: decideMs / times };
    };
    await phase(warmUps);
    const { start, decide } = await phase(measured);
    const figures = { 'whole approval': start + decide, 'its start': start, 'its decision': decide };
    return { figures, note: `${Math.round(1_000 / (start + decide))} approvals/s at the last size` };
  },
};
