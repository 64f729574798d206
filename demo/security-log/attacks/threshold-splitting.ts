import { day, hour, minute } from '../log.ts';
import { makeRecord } from '../ordinary-days.ts';
import { atWorkMs, type PlayAttack, people, takeSomebody } from '../stage.ts';

/**
 * What would need a higher approval is cut up: 3-6 records for one customer within 1-40 hours, each at 84-99 % of a limit;
 * in 3 of 10 cases over up to four days and at 70-97 %.
 */
export const thresholdSplitting: PlayAttack = (stage) => {
  const { log, random, company } = stage;
  const who = takeSomebody(stage, ({ role }) => role === 'kam');
  if (!who) return null;
  const careful = random.chance(0.3);
  const limit = random.pick(company.limits.slice(0, 3));
  const customer = random.pick(who.customers);
  const fromMs = atWorkMs(stage, who);
  const parts = random.whole(3, 6);
  const lastsMs = careful
    ? random.between(1.5, 4) * day
    : random.chance(0.6)
      ? random.between(1, 5) * hour
      : random.between(20, 40) * hour;
  for (let n = 0; n < parts; n++) {
    const amount = Math.round(limit * (careful ? random.between(0.7, 0.97) : random.between(0.84, 0.99)) * 100) / 100;
    makeRecord(log, company, who, { atMs: fromMs + (n / (parts - 1)) * lastsMs, customer, amount });
  }
  return { subjects: people(who), fromMs, toMs: fromMs + lastsMs + minute };
};
