import { hour, minute } from '../log.ts';
import { localMs, ordinaryAmount, settle } from '../ordinary-days.ts';
import { type PlayAttack, people, takeSomebody, usualPlace } from '../stage.ts';

/**
 * An insider settles for one or two customers when nobody looks: two to six settlements within 20-150 minutes of somebody's
 * night, or of a Saturday or Sunday; in 3 of 10 cases only 2-4 hours after their working day. Amounts are 1.5-4 times what
 * is usual. They sign in with their own device from home.
 */
export const offHoursSettlement: PlayAttack = (stage) => {
  const { log, random, company, dayNumber } = stage;
  const who = takeSomebody(stage, ({ role }) => role === 'finance');
  if (!who) return null;
  const way = random.chance(0.3) ? 'evening' : random.pick(['night', 'night', 'weekend']);
  const onDay = way === 'weekend' ? dayNumber - (dayNumber % 7) + random.whole(5, 6) : dayNumber;
  const ends = who.begins + who.worksHours;
  const localHour =
    way === 'weekend'
      ? who.begins + random.between(-2, 12)
      : way === 'night'
        ? who.begins - random.between(4, 7)
        : ends + random.between(2, 4);
  const fromMs = localMs(who, onDay, localHour);
  log.signIn(fromMs, who, { ...usualPlace(stage, who), network: who.home });
  const customers = random.shuffled(company.customers).slice(0, random.chance(0.7) ? 1 : 2);
  const times = random.whole(2, 6);
  const lastsMs = random.between(20, 150) * minute;
  for (let n = 0; n < times; n++)
    settle(
      log,
      who,
      fromMs + ((n + 0.7) / times) * lastsMs,
      random.pick(customers),
      ordinaryAmount(log) * random.between(1.5, 4),
    );
  return { subjects: people(who), fromMs, toMs: fromMs + Math.max(lastsMs, hour) };
};
