import { allPermissions, type Company } from './company.ts';
import { type Attack, day, type Employee, earlierDays, hour, type LogWriter, minute, scoredDays } from './log.ts';
import {
  exportData,
  isAtWork,
  isClosing,
  localMs,
  makeRecord,
  ordinaryAmount,
  placeOf,
  settle,
} from './ordinary-days.ts';

/** Picks victims whom no other attack is about at that time. */
class Victims {
  readonly #taken = new Map<string, number[]>();
  readonly #log: LogWriter;
  readonly #company: Company;

  constructor(log: LogWriter, company: Company) {
    this.#log = log;
    this.#company = company;
  }

  take(dayNumber: number, fits: (one: Employee) => boolean): Employee {
    const free = this.#company.people.filter((one) => fits(one) && this.isFree(one.id, dayNumber));
    const found = this.#log.random.pick(free);
    this.mark(found.id, dayNumber);
    return found;
  }

  isFree(id: string, dayNumber: number): boolean {
    return !(this.#taken.get(id) ?? []).some((other) => Math.abs(other - dayNumber) < 5);
  }

  mark(id: string, dayNumber: number): void {
    this.#taken.set(id, [...(this.#taken.get(id) ?? []), dayNumber]);
  }
}

type Play = (log: LogWriter, company: Company, victims: Victims, dayNumber: number) => Omit<Attack, 'kind'> | null;

const settled = (who: Employee, dayNumber: number) => who.joined < dayNumber - 15;
const working = (dayNumber: number) => (who: Employee) => isAtWork(who, dayNumber) && settled(who, dayNumber);
const person = (who: Employee) => `person:${who.id}`;

/** What a stranger does in somebody's account. */
function plunder(
  log: LogWriter,
  company: Company,
  who: Employee,
  session: string,
  from: { network: string; device: string },
  atMs: number,
): number {
  const { random } = log;
  let at = atMs;
  for (let n = random.whole(3, 6); n > 0; n--) {
    at += random.between(2, 70) * minute;
    const u = random.uniform();
    if (u < 0.4)
      exportData(
        log,
        who,
        at,
        session,
        Math.max(1_500, who.exportRows) * random.between(0.8, 4),
        random.pick(['prices', 'terms', 'customers', 'promotions', 'sales']),
      );
    else if (u < 0.55) settle(log, who, at, session, random.pick(company.customers));
    else if (u < 0.7)
      log.write(at, 'factor.added', { ...from, personId: who.id, sessionId: session, subjectId: who.id });
    else if (u < 0.8) log.write(at, 'email.changed', { ...from, personId: who.id, sessionId: session });
    else
      for (let m = random.whole(2, 5); m > 0; m--)
        log.write(at + m * 20_000, 'access.refused', {
          ...from,
          personId: who.id,
          sessionId: session,
          outcome: 'refused',
          detail: { permission: random.pick(allPermissions) },
        });
  }
  return at;
}

const bruteForce: Play = (log, company, victims, dayNumber) => {
  const { random } = log;
  const who = victims.take(dayNumber, working(dayNumber));
  const tries = Math.round(8 + 28 * random.uniform() ** 1.6);
  const networks = Array.from({ length: random.whole(1, 6) }, () => log.fresh('bot'));
  const devices = Array.from({ length: random.whole(1, 4) }, () => log.fresh('tool'));
  const from = localMs(who, dayNumber, random.between(0, 24));
  const lasts = Math.exp(random.between(Math.log(6 * minute), Math.log(30 * hour)));
  let at = from;
  for (let n = 0; n < tries; n++) {
    at = from + (lasts * n) / tries;
    log.wrong(at, who.id, { network: random.pick(networks), device: random.pick(devices) });
  }
  if (random.chance(0.4) && !who.factor) {
    const place = { network: random.pick(networks), device: random.pick(devices) };
    const session = log.signIn(at + minute, who, place, false);
    at = plunder(log, company, who, session, place, at + minute);
  }
  return { subjects: [person(who)], fromMs: from, toMs: at };
};

const spraying: Play = (log, company, _victims, dayNumber) => {
  const { random } = log;
  const network = random.chance(0.03) ? random.pick(company.offices) : log.fresh('bot');
  const devices = Array.from({ length: random.whole(1, 5) }, () => log.fresh('tool'));
  const targets = random.shuffled(company.people).slice(0, Math.round(9 + 35 * random.uniform() ** 1.7));
  const from = localMs(targets[0]!, dayNumber, random.between(0, 24));
  const lasts = Math.exp(random.between(Math.log(4 * minute), Math.log(20 * hour)));
  for (const [n, who] of targets.entries()) {
    const at = from + (lasts * n) / targets.length;
    for (let m = random.whole(1, 2); m > 0; m--)
      log.wrong(at + m * 1_500, who.id, { network, device: random.pick(devices) });
    if (random.chance(0.12))
      log.wrong(at + 9_000, null, { network, device: random.pick(devices) }, log.fresh('guessed'));
    if (!who.factor && random.chance(0.03))
      log.signIn(at + 12_000, who, { network, device: random.pick(devices) }, false);
  }
  return { subjects: [`network:${network}`, ...targets.map(person)], fromMs: from, toMs: from + lasts + hour };
};

const takeover: Play = (log, company, victims, dayNumber) => {
  const { random } = log;
  // Where a second factor is asked for, its code has been phished too.
  const phished = random.chance(0.15);
  const who = victims.take(dayNumber, (one) => working(dayNumber)(one) && one.factor === phished);
  const place = { network: log.fresh('stranger'), device: log.fresh('strange') };
  const at = localMs(who, dayNumber, random.chance(0.35) ? who.begins + random.between(0, 9) : random.between(0, 24));
  if (random.chance(0.3)) log.wrong(at - minute, who.id, place);
  const session = log.signIn(at, who, place);
  return { subjects: [person(who)], fromMs: at - minute, toMs: plunder(log, company, who, session, place, at) };
};

const replay: Play = (log, company, victims, dayNumber) => {
  const { random } = log;
  const who = victims.take(dayNumber, working(dayNumber));
  const own = placeOf(log, company, who);
  const began = localMs(who, dayNumber, who.begins + random.between(0, 4));
  const sessionId = log.signIn(began, who, own);
  const place = { network: log.fresh('stranger'), device: random.chance(0.97) ? log.fresh('strange') : own.device };
  const at = began + random.between(0.2, 7) * hour;
  const times = random.whole(1, 3);
  for (let n = 0; n < times; n++)
    log.write(at + n * random.between(1, 12) * minute, random.chance(0.5) ? 'token.reused' : 'session.moved', {
      ...place,
      personId: who.id,
      sessionId,
    });
  return { subjects: [person(who)], fromMs: began, toMs: at + hour };
};

const dormant: Play = (log, company, victims, dayNumber) => {
  const { random } = log;
  const away = (one: Employee) =>
    one.joined < 0 &&
    one.away.some(([from, to]) => from >= 0 && dayNumber - from >= 29 && to - 1 >= dayNumber && from < dayNumber);
  if (!company.people.some((one) => away(one) && victims.isFree(one.id, dayNumber))) return null;
  const who = victims.take(dayNumber, away);
  const place = {
    network: random.chance(0.85) ? log.fresh('stranger') : who.home,
    device: random.chance(0.9) ? log.fresh('strange') : (who.devices[0] ?? ''),
  };
  const at = localMs(who, dayNumber, random.between(0, 24));
  const session = log.signIn(at, who, place);
  return { subjects: [person(who)], fromMs: at - minute, toMs: plunder(log, company, who, session, place, at) };
};

const proxy: Play = (log, company, victims, dayNumber) => {
  const { random } = log;
  const giver = victims.take(
    dayNumber,
    (one) => working(dayNumber)(one) && ['admin', 'director', 'finance'].includes(one.role),
  );
  const hand = victims.take(dayNumber, (one) => working(dayNumber)(one) && one.id !== giver.id);
  const at = localMs(giver, dayNumber, giver.begins + random.between(0, 8));
  const makes = at + random.between(-20, 3) * hour;
  log.write(at, random.chance(0.8) ? 'right.granted' : 'limit.raised', {
    personId: giver.id,
    subjectId: hand.id,
    detail: { permissions: ['promotions:approve'] },
  });
  let last = at;
  for (let n = random.whole(3, 6); n > 0; n--) {
    const madeAt = makes + random.between(0, 1) * hour;
    const record = log.fresh('record');
    const detail = {
      counterpartId: random.pick(company.customers),
      amount: ordinaryAmount(log).toFixed(2),
      currency: 'USD',
      ofLimit: random.between(0.2, 1),
    };
    log.write(madeAt, 'act.made', { personId: giver.id, subjectId: record, detail });
    const decided = Math.max(at, madeAt) + random.between(0.1, 20) * hour;
    log.write(decided, 'act.approved', { personId: hand.id, subjectId: record, detail });
    last = Math.max(last, decided);
  }
  // Something for others too, so that it does not show.
  for (let n = random.whole(0, 1); n > 0; n--) {
    const maker = random.pick(company.people.filter((one) => one.role === 'kam' && isAtWork(one, dayNumber)));
    makeRecord(log, company, maker, {
      atMs: at + random.between(0, 20) * hour,
      sessionId: null,
      customer: random.pick(maker.customers),
      amount: 3_000,
      decider: hand,
    });
  }
  if (random.chance(0.6))
    log.write(last + random.between(0.2, 30) * hour, 'right.revoked', {
      personId: giver.id,
      subjectId: hand.id,
      detail: { permissions: ['promotions:approve'] },
    });
  return { subjects: [person(hand), person(giver)], fromMs: at - hour, toMs: last + 40 * hour };
};

const massExport: Play = (log, company, victims, dayNumber) => {
  const { random } = log;
  const who = victims.take(dayNumber, (one) => working(dayNumber)(one) && one.role !== 'admin');
  const odd = random.chance(0.6);
  const from = localMs(
    who,
    dayNumber,
    odd ? who.begins + who.worksHours + random.between(2, 8) : who.begins + random.between(0.5, 6),
  );
  const session = log.signIn(from, who, {
    network: random.chance(0.7) ? who.home : placeOf(log, company, who).network,
    device: who.devices[0] ?? '',
  });
  const pieces = random.whole(3, 14);
  const all = who.exportRows * random.between(15, 50);
  const lasts = random.between(0.3, 4) * hour;
  for (let n = 0; n < pieces; n++) {
    const what = random.chance(0.75)
      ? random.pick(['prices', 'terms', 'customers', 'promotions', 'sales', 'claims', 'funds', 'accruals'])
      : random.pick(who.exportKinds);
    exportData(log, who, from + ((n + 0.5) * lasts) / pieces, session, (all / pieces) * random.between(0.7, 1.3), what);
  }
  return { subjects: [person(who)], fromMs: from, toMs: from + lasts };
};

const offHours: Play = (log, company, victims, dayNumber) => {
  // When nobody is there to see it.
  if (isClosing(dayNumber)) return null;
  const { random } = log;
  const who = victims.take(dayNumber, (one) => working(dayNumber)(one) && one.role === 'finance');
  const from = localMs(who, dayNumber, who.begins + who.worksHours + random.between(6.5, 12));
  const session = log.signIn(from, who, {
    network: random.chance(0.8) ? who.home : (company.offices[who.office] ?? ''),
    device: random.pick(who.devices),
  });
  const times = random.whole(3, 8);
  for (let n = 0; n < times; n++)
    settle(log, who, from + (3 + n * random.between(3, 12)) * minute, session, random.pick(company.customers));
  return { subjects: [person(who)], fromMs: from, toMs: from + 2 * hour };
};

const ring: Play = (log, company, victims, dayNumber) => {
  const { random } = log;
  const free = (one: Employee) =>
    working(dayNumber)(one) && one.role === 'director' && (company.deciders[one.office]?.length ?? 0) >= 6;
  if (company.people.filter((one) => free(one) && victims.isFree(one.id, dayNumber)).length < 2) return null;
  const a = victims.take(dayNumber, free);
  const pool = company.people.filter(
    (one) => free(one) && one.office === a.office && one.id !== a.id && victims.isFree(one.id, dayNumber),
  );
  if (pool.length === 0) return null;
  const b = random.pick(pool);
  victims.mark(b.id, dayNumber);
  const lasts = random.between(5, 16);
  let last = 0;
  let first = Number.POSITIVE_INFINITY;
  for (const [maker, decider] of [
    [a, b],
    [b, a],
  ] as const) {
    for (let n = random.whole(4, 8); n > 0; n--) {
      const madeAt = localMs(maker, dayNumber + random.between(0, lasts), 0);
      const record = log.fresh('record');
      const detail = {
        counterpartId: random.pick(maker.customers),
        amount: ordinaryAmount(log).toFixed(2),
        currency: 'USD',
        ofLimit: random.between(0.1, 1),
      };
      log.write(madeAt, 'act.made', { personId: maker.id, subjectId: record, detail });
      const decided = madeAt + random.between(1, 30) * hour;
      log.write(decided, 'act.approved', { personId: decider.id, subjectId: record, detail });
      first = Math.min(first, madeAt);
      last = Math.max(last, decided);
    }
  }
  return { subjects: [`pair:${[a.id, b.id].sort().join('+')}`, person(a), person(b)], fromMs: first, toMs: last + day };
};

const splitting: Play = (log, company, victims, dayNumber) => {
  const { random } = log;
  const who = victims.take(dayNumber, (one) => working(dayNumber)(one) && one.role === 'kam');
  const customer = random.pick(who.customers);
  const limit = random.pick(company.limits);
  const from = localMs(who, dayNumber, who.begins + random.between(0, 5));
  const lasts = Math.exp(random.between(Math.log(0.5), Math.log(60))) * hour;
  const pieces = random.whole(4, 8);
  for (let n = 0; n < pieces; n++) {
    makeRecord(log, company, who, {
      atMs: from + (lasts * n) / pieces,
      sessionId: null,
      customer,
      amount: limit * random.between(0.83, 0.999),
    });
  }
  return { subjects: [person(who)], fromMs: from, toMs: from + lasts };
};

const factorRemoved: Play = (log, company, victims, dayNumber) => {
  const { random } = log;
  const who = victims.take(dayNumber, (one) => working(dayNumber)(one) && one.factor);
  const foreign = random.chance(0.93);
  const place = foreign
    ? { network: log.fresh('stranger'), device: random.chance(0.8) ? log.fresh('strange') : (who.devices[0] ?? '') }
    : { network: who.home, device: who.devices[0] ?? '' };
  const at = localMs(who, dayNumber, random.chance(0.4) ? who.begins + random.between(0, 9) : random.between(0, 24));
  const session = log.signIn(at, who, place, random.chance(0.5));
  const removed = at + random.between(1, 20) * minute;
  log.write(removed, 'factor.removed', { ...place, personId: who.id, sessionId: session, subjectId: who.id });
  if (random.chance(0.3))
    log.write(removed + 5 * minute, 'factor.added', {
      ...place,
      personId: who.id,
      sessionId: session,
      subjectId: who.id,
    });
  const acted = removed + random.between(0.1, 12) * hour;
  for (let n = random.whole(1, 3); n > 0; n--) {
    if (who.role === 'finance') settle(log, who, acted + n * 4 * minute, session, random.pick(company.customers));
    else
      exportData(
        log,
        who,
        acted + n * 4 * minute,
        session,
        Math.max(1_000, who.exportRows) * random.between(0.8, 3),
        random.pick(['prices', 'terms', 'customers', 'promotions']),
      );
  }
  return { subjects: [person(who)], fromMs: at, toMs: acted + hour };
};

const keyTheft: Play = (log, company, victims, dayNumber) => {
  const { random } = log;
  const free = company.keys.filter(({ id }) => victims.isFree(id, dayNumber));
  if (free.length === 0) return null;
  const key = random.pick(free);
  victims.mark(key.id, dayNumber);
  const from = { network: log.fresh('stranger'), device: random.chance(0.7) ? log.fresh('script') : key.device };
  const begins = localMs(company.people[0]!, dayNumber, random.between(0, 24));
  const lasts = random.between(0.2, 9) * hour;
  for (let n = random.whole(1, 5); n > 0; n--)
    log.write(begins + random.uniform() * lasts, 'key.used', {
      ...from,
      subjectId: key.id,
      detail: {
        keyId: key.id,
        permission: random.chance(0.5) ? random.pick(key.permissions) : random.pick(allPermissions),
      },
    });
  for (let n = random.whole(2, 10); n > 0; n--)
    log.write(begins + random.uniform() * lasts, 'access.refused', {
      ...from,
      subjectId: key.id,
      outcome: 'refused',
      detail: { keyId: key.id, permission: random.pick(allPermissions) },
    });
  return { subjects: [`key:${key.id}`], fromMs: begins, toMs: begins + lasts };
};

const probing: Play = (log, company, victims, dayNumber) => {
  const { random } = log;
  const who = victims.take(dayNumber, working(dayNumber));
  const strange = random.chance(0.35);
  const place = strange ? { network: log.fresh('stranger'), device: log.fresh('strange') } : placeOf(log, company, who);
  const at = localMs(who, dayNumber, random.chance(0.5) ? who.begins + random.between(0, 8) : random.between(0, 24));
  const session = log.signIn(at, who, place);
  const lasts = random.between(4, 120) * minute;
  const wanted = random.shuffled(allPermissions).slice(0, random.whole(8, 18));
  for (const [n, permission] of wanted.entries()) {
    for (let m = random.whole(1, 2); m > 0; m--)
      log.write(at + minute + (lasts * n) / wanted.length + m * 900, 'access.refused', {
        ...place,
        personId: who.id,
        sessionId: session,
        outcome: 'refused',
        detail: { permission },
      });
  }
  return { subjects: [person(who)], fromMs: at, toMs: at + lasts };
};

const rerouting: Play = (log, company, victims, dayNumber) => {
  const { random } = log;
  // Whoever keeps such data for a living is not told apart from what they do every day.
  const keepers = company.people.filter(({ role }) => role === 'finance').slice(0, 4);
  const who = victims.take(
    dayNumber,
    (one) => working(dayNumber)(one) && one.role === 'finance' && !keepers.includes(one),
  );
  const customer = random.pick(company.customers);
  const at = localMs(who, dayNumber, random.chance(0.7) ? who.begins + random.between(0, 8) : random.between(0, 24));
  log.write(at, 'act.rerouted', { personId: who.id, subjectId: customer, detail: { counterpartId: customer } });
  let last = at + random.between(0.1, 40) * hour;
  for (let n = random.whole(1, 3); n > 0; n--) {
    settle(log, who, last, null, customer);
    last += random.between(0.05, 3) * hour;
  }
  if (random.chance(0.4))
    log.write(last + hour, 'act.rerouted', {
      personId: who.id,
      subjectId: customer,
      detail: { counterpartId: customer },
    });
  return { subjects: [person(who)], fromMs: at, toMs: last + 2 * hour };
};

/** Every kind of attack, and how often of 200. */
export const attackKinds: Readonly<Record<string, readonly [times: number, play: Play]>> = {
  'brute-force': [18, bruteForce],
  'password-spraying': [14, spraying],
  takeover: [20, takeover],
  'token-replay': [15, replay],
  'dormant-account': [13, dormant],
  'right-by-proxy': [15, proxy],
  'mass-export': [17, massExport],
  'off-hours-settlement': [13, offHours],
  'approval-ring': [8, ring],
  'threshold-splitting': [14, splitting],
  'factor-removed': [14, factorRemoved],
  'key-theft': [14, keyTheft],
  probing: [13, probing],
  'rerouted-money': [12, rerouting],
};

/** Injects 200 attacks over the days that count. */
export function injectAttacks(log: LogWriter, company: Company): void {
  const victims = new Victims(log, company);
  for (const [kind, [times, play]] of Object.entries(attackKinds)) {
    for (let made = 0, tried = 0; made < times; tried++) {
      // A company without a region of many deciders has no place for a ring: a takeover stands in.
      const stuck = tried > 2_000;
      if (tried > 4_000) throw new Error(`no room for another attack of the kind ${kind}`);
      const long = kind === 'approval-ring' ? 18 : 3;
      const dayNumber = earlierDays + log.random.whole(0, scoredDays - long);
      if (kind !== 'dormant-account' && dayNumber % 7 >= 5) continue;
      const attack = (stuck ? takeover : play)(log, company, victims, dayNumber);
      if (!attack) continue;
      log.attacks.push({ kind: stuck ? 'takeover' : kind, ...attack });
      made += 1;
    }
  }
}
