import type { RandomStream } from '../random.ts';
import type { Company } from './company.ts';
import { type Attack, beginningMs, day, type Employee, hour, type LogWriter, type Place } from './log.ts';
import { isAtWork, localMs } from './ordinary-days.ts';

/** Where one attack or one look-alike is played: the company on a day. */
export interface Stage {
  log: LogWriter;
  random: RandomStream;
  company: Company;
  dayNumber: number;
  /** Whoever takes part in an attack: nobody takes part in two. */
  taken: Set<string>;
}

/** What an attack leaves besides its lines: who takes part and from when to when. */
export type Played = Omit<Attack, 'kind'>;
/** Plays one attack; null: there is nobody on that day for whom it fits. */
export type PlayAttack = (stage: Stage) => Played | null;
/** Plays something that looks like an attack and is none. */
export type PlayLookAlike = (stage: Stage) => void;

/** Somebody at work on the day of whom `fits` holds. */
export function somebody({ company, random, dayNumber }: Stage, fits: (who: Employee) => boolean = () => true) {
  const some = company.people.filter((who) => isAtWork(who, dayNumber) && fits(who));
  return some.length > 0 ? random.pick(some) : undefined;
}

/** Somebody at work who takes part in no attack yet, and from now on does. */
export function takeSomebody(stage: Stage, fits: (who: Employee) => boolean = () => true): Employee | undefined {
  const found = somebody(stage, (who) => !stage.taken.has(who.id) && who.joined < stage.dayNumber - 20 && fits(who));
  if (found) stage.taken.add(found.id);
  return found;
}

/** A network and a device that nobody here ever had. */
export const strangePlace = ({ log }: Stage): Place => ({ network: log.fresh('abroad'), device: log.fresh('machine') });

/** Where somebody usually is: their office with their first device. */
export const usualPlace = ({ company }: Stage, who: Employee): Place => ({
  network: company.offices[who.office] ?? '',
  device: who.devices[0] ?? '',
});

/** An instant of somebody's working hours on the day. */
export const atWorkMs = ({ random, dayNumber }: Stage, who: Employee): number =>
  localMs(who, dayNumber, who.begins + random.between(0.3, who.worksHours - 1));

/** An instant of the day, any hour. */
export const anyHourMs = ({ random, dayNumber }: Stage): number =>
  beginningMs + dayNumber * day + random.between(0, 23) * hour;

/** An instant of somebody's night: when they are never at work. */
export const atNightMs = ({ random, dayNumber }: Stage, who: Employee): number =>
  localMs(who, dayNumber, who.begins - random.between(3.5, 7));

/** Names of people as subjects of an attack. */
export const people = (...some: readonly Employee[]): string[] => some.map(({ id }) => `person:${id}`);
