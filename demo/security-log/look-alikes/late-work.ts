import { hour } from '../log.ts';
import { isClosing, localMs, ordinaryAmount, settle } from '../ordinary-days.ts';
import { atWorkMs, type PlayLookAlike, type Stage, somebody, usualPlace } from '../stage.ts';

/** Several of finance work from home at an hour that is not theirs: each 2-9 settlements for as many customers. */
function together(stage: Stage, how: { people: number; dayNumber: number; localHour: number }): void {
  const { log, random, company } = stage;
  for (let n = how.people; n > 0; n--) {
    const who = somebody(stage, ({ role }) => role === 'finance');
    if (!who) return;
    const fromMs = localMs(who, how.dayNumber, how.localHour + random.between(-0.5, 1));
    log.signIn(fromMs, who, { ...usualPlace(stage, who), network: who.home });
    for (let i = random.whole(2, 9); i > 0; i--)
      settle(log, who, fromMs + random.between(0.1, 2.5) * hour, random.pick(company.customers));
  }
}

/** Books close: three to eight of finance work until midnight. */
export const closingNight: PlayLookAlike = (stage) => {
  if (isClosing(stage.dayNumber))
    together(stage, { people: stage.random.whole(3, 8), dayNumber: stage.dayNumber, localHour: 20.5 });
};

/** A Saturday to catch up: two to four of finance. */
export const saturday: PlayLookAlike = (stage) => {
  const onDay = stage.dayNumber - (stage.dayNumber % 7) + 5;
  if (stage.dayNumber % 7 === 4)
    together(stage, { people: stage.random.whole(2, 4), dayNumber: onDay, localHour: stage.random.between(8, 13) });
};

/** One of finance stays late or begins early alone: one to five settlements for as many customers, 1-4 hours off. */
export const longDay: PlayLookAlike = (stage) => {
  const { log, random, company, dayNumber } = stage;
  const who = somebody(stage, ({ role }) => role === 'finance');
  if (!who) return;
  const localHour = random.chance(0.7)
    ? who.begins + who.worksHours + random.between(0, 3)
    : who.begins - random.between(1, 2);
  const fromMs = localMs(who, dayNumber, localHour);
  for (let n = random.whole(1, 5); n > 0; n--)
    settle(log, who, fromMs + random.between(0, 1) * hour, random.pick(company.customers));
};

/** One of finance works elsewhere for two to five days: hours shifted by 5-10, the own laptop, many customers. */
export const elsewhere: PlayLookAlike = (stage) => {
  const { log, random, company, dayNumber } = stage;
  const who = somebody(stage, ({ role }) => role === 'finance');
  if (!who) return;
  const shift = random.between(5, 10) * (random.chance(0.5) ? 1 : -1);
  const network = log.fresh('hotel');
  const days = random.whole(2, 5);
  for (let n = 0; n < days; n++) {
    const fromMs = localMs(who, dayNumber + n, who.begins + shift);
    log.signIn(fromMs, who, { ...usualPlace(stage, who), network });
    for (let i = random.whole(1, 5); i > 0; i--)
      settle(log, who, fromMs + random.between(0.2, 7) * hour, random.pick(company.customers));
  }
};

/** What one customer deducted is cleared in one go, at work: three to nine settlements. */
export const clearedInOneGo: PlayLookAlike = (stage) => {
  const { log, random, company } = stage;
  const who = somebody(stage, ({ role }) => role === 'finance');
  if (!who) return;
  const customer = random.pick(company.customers);
  const fromMs = atWorkMs(stage, who);
  for (let n = random.whole(3, 9); n > 0; n--)
    settle(log, who, fromMs + random.between(0, 1) * hour, customer, ordinaryAmount(log) * random.between(1, 2.5));
};
