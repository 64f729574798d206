import { allDays, beginningMs, day, type Employee, hour, minute } from '../log.ts';
import { isAtWork, localMs, ordinaryAmount } from '../ordinary-days.ts';
import { type PlayAttack, people, type Stage, takeSomebody } from '../stage.ts';

/** One makes, the other approves; answers when. */
function favour(stage: Stage, maker: Employee, approver: Employee, dayNumber: number, customer: string): number {
  const { log, random } = stage;
  let onDay = dayNumber;
  while (!(isAtWork(maker, onDay) && isAtWork(approver, onDay)) && onDay < dayNumber + 8) onDay++;
  const madeMs = localMs(maker, onDay, maker.begins + random.between(0.5, maker.worksHours));
  const amount = ordinaryAmount(log) * random.between(1, 2.5);
  const detail = { counterpartId: customer, amount: amount.toFixed(2), currency: 'USD' };
  const subjectId = log.fresh('record');
  log.write(madeMs, 'act.made', { personId: maker.id, subjectId, detail });
  const waits = random.chance(0.6) ? random.between(2, 25) * minute : random.between(0.5, 6) * hour;
  log.write(madeMs + waits, 'act.approved', { personId: approver.id, subjectId });
  return madeMs + waits;
}

/**
 * Two (or in a quarter three, in a circle) who may decide approve what the others make, over 6-14 days, in a region where five
 * or more could: 4-8 each way, for one to three customers, six in ten within half an hour.
 */
export const approvalRing: PlayAttack = (stage) => {
  const { random, company, dayNumber } = stage;
  const first = takeSomebody(
    stage,
    ({ role, office }) => role === 'director' && (company.deciders[office]?.length ?? 0) >= 5,
  );
  if (!first) return null;
  const ring = [first];
  const size = random.chance(0.25) ? 3 : 2;
  while (ring.length < size) {
    const next = takeSomebody(stage, ({ role, office }) => role === 'director' && office === first.office);
    if (!next) break;
    ring.push(next);
  }
  if (ring.length < 2) return null;
  const lasts = random.between(6, 14);
  const customers = random.shuffled(company.customers).slice(0, random.whole(1, 3));
  const times: number[] = [];
  for (const [n, maker] of ring.entries()) {
    const approver = ring[(n + 1) % ring.length] ?? first;
    for (let i = random.whole(4, 8); i > 0; i--)
      times.push(
        favour(stage, maker, approver, dayNumber + Math.floor(random.between(0, lasts)), random.pick(customers)),
      );
  }
  const toMs = Math.min(Math.max(...times), beginningMs + allDays * day);
  return { subjects: people(...ring), fromMs: Math.min(...times), toMs };
};
