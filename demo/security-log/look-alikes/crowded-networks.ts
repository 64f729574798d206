import { minute, type Place } from '../log.ts';
import { isAtWork, localMs } from '../ordinary-days.ts';
import { anyHourMs, type PlayLookAlike, type Stage, somebody, usualPlace } from '../stage.ts';

/** People of one office in any order. */
function colleagues(stage: Stage, most: number) {
  const { company, random, dayNumber } = stage;
  const office = random.whole(0, company.offices.length - 1);
  const some = company.people.filter((who) => who.office === office && isAtWork(who, dayNumber));
  return random.shuffled(some).slice(0, most);
}

/** Passwords ran out on Monday: 8-40 people of one office fail one to three times from its one address, and get in. */
export const passwordPolicy: PlayLookAlike = (stage) => {
  const { log, random, dayNumber } = stage;
  for (const who of colleagues(stage, random.whole(8, 40))) {
    const place = usualPlace(stage, who);
    const atMs = localMs(who, dayNumber, who.begins + random.between(-0.5, 1));
    for (let n = random.whole(1, 3); n > 0; n--) log.wrong(atMs - n * 20_000, { personId: who.id }, place);
    log.signIn(atMs, who, place);
  }
};

/** A new way out (VPN, another provider): 8-30 people are first seen there within two hours, half fail once, all get in. */
export const newWayOut: PlayLookAlike = (stage) => {
  const { log, random, dayNumber } = stage;
  const network = log.fresh('vpn');
  for (const who of colleagues(stage, random.whole(8, 30))) {
    const place: Place = { ...usualPlace(stage, who), network };
    const atMs = localMs(who, dayNumber, 9 + random.between(0, 2));
    if (random.chance(0.5)) log.wrong(atMs - minute, { personId: who.id }, place);
    log.signIn(atMs, who, place);
  }
};

/** The directory is down for 10-40 minutes: 10-40 people fail one to four times each, nobody gets in, then all do. */
export const directoryDown: PlayLookAlike = (stage) => {
  const { log, random, dayNumber } = stage;
  const lasts = random.between(10, 40) * minute;
  const hourOfDay = 9 + random.between(0, 4);
  for (const who of colleagues(stage, random.whole(10, 40))) {
    const fromMs = localMs(who, dayNumber, hourOfDay);
    for (let n = random.whole(1, 4); n > 0; n--)
      log.wrong(fromMs + random.uniform() * lasts, { personId: who.id }, usualPlace(stage, who));
    log.signIn(fromMs + lasts + random.between(1, 20) * minute, who, usualPlace(stage, who));
  }
};

/** A class in a hotel: 6-20 people on borrowed machines, some mistype their own address, most get in after one to three tries. */
export const trainingRoom: PlayLookAlike = (stage) => {
  const { log, random, dayNumber } = stage;
  const network = log.fresh('hotel');
  for (const who of colleagues(stage, random.whole(6, 20))) {
    const place = { network, device: log.fresh('borrowed') };
    const atMs = localMs(who, dayNumber, 9.5) + random.between(0, 40) * minute;
    if (random.chance(0.5)) log.wrong(atMs - 3 * minute, { account: log.fresh('mistyped') }, place);
    for (let n = random.whole(0, 3); n > 0; n--) log.wrong(atMs - n * 30_000, { personId: who.id }, place);
    if (random.chance(0.9)) log.signIn(atMs, who, place);
  }
};

/** A café with one address: three to five people, strangers to it, fail once or twice and get in. */
export const conference: PlayLookAlike = (stage) => {
  const { log, random, dayNumber } = stage;
  const network = log.fresh('conference');
  for (let n = random.whole(3, 7); n > 0; n--) {
    const who = somebody(stage);
    if (!who) return;
    const place = { ...usualPlace(stage, who), network };
    const atMs = localMs(who, dayNumber, 11) + random.between(0, 300) * minute;
    for (let i = random.whole(0, 2); i > 0; i--) log.wrong(atMs - i * 25_000, { personId: who.id }, place);
    log.signIn(atMs, who, place);
  }
};

/** Told to sign in before their accounts were made: 6-30 names that nobody has yet, from the one address of an office. */
export const notYetInvited: PlayLookAlike = (stage) => {
  const { log, random, company } = stage;
  const network = random.pick(company.offices);
  const fromMs = anyHourMs(stage);
  for (let n = random.whole(6, 30); n > 0; n--) {
    const place = { network, device: log.fresh('borrowed') };
    const account = log.fresh('nobody');
    const atMs = fromMs + random.between(0, 180) * minute;
    for (let i = random.whole(1, 3); i > 0; i--) log.wrong(atMs + i * 20_000, { account }, place);
  }
};
