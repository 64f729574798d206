import { createRandom } from '../random.ts';
import { injectAttacks } from './attacks.ts';
import { foundCompany } from './company.ts';
import { type Attack, allDays, earlierDays, type LogLine, LogWriter } from './log.ts';
import { playLookAlikes } from './look-alikes.ts';
import { liveOrdinaryDay } from './ordinary-days.ts';

/** A log with known truth. */
export interface SecurityLog {
  /** In the order in which they happened. */
  lines: LogLine[];
  attacks: Attack[];
  /** How often each benign look-alike was played in the days that count. */
  lookAlikes: Map<string, number>;
  /** Roles by person. */
  roles: Map<string, string>;
}

/**
 * Generates a company of 400 people over 80 days, of which the last 30 hold 200 attacks of 14 kinds among ordinary work
 * and benign look-alikes. The same seed gives the same log. Knows nothing of the rules that are measured on it.
 */
export function simulateLog(seed: number): SecurityLog {
  const company = foundCompany(createRandom(seed, 'company'));
  const log = new LogWriter(createRandom(seed, 'log'));
  const lookAlikes = new Map<string, number>();
  for (let dayNumber = 0; dayNumber < allDays; dayNumber++) {
    playLookAlikes(log, company, dayNumber, (name) => {
      if (dayNumber >= earlierDays) lookAlikes.set(name, (lookAlikes.get(name) ?? 0) + 1);
    });
    // What changed today (a new laptop, another home) is how they work from now on.
    liveOrdinaryDay(log, company, dayNumber);
  }
  injectAttacks(log, company);
  const lines = log.lines.sort((a, b) => a.atMs - b.atMs);
  const roles = new Map(company.people.map(({ id, role }) => [id, role]));
  return { lines, attacks: log.attacks, lookAlikes, roles };
}
