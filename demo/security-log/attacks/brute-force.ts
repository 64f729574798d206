import { hour, minute } from '../log.ts';
import { exportData } from '../ordinary-days.ts';
import { anyHourMs, type PlayAttack, people, strangePlace, takeSomebody } from '../stage.ts';

/**
 * One account is guessed (ATT&CK T1110.001, T1110.004): 8-50 guesses within 4-40 minutes from one place; in 3 of 10 cases
 * 8-24 over 6-30 hours, through 1-6 networks. A quarter of the fast and half of the slow ones get in.
 */
export const bruteForce: PlayAttack = (stage) => {
  const { log, random } = stage;
  const who = takeSomebody(stage);
  if (!who) return null;
  const fromMs = anyHourMs(stage);
  const slow = random.chance(0.3);
  const places = Array.from({ length: slow ? random.whole(1, 6) : 1 }, () => strangePlace(stage));
  const guesses = slow ? random.whole(8, 24) : random.whole(8, 50);
  const lastsMs = slow ? random.between(6, 30) * hour : random.between(4, 40) * minute;
  const times = Array.from({ length: guesses }, () => random.between(0, lastsMs)).sort((a, b) => a - b);
  for (const atMs of times) log.wrong(fromMs + atMs, { personId: who.id }, random.pick(places));
  let toMs = fromMs + (times.at(-1) ?? 0);
  if (random.chance(slow ? 0.5 : 0.25)) {
    toMs += random.between(6, 20) * minute;
    log.signIn(toMs, who, random.pick(places), false);
    if (random.chance(0.5)) exportData(log, who, toMs + 20 * minute, who.exportRows, random.pick(who.exportKinds));
  }
  return { subjects: people(who), fromMs, toMs };
};
