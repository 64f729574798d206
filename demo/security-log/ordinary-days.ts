import { allPermissions, type Company, ofLimit } from './company.ts';
import { allDays, beginningMs, day, type Employee, hour, type LogWriter, minute, type Place } from './log.ts';

/** The instant of a local hour of somebody on a day. */
export function localMs(who: Employee, dayNumber: number, localHour: number): number {
  return beginningMs + dayNumber * day + (localHour - who.zone) * hour;
}

/** Whether they work on that day. */
export function isAtWork(who: Employee, dayNumber: number): boolean {
  const weekday = dayNumber % 7 < 5;
  return weekday && dayNumber >= who.joined && !who.away.some(([from, to]) => dayNumber >= from && dayNumber <= to);
}

/** Days around a month's end (books close on the third working day). */
export function isClosing(dayNumber: number): boolean {
  const date = new Date(beginningMs + dayNumber * day);
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  return date.getUTCDate() >= last - 1 || date.getUTCDate() <= 3;
}

/** Where they are when they work: office, home, and with which device. */
export function placeOf(log: LogWriter, company: Company, who: Employee): Place {
  const { random } = log;
  const atOffice = random.chance(0.65);
  const device = random.chance(0.85) ? (who.devices[0] ?? '') : random.pick(who.devices);
  return { network: atOffice ? (company.offices[who.office] ?? '') : who.home, device };
}

/** A record is made, and decided by somebody of the region within a day or two. */
export function makeRecord(
  log: LogWriter,
  company: Company,
  maker: Employee,
  made: { atMs: number; customer: string; amount: number; decider?: Employee | undefined },
): string {
  const { random } = log;
  const record = log.fresh('record');
  const detail = {
    ...{ counterpartId: made.customer, amount: made.amount.toFixed(2), currency: 'USD' },
    ofLimit: ofLimit(company.limits, made.amount),
  };
  log.write(made.atMs, 'act.made', { personId: maker.id, subjectId: record, detail });
  const others = (company.deciders[maker.office] ?? []).filter((one) => one.id !== maker.id);
  // Some decide much more than others.
  const willing = others.flatMap((one, n) => Array.from({ length: n % 3 === 0 ? 3 : 1 }, () => one));
  const decider = made.decider ?? (willing.length > 0 ? random.pick(willing) : undefined);
  if (!decider || !random.chance(0.92)) return record;
  let dayNumber = Math.floor((made.atMs + random.between(1, 30) * hour - beginningMs) / day);
  for (let tried = 0; !isAtWork(decider, dayNumber) && tried < 12; tried++) dayNumber += 1;
  const atMs = Math.max(
    localMs(decider, dayNumber, decider.begins + random.between(0.3, decider.worksHours)),
    made.atMs + 20 * minute,
  );
  // The engine that runs approvals tells only the record.
  if (dayNumber < allDays) log.write(atMs, 'act.approved', { personId: decider.id, subjectId: record });
  return record;
}

/** The size of an ordinary record. */
export function ordinaryAmount(log: LogWriter): number {
  return Math.round(Math.exp(9 + 1.1 * log.random.normal()) * 100) / 100;
}

/** Money is settled for a customer. */
export function settle(
  log: LogWriter,
  who: Employee,
  atMs: number,
  customer: string,
  amount = ordinaryAmount(log),
): void {
  const detail = { counterpartId: customer, amount: amount.toFixed(2), currency: 'USD' };
  log.write(atMs, 'act.settled', { personId: who.id, subjectId: log.fresh('claim'), detail });
}

/** Data leave. */
export function exportData(log: LogWriter, who: Employee, atMs: number, rows: number, what: string): void {
  const detail = { rows: Math.max(1, Math.round(rows)), what };
  log.write(atMs, 'data.exported', { personId: who.id, detail });
}

/** Something is refused to a person for want of a permission. */
export function refuse(
  log: LogWriter,
  who: Employee,
  atMs: number,
  sessionId: string | null,
  from: Place,
  permission: string,
): void {
  const detail = { permission, route: `/api/v1/${permission.split(':')[0]}` };
  log.write(atMs, 'access.refused', { ...from, personId: who.id, sessionId, outcome: 'refused', detail });
}

function workDay(log: LogWriter, company: Company, who: Employee, dayNumber: number): void {
  const { random } = log;
  const place = placeOf(log, company, who);
  const began = localMs(who, dayNumber, who.begins + 0.4 * random.normal());
  if (random.chance(0.06)) {
    const tries = random.whole(1, 3);
    for (let n = 0; n < tries; n++) log.wrong(began - (tries - n) * 25_000, { personId: who.id }, place);
  }
  const sessionId = log.signIn(began, who, place);
  const some = (perDay: number, act: (atMs: number) => void) => {
    for (let n = random.poisson(perDay); n > 0; n--) act(began + random.between(0.1, who.worksHours) * hour);
  };
  if (random.chance(0.25))
    log.signIn(began + random.between(2, who.worksHours) * hour, who, placeOf(log, company, who));
  if (who.role === 'kam' || who.role === 'director') {
    some(who.role === 'kam' ? 0.7 : 0.25, (atMs) =>
      makeRecord(log, company, who, {
        atMs,
        customer: random.pick(who.customers),
        amount: ordinaryAmount(log),
      }),
    );
  }
  if (who.role === 'finance')
    some(isClosing(dayNumber) ? 5 : 2.2, (atMs) => settle(log, who, atMs, random.pick(company.customers)));
  some(who.exportsADay, (atMs) =>
    exportData(log, who, atMs, who.exportRows * Math.exp(0.5 * random.normal()), random.pick(who.exportKinds)),
  );
  if (random.chance(0.015)) {
    some(1.2, (atMs) => refuse(log, who, atMs, sessionId, place, random.pick(allPermissions)));
  }
}

/** A key is used: told once per key, network and hour. */
export function noteKeyUse(log: LogWriter, keyId: string, atMs: number, network: string): void {
  log.write(atMs, 'key.used', { network, subjectId: keyId });
}

function keyDay(log: LogWriter, key: Company['keys'][number], dayNumber: number): void {
  for (let n = 0; n < key.usesADay; n++)
    noteKeyUse(
      log,
      key.id,
      beginningMs + dayNumber * day + log.random.between(0, 24) * hour,
      log.random.pick(key.networks),
    );
}

/** What happens on every day, nothing else. */
export function liveOrdinaryDay(log: LogWriter, company: Company, dayNumber: number): void {
  for (const who of company.people)
    if (isAtWork(who, dayNumber) && log.random.chance(0.95)) workDay(log, company, who, dayNumber);
  for (const key of company.keys) keyDay(log, key, dayNumber);
}
