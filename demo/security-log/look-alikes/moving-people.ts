import { type Employee, hour, minute, type Place } from '../log.ts';
import { exportData, localMs } from '../ordinary-days.ts';
import { atWorkMs, type PlayLookAlike, type Stage, somebody, usualPlace } from '../stage.ts';

/** They do what they always do. */
function goOnAsUsual(stage: Stage, who: Employee, fromMs: number): void {
  const { log, random } = stage;
  for (let n = random.whole(0, 2); n > 0; n--)
    exportData(
      log,
      who,
      fromMs + random.between(0.1, 4) * hour,
      who.exportRows * Math.exp(0.5 * random.normal()),
      random.pick(who.exportKinds),
    );
}

/** Travels for one to five days: other networks, often other hours, the own laptop. */
export const traveller: PlayLookAlike = (stage) => {
  const { log, random, dayNumber } = stage;
  const who = somebody(stage);
  if (!who) return;
  const shift = random.chance(0.5) ? random.between(-9, 9) : 0;
  const days = random.whole(1, 5);
  for (let n = 0; n < days; n++) {
    const place = { ...usualPlace(stage, who), network: log.fresh('hotel') };
    const atMs = localMs(who, dayNumber + n, who.begins + shift);
    log.signIn(atMs, who, place);
    goOnAsUsual(stage, who, atMs);
  }
};

/** A new laptop: first seen at the office or at home; the person proves themselves, and uses it from now on. */
export const newLaptop: PlayLookAlike = (stage) => {
  const { log, random } = stage;
  const who = somebody(stage);
  if (!who) return;
  const device = log.fresh('laptop');
  const place: Place = { ...usualPlace(stage, who), device };
  if (random.chance(0.3)) place.network = who.home;
  const atMs = atWorkMs(stage, who);
  if (random.chance(0.3)) log.wrong(atMs - minute, { personId: who.id }, place);
  const sessionId = log.signIn(atMs, who, place);
  if (random.chance(0.4))
    log.write(atMs + 5 * minute, 'factor.added', {
      ...place,
      personId: who.id,
      subjectId: who.id,
      sessionId,
      detail: { factor: 'passkey' },
    });
  goOnAsUsual(stage, who, atMs);
  who.devices = [device, ...who.devices.slice(1)];
};

/** Moved house: another network, the same devices, from now on; some look up addresses at night. */
export const movedHouse: PlayLookAlike = (stage) => {
  const { log, random, dayNumber } = stage;
  const who = somebody(stage);
  if (!who) return;
  who.home = log.fresh('home');
  const atMs = localMs(who, dayNumber, who.begins + random.between(-2, 14));
  log.signIn(atMs, who, { ...usualPlace(stage, who), network: who.home });
};

/** Bought a telephone on the way: device and network are both new; the second factor, where there is one, is shown. */
export const newPhoneAbroad: PlayLookAlike = (stage) => {
  const { log, random } = stage;
  const who = somebody(stage);
  if (!who) return;
  const device = log.fresh('phone');
  const atMs = atWorkMs(stage, who) + random.between(-3, 6) * hour;
  const place = { network: log.fresh('mobile'), device };
  log.signIn(atMs, who, place);
  if (random.chance(0.4)) goOnAsUsual(stage, who, atMs);
  if (random.chance(0.5)) log.signIn(atMs + random.between(2, 20) * hour, who, { device, network: who.home });
  who.devices = [who.devices[0] ?? '', device];
};

/** A customer's or a colleague's machine for a quarter of an hour: both new, only a look. */
export const borrowedMachine: PlayLookAlike = (stage) => {
  const who = somebody(stage);
  if (!who) return;
  stage.log.signIn(atWorkMs(stage, who), who, {
    network: stage.log.fresh('guest'),
    device: stage.log.fresh('borrowed'),
  });
};

/** Away from the office and without the password: a new one by mail, with the own laptop, from a network never seen. */
export const resetOnTheWay: PlayLookAlike = (stage) => {
  const { log, random } = stage;
  const who = somebody(stage);
  if (!who) return;
  const place = { ...usualPlace(stage, who), network: log.fresh('hotel') };
  const atMs = atWorkMs(stage, who);
  log.write(atMs, 'password.reset_requested', { ...place, personId: who.id });
  log.write(atMs + random.between(2, 9) * minute, 'password.changed', { ...place, personId: who.id });
  log.signIn(atMs + 10 * minute, who, place);
  goOnAsUsual(stage, who, atMs + 10 * minute);
};
