import { allPermissions, type Company } from './company.ts';
import { beginningMs, day, type Employee, hour, type LogWriter, minute } from './log.ts';
import { exportData, isAtWork, isClosing, localMs, makeRecord, placeOf, settle } from './ordinary-days.ts';

type Play = (log: LogWriter, company: Company, dayNumber: number) => void;

function someone(log: LogWriter, company: Company, dayNumber: number, fits: (one: Employee) => boolean = () => true) {
  const found = company.people.filter((one) => isAtWork(one, dayNumber) && fits(one));
  return log.random.pick(found.length > 0 ? found : company.people);
}

const office = (company: Company, who: Employee) => company.offices[who.office] ?? '';

/** The owner has forgotten the password, mostly after days away, and tries for a while. */
const forgotten: Play = (log, company, dayNumber) => {
  const { random } = log;
  const who = someone(log, company, dayNumber);
  const tries = Math.round(3 + 22 * random.uniform() ** 1.5);
  const newPhone = random.chance(0.15);
  const places = [
    { network: office(company, who), device: who.devices[0] ?? '' },
    { network: who.home, device: who.devices.at(-1) ?? '' },
    {
      network: random.chance(0.5) ? log.fresh('mobile') : who.home,
      device: newPhone ? log.fresh('device') : (who.devices.at(-1) ?? ''),
    },
  ];
  let atMs = localMs(who, dayNumber, who.begins);
  for (let n = 0; n < tries; n++) {
    log.wrong(atMs, who.id, places[random.chance(0.7) ? 0 : random.whole(1, 2)] ?? places[0]!);
    atMs += random.chance(0.1) ? random.between(0.5, 3) * hour : random.between(15, 90) * 1_000;
  }
  if (random.chance(0.6)) {
    log.write(atMs, 'password.reset_requested', { ...places[0], personId: who.id });
    log.write(atMs + 4 * minute, 'password.changed', { ...places[0], personId: who.id });
  }
  log.signIn(atMs + 5 * minute, who, places[0]!);
};

/** A program with an old password kept in it: it goes on for a day. */
const oldPassword: Play = (log, company, dayNumber) => {
  const who = someone(log, company, dayNumber);
  const from = { network: log.random.chance(0.5) ? who.home : office(company, who), device: who.devices.at(-1) ?? '' };
  const times = log.random.whole(15, 60);
  for (let n = 0; n < times; n++) log.wrong(localMs(who, dayNumber, 6 + n * (16 / times)), who.id, from);
};

/** Monday at an office: passwords have expired, or the directory is ill. */
const officeTrouble: Play = (log, company, dayNumber) => {
  const { random } = log;
  const place = random.whole(0, company.offices.length - 1);
  const there = random.shuffled(company.people.filter((one) => one.office === place && isAtWork(one, dayNumber)));
  const hit = there.slice(0, random.whole(6, 45));
  const network = company.offices[place] ?? '';
  const kiosk = random.chance(0.25) ? log.fresh('kiosk') : null;
  for (const who of hit) {
    const at = localMs(who, dayNumber, who.begins + random.between(0, 1));
    const from = { network, device: kiosk ?? who.devices[0] ?? '' };
    for (let n = random.whole(1, 3); n > 0; n--) log.wrong(at - n * 20_000, who.id, from);
    if (random.chance(0.15)) log.wrong(at - 90_000, null, from, log.fresh('misspelt'));
    if (random.chance(0.85)) log.signIn(at, who, from);
  }
};

/** A class of new people at a hotel: strange network, new devices, many mistakes. */
const trainingClass: Play = (log, company, dayNumber) => {
  const { random } = log;
  const network = log.fresh('hotel');
  const lent = Array.from({ length: 4 }, () => log.fresh('lent'));
  for (const who of random
    .shuffled(company.people.filter((one) => isAtWork(one, dayNumber)))
    .slice(0, random.whole(6, 18))) {
    const at = localMs(who, dayNumber, 9 + random.between(0, 1.5));
    const from = { network, device: random.chance(0.5) ? (who.devices[0] ?? '') : random.pick(lent) };
    for (let n = random.whole(0, 3); n > 0; n--) log.wrong(at - n * 20_000, who.id, from);
    if (random.chance(0.9)) log.signIn(at, who, from);
  }
};

/** Somebody travels for days and works at their usual things, at the hours of where they are. */
const traveller: Play = (log, company, dayNumber) => {
  const { random } = log;
  const who = someone(log, company, dayNumber, ({ role }) => ['director', 'kam', 'finance', 'analyst'].includes(role));
  const shift = random.whole(-9, 9);
  const lent = random.chance(0.12) ? log.fresh('lent') : null;
  for (let n = 0; n < random.whole(1, 5); n++) {
    const from = { network: log.fresh('hotel'), device: lent ?? who.devices[0] ?? '' };
    if (!isAtWork(who, dayNumber + n)) continue;
    const at = localMs(who, dayNumber + n, who.begins + shift);
    if (random.chance(0.2)) log.wrong(at - minute, who.id, from);
    const session = log.signIn(at, who, from, who.factor || (lent !== null && random.chance(0.7)));
    const later = () => at + random.between(0.1, 6) * hour;
    if (who.role === 'finance')
      for (let m = random.poisson(2.5); m > 0; m--) settle(log, who, later(), session, random.pick(company.customers));
    if (who.role === 'analyst' && random.chance(0.6))
      exportData(log, who, later(), session, who.exportRows * random.between(0.5, 1.6), random.pick(who.exportKinds));
    if (who.role === 'kam')
      makeRecord(log, company, who, {
        atMs: later(),
        sessionId: session,
        customer: random.pick(who.customers),
        amount: random.between(2_000, 40_000),
      });
  }
};

/** A new laptop or phone; sometimes at home, where the way out is new too; the second factor moves over. */
const newDevice: Play = (log, company, dayNumber) => {
  const { random } = log;
  const who = someone(log, company, dayNumber);
  const device = log.fresh('device');
  const home = random.chance(0.12) ? log.fresh('provider') : who.home;
  const at = localMs(who, dayNumber, who.begins + random.between(0, 9));
  const from = { network: random.chance(0.6) ? office(company, who) : home, device };
  if (random.chance(0.4)) log.wrong(at - minute, who.id, from);
  const session = log.signIn(at, who, from);
  who.devices.push(device);
  if (home !== who.home) who.home = home;
  if (who.factor) {
    const byAdmin = random.chance(0.35);
    const admin = someone(log, company, dayNumber, ({ role }) => role === 'admin');
    const taken = at - random.between(0, 2) * hour;
    const old = { network: from.network, device: who.devices[0] ?? device };
    log.write(
      taken,
      'factor.removed',
      byAdmin ? { personId: admin.id, subjectId: who.id } : { ...old, personId: who.id, subjectId: who.id },
    );
    const back = random.chance(0.9) ? random.between(0.02, 1) : random.between(1, 26);
    log.write(taken + back * hour, 'factor.added', {
      ...(random.chance(0.5) ? old : from),
      personId: who.id,
      subjectId: who.id,
    });
  }
  const acts = random.poisson(1.5);
  for (let n = 0; n < acts; n++) {
    const later = at + random.between(0.1, 7) * hour;
    if (who.role === 'finance') settle(log, who, later, session, random.pick(company.customers));
    else exportData(log, who, later, session, who.exportRows * random.between(0.4, 1.2), random.pick(who.exportKinds));
  }
};

/** Tabs race for a token; a phone leaves the office while in use. */
const racingTabs: Play = (log, company, dayNumber) => {
  const { random } = log;
  const who = someone(log, company, dayNumber);
  const from = placeOf(log, company, who);
  const at = localMs(who, dayNumber, who.begins + random.between(0.5, 7));
  const sessionId = log.signIn(at - random.between(0.1, 5) * hour, who, from);
  const moves = random.chance(0.6);
  const updated = log.fresh('updated');
  for (let n = random.whole(1, 4); n > 0; n--) {
    const network = moves ? (random.chance(0.6) ? log.fresh('mobile') : who.home) : from.network;
    // A browser that has been updated says another name; that happens where it stands.
    const device = !moves && random.chance(0.3) ? updated : from.device;
    log.write(at + n * random.between(0.1, 20) * minute, random.chance(0.5) ? 'token.reused' : 'session.moved', {
      network,
      device,
      personId: who.id,
      sessionId,
    });
  }
};

/** Somebody is back after a long leave: often with a new device, sometimes from home, and has much to catch up with. */
const backFromLeave: Play = (log, company, dayNumber) => {
  const { random } = log;
  const back = company.people.filter((one) =>
    one.away.some(([from, to]) => to - from > 24 && to + 1 === dayNumber && from > 0),
  );
  for (const who of back) {
    const device = random.chance(0.4) ? log.fresh('device') : (who.devices[0] ?? '');
    const from = {
      network: random.chance(0.6) ? office(company, who) : random.chance(0.2) ? log.fresh('provider') : who.home,
      device,
    };
    const at = localMs(who, dayNumber, who.begins - random.between(0, 0.8));
    for (let n = random.whole(0, 8); n > 0; n--) log.wrong(at - n * 40_000, who.id, from);
    const session = log.signIn(at, who, from);
    if (who.role === 'finance') settle(log, who, at + hour, session, random.pick(company.customers));
    if (random.chance(0.4))
      exportData(
        log,
        who,
        at + 2 * hour,
        session,
        who.exportRows * random.between(0.5, 1.5),
        random.pick(who.exportKinds),
      );
  }
};

function give(log: LogWriter, giver: Employee, to: Employee, atMs: number, permissions: string[]): void {
  log.write(atMs, 'right.granted', { personId: giver.id, subjectId: to.id, detail: { permissions } });
}

/** New colleagues get their rights and begin at once, also with what whoever brought them in has made. */
const onBoarding: Play = (log, company, dayNumber) => {
  const { random } = log;
  const giver = someone(log, company, dayNumber, ({ role }) => role === 'admin' || role === 'director');
  const at = localMs(giver, dayNumber, giver.begins + random.between(0.5, 5));
  const several = random.chance(0.4) ? random.whole(4, 14) : 1;
  for (const who of random
    .shuffled(company.people.filter((one) => one.id !== giver.id && isAtWork(one, dayNumber)))
    .slice(0, several)) {
    give(log, giver, who, at + random.between(0, 40) * minute, ['promotions:approve']);
    const decides = random.whole(0, 5);
    for (let n = 0; n < decides; n++) {
      const maker = random.chance(0.2) ? giver : someone(log, company, dayNumber, ({ role }) => role === 'kam');
      makeRecord(log, company, maker, {
        atMs: at - random.between(-2, 20) * hour,
        sessionId: null,
        customer: random.pick(maker.customers),
        amount: random.between(1_000, 60_000),
        decider: who,
      });
    }
  }
};

/** A deputy decides while somebody is away, among others for them, and gives the right back. */
const deputy: Play = (log, company, dayNumber) => {
  const { random } = log;
  const giver = someone(log, company, dayNumber, ({ role }) => role === 'director');
  const who = someone(
    log,
    company,
    dayNumber,
    (one) => one.id !== giver.id && (one.role === 'kam' || one.role === 'marketing'),
  );
  const at = localMs(giver, dayNumber, giver.begins + random.between(0.5, 8));
  give(log, giver, who, at, ['promotions:approve']);
  const makers = [
    giver,
    ...random.shuffled(company.people.filter((one) => one.role === 'kam' && isAtWork(one, dayNumber))).slice(0, 6),
  ];
  for (let n = random.whole(4, 14); n > 0; n--) {
    const maker = random.chance(0.25) ? giver : random.pick(makers);
    makeRecord(log, company, maker, {
      atMs: at + random.between(-1, 3) * day,
      sessionId: null,
      customer: random.pick(maker.customers),
      amount: random.between(1_000, 60_000),
      decider: who,
    });
  }
  log.write(at + random.between(1, 9) * day, 'right.revoked', {
    personId: giver.id,
    subjectId: who.id,
    detail: { permissions: ['promotions:approve'] },
  });
};

/** A month's or year's data: an analyst's project, an auditor's sample, a controller's close. */
const largeExport: Play = (log, company, dayNumber) => {
  const { random } = log;
  const role = random.pick(['analyst', 'analyst', 'analyst', 'auditor', 'finance', 'kam'] as const);
  const first = someone(log, company, dayNumber, (one) => one.role === role);
  const many = role === 'finance' || role === 'kam' || random.chance(0.35);
  const crowd = many ? company.people.filter((one) => one.role === role && isAtWork(one, dayNumber)) : [first];
  for (const who of random.shuffled(crowd).slice(0, many ? random.whole(4, 12) : 1)) {
    const session = log.signIn(
      localMs(who, dayNumber, who.begins + random.between(0, 3)),
      who,
      placeOf(log, company, who),
    );
    const factor = random.between(1.5, role === 'analyst' ? 7 : 5);
    for (let n = random.whole(1, 6); n > 0; n--) {
      exportData(
        log,
        who,
        localMs(who, dayNumber, who.begins + random.between(1, who.worksHours)),
        session,
        (who.exportRows * factor) / 2,
        random.chance(0.93) ? random.pick(who.exportKinds) : 'funds',
      );
    }
  }
};

/** Books close: much of finance settles into the night, and one stays for other reasons on other days. */
const lateNight: Play = (log, company, dayNumber) => {
  const { random } = log;
  const closing = isClosing(dayNumber);
  const finance = company.people.filter((one) => one.role === 'finance' && isAtWork(one, dayNumber));
  for (const who of random.shuffled(finance).slice(0, closing ? Math.ceil(finance.length * 0.4) : 1)) {
    const ends = who.begins + who.worksHours;
    const from = { network: random.chance(0.5) ? office(company, who) : who.home, device: who.devices[0] ?? '' };
    // They have been there since the day; at closing some come back after dinner.
    const pause = closing && random.chance(0.5) ? 3 : 0;
    const session = log.signIn(localMs(who, dayNumber, ends + pause), who, from);
    for (let h = ends + pause; h < ends + pause + random.between(1.5, 4.5); h += random.between(0.3, 1.5)) {
      settle(log, who, localMs(who, dayNumber, h), session, random.pick(company.customers));
    }
  }
};

/** A programme: the same package for many customers, each just below the limit it was cut for. */
const programme: Play = (log, company, dayNumber) => {
  const { random } = log;
  const who = someone(log, company, dayNumber, ({ role }) => role === 'kam');
  const limit = random.pick(company.limits);
  const share = random.between(0.82, 0.999);
  const days = random.chance(0.5) ? 0.3 : random.between(1, 8);
  const few = random.chance(0.1);
  for (let n = random.whole(3, 10); n > 0; n--) {
    const wobble = random.chance(0.5) ? 1 : random.between(0.97, 1.005);
    const customer = random.pick(few ? who.customers.slice(0, 3) : who.customers);
    makeRecord(log, company, who, {
      atMs: localMs(who, dayNumber, who.begins + 1) + random.between(0, days) * day,
      sessionId: null,
      customer,
      amount: limit * share * wobble,
    });
  }
};

/** A service moves house, or somebody deploys it with a wrong setting. */
const deployment: Play = (log, company, dayNumber) => {
  const { random } = log;
  const key = random.pick(company.keys);
  const at = beginningMs + dayNumber * day + random.between(7, 18) * hour;
  const moves = random.chance(0.6);
  if (moves) {
    key.network = log.fresh('region');
    if (random.chance(0.25)) key.device = log.fresh('client');
    const times = random.whole(2, 9);
    for (let n = 0; n < times; n++)
      log.write(at + n * random.between(5, 50) * minute, 'key.used', {
        network: key.network,
        device: key.device,
        subjectId: key.id,
        detail: { keyId: key.id, permission: random.pick(key.permissions) },
      });
  }
  if (random.chance(moves ? 0.2 : 0.9)) {
    const wanted = random.shuffled(allPermissions).slice(0, random.chance(0.8) ? 1 : 2);
    for (let n = random.whole(10, 150); n > 0; n--)
      log.write(at + n * minute, 'access.refused', {
        network: key.network,
        device: key.device,
        subjectId: key.id,
        outcome: 'refused',
        detail: { keyId: key.id, permission: random.pick(wanted) },
      });
    if (random.chance(0.3)) key.permissions.push(random.pick(allPermissions));
  }
};

/** A screen that asks for what its reader may not see; somebody with a new role looks around; a release with a fault. */
const curiosity: Play = (log, company, dayNumber) => {
  const { random } = log;
  const fault = random.chance(0.3);
  const changed = !fault && random.chance(0.5);
  const wanted = random
    .shuffled(allPermissions)
    .slice(0, fault ? random.whole(3, 5) : random.whole(...((changed ? [4, 13] : [2, 5]) as [number, number])));
  for (const who of random
    .shuffled(company.people.filter((one) => isAtWork(one, dayNumber)))
    .slice(0, fault ? random.whole(5, 20) : 1)) {
    const at = localMs(who, dayNumber, who.begins + random.between(0.5, 7));
    if (changed)
      give(
        log,
        someone(log, company, dayNumber, ({ role }) => role === 'admin'),
        who,
        at - random.between(0.5, 30) * hour,
        ['analytics:read'],
      );
    for (let n = random.whole(3, 40); n > 0; n--)
      log.write(at + random.between(0, 90) * minute, 'access.refused', {
        personId: who.id,
        outcome: 'refused',
        detail: { permission: random.pick(wanted) },
      });
  }
};

/** Master data are kept: customers moved house or bank, one by one or many on a day; others settle, mostly. */
const keptData: Play = (log, company, dayNumber) => {
  const { random } = log;
  const keepers = company.people.filter(({ role }) => role === 'finance').slice(0, 4);
  const who = random.chance(0.85)
    ? random.pick(keepers)
    : someone(log, company, dayNumber, ({ role }) => role === 'finance');
  const at = localMs(who, dayNumber, who.begins + random.between(0.5, 6));
  const changed = random.shuffled(company.customers).slice(0, random.whole(1, 5));
  for (const [n, customer] of changed.entries()) {
    log.write(at + n * 6 * minute, 'act.rerouted', {
      personId: who.id,
      subjectId: customer,
      detail: { counterpartId: customer },
    });
    const pays =
      random.chance(0.15) && keepers.includes(who)
        ? who
        : someone(log, company, dayNumber, (one) => one.role === 'finance' && one.id !== who.id);
    const soon =
      pays === who
        ? at + random.between(0.1, 2) * hour
        : localMs(pays, dayNumber + 1, pays.begins + random.between(0.2, 8));
    if (random.chance(0.7)) settle(log, pays, soon, null, customer);
  }
};

/** Two people of a small region decide for each other, for want of others. */
const smallRegion: Play = (log, company, dayNumber) => {
  const { random } = log;
  const region = company.deciders.filter((some) => some.length >= 2 && some.length <= 4);
  const there = random.pick(region.length > 0 ? region : company.deciders).filter((one) => isAtWork(one, dayNumber));
  const [a, b] = random.shuffled(there);
  if (!a || !b) return;
  for (const [maker, decider] of [
    [a, b],
    [b, a],
  ] as const) {
    for (let n = random.whole(0, 2); n > 0; n--) {
      makeRecord(log, company, maker, {
        atMs: localMs(maker, dayNumber, maker.begins + random.between(0, 6)),
        sessionId: null,
        customer: random.pick(maker.customers),
        amount: random.between(1_000, 30_000),
        decider,
      });
    }
  }
};

/** How often each happens on a working day. */
const lookAlikes: Readonly<Record<string, readonly [perDay: number, play: Play]>> = {
  forgotten: [2.2, forgotten],
  oldPassword: [0.6, oldPassword],
  officeTrouble: [0.9, officeTrouble],
  trainingClass: [0.35, trainingClass],
  traveller: [2.2, traveller],
  newDevice: [2.6, newDevice],
  racingTabs: [2.5, racingTabs],
  backFromLeave: [1, backFromLeave],
  onBoarding: [0.9, onBoarding],
  deputy: [1, deputy],
  largeExport: [1.3, largeExport],
  lateNight: [1, lateNight],
  programme: [1.4, programme],
  deployment: [1.1, deployment],
  curiosity: [1.8, curiosity],
  keptData: [1.3, keptData],
  smallRegion: [0.8, smallRegion],
};

/** Plays what looks like an attack and is none on a day; `count` hears of each. */
export function playLookAlikes(
  log: LogWriter,
  company: Company,
  dayNumber: number,
  count: (name: string) => void,
): void {
  if (dayNumber % 7 >= 5) return;
  for (const [name, [perDay, play]] of Object.entries(lookAlikes)) {
    const times = perDay === 1 ? 1 : log.random.poisson(perDay);
    for (let n = 0; n < times; n++) {
      play(log, company, dayNumber);
      count(name);
    }
  }
}
