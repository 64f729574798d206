import { hour, Moment, minute } from '../log.ts';
import { exportData, isAtWork } from '../ordinary-days.ts';
import { atWorkMs, type PlayLookAlike, usualPlace } from '../stage.ts';

/** First day after 14 days or more: in half a new laptop, often a forgotten password, and much to catch up with. */
export const backFromLeave: PlayLookAlike = (stage) => {
  const { log, random, company, dayNumber } = stage;
  const back = company.people.filter(
    (who) =>
      isAtWork(who, dayNumber) &&
      who.away.some(([from, to]) => to - from >= 14 && to < dayNumber && to >= dayNumber - 3),
  );
  if (back.length === 0) return;
  const who = random.pick(back);
  if (random.chance(0.5)) who.devices = [log.fresh('laptop'), ...who.devices.slice(1)];
  const place = usualPlace(stage, who);
  if (random.chance(0.3)) place.network = who.home;
  const at = new Moment(atWorkMs(stage, who));
  for (let n = random.whole(0, 5); n > 0; n--) log.wrong(at.after(minute), { personId: who.id }, place);
  log.signIn(at.after(minute), who, place);
  for (let n = random.whole(0, 3); n > 0; n--)
    exportData(
      log,
      who,
      at.ms + random.between(0.1, 3) * hour,
      who.exportRows * random.between(0.5, 4),
      random.pick(who.exportKinds),
    );
};

/** Somebody on leave looks in from home, once, with their own device. */
export const looksIn: PlayLookAlike = (stage) => {
  const { log, random, company, dayNumber } = stage;
  const away = company.people.filter((who) =>
    who.away.some(([from, to]) => from < dayNumber - 5 && to > dayNumber && to < 80),
  );
  if (away.length === 0) return;
  const who = random.pick(away);
  const network = random.chance(0.7) ? who.home : log.fresh('hotel');
  log.signIn(atWorkMs(stage, who), who, { device: random.pick(who.devices), network });
};
