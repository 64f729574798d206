import { hour, Moment, minute } from '../log.ts';
import { atWorkMs, type PlayLookAlike, somebody, usualPlace } from '../stage.ts';

/** After a holiday the password is gone: 3-20 tries in 10-50 minutes from the usual place, then in half a new one by mail. */
export const forgotten: PlayLookAlike = (stage) => {
  const { log, random } = stage;
  const who = somebody(stage);
  if (!who) return;
  const place = { ...usualPlace(stage, who), network: random.chance(0.5) ? who.home : usualPlace(stage, who).network };
  const at = new Moment(atWorkMs(stage, who));
  const tries = random.whole(3, 20);
  const lastsMs = random.between(10, 50) * minute;
  for (let n = 0; n < tries; n++) log.wrong(at.after(lastsMs / tries), { personId: who.id }, place);
  if (random.chance(0.5)) {
    log.write(at.after(2 * minute), 'password.reset_requested', { ...place, personId: who.id });
    log.write(at.after(4 * minute), 'password.changed', { ...place, personId: who.id });
  }
  log.signIn(at.ms + minute, who, place);
};

/** The password was changed, and a second device of the person goes on with the old one: 8-60 tries over 0.4-30 hours. */
export const storedPassword: PlayLookAlike = (stage) => {
  const { log, random } = stage;
  const who = somebody(stage, ({ devices }) => devices.length > 1);
  if (!who) return;
  const changedMs = atWorkMs(stage, who);
  log.write(changedMs, 'password.changed', { ...usualPlace(stage, who), personId: who.id });
  const device = who.devices[1] ?? '';
  const lastsMs = random.between(0.4, 30) * hour;
  for (let n = random.whole(8, 60); n > 0; n--) {
    const network = random.chance(0.6) ? who.home : usualPlace(stage, who).network;
    log.wrong(changedMs + random.between(0.01, 1) * lastsMs, { personId: who.id }, { network, device });
  }
};

/** Abroad with the own laptop: 3-9 wrong tries from the hotel, then in. */
export const forgottenAbroad: PlayLookAlike = (stage) => {
  const { log, random } = stage;
  const who = somebody(stage);
  if (!who) return;
  const place = { ...usualPlace(stage, who), network: log.fresh('hotel') };
  const at = new Moment(atWorkMs(stage, who));
  for (let n = random.whole(3, 9); n > 0; n--)
    log.wrong(at.after(random.between(0.3, 4) * minute), { personId: who.id }, place);
  log.signIn(at.ms + minute, who, place);
};
