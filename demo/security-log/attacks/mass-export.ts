import { hour, minute } from '../log.ts';
import { exportData, localMs } from '../ordinary-days.ts';
import { type PlayAttack, people, takeSomebody, usualPlace } from '../stage.ts';

const kinds = ['promotions', 'sales', 'customers', 'prices', 'terms', 'claims', 'accruals', 'funds', 'products'];

/**
 * Somebody takes data along (ATT&CK T1213, T1530): 3-7 exports within two hours, of kinds they seldom or never export, 4-20
 * times their usual rows each; or one of 15-60 times; in 3 of 10 cases 4-7 evenings with one or two of 2-5 times.
 */
export const massExport: PlayAttack = (stage) => {
  const { log, random, dayNumber } = stage;
  const who = takeSomebody(stage, ({ role }) => role !== 'auditor' && role !== 'admin');
  if (!who) return null;
  const foreign = random.shuffled(kinds.filter((kind) => !who.exportKinds.includes(kind)));
  const way = random.chance(0.3) ? 'drip' : random.chance(0.3) ? 'single' : 'burst';
  const beginsMs = localMs(who, dayNumber, who.begins + random.between(0.5, who.worksHours + 2));
  let toMs = beginsMs;
  if (way === 'single')
    exportData(log, who, beginsMs, who.exportRows * random.between(15, 60), foreign[0] ?? 'customers');
  if (way === 'burst') {
    for (let n = random.whole(3, 7); n > 0; n--) {
      toMs += random.between(1, 22) * minute;
      exportData(log, who, toMs, who.exportRows * random.between(4, 20), foreign[n % foreign.length] ?? 'customers');
    }
  }
  if (way === 'drip') {
    const evenings = random.whole(4, 7);
    for (let n = 0; n < evenings; n++) {
      const evening = localMs(who, dayNumber + n, who.begins + who.worksHours + random.between(0.5, 3));
      log.signIn(evening, who, { ...usualPlace(stage, who), network: who.home });
      for (let i = random.whole(1, 2); i > 0; i--) {
        toMs = evening + random.between(0.1, 1) * hour;
        exportData(
          log,
          who,
          toMs,
          who.exportRows * random.between(2, 5),
          foreign[(n + i) % foreign.length] ?? 'prices',
        );
      }
    }
  }
  return { subjects: people(who), fromMs: beginsMs, toMs: Math.max(toMs, beginsMs) + minute };
};
