import { allPermissions } from '../company.ts';
import { day, hour, minute } from '../log.ts';
import { localMs, refuse } from '../ordinary-days.ts';
import { atWorkMs, type PlayAttack, people, takeSomebody, usualPlace } from '../stage.ts';

/**
 * Somebody finds out what an account may do (ATT&CK T1069, T1087): 5-15 different permissions refused within 5-90 minutes;
 * in 3 of 10 cases 6-12 over 3-6 days, one to three a day.
 */
export const probing: PlayAttack = (stage) => {
  const { log, random, dayNumber } = stage;
  const who = takeSomebody(stage, ({ role }) => role !== 'admin' && role !== 'auditor');
  if (!who) return null;
  const place = usualPlace(stage, who);
  const slow = random.chance(0.3);
  const wanted = random.shuffled(allPermissions).slice(0, slow ? random.whole(6, 12) : random.whole(5, 15));
  const fromMs = atWorkMs(stage, who);
  const sessionId = log.signIn(fromMs - minute, who, place);
  const lastsMs = random.between(5, 90) * minute;
  const days = random.whole(3, 6);
  let toMs = fromMs;
  for (const [n, permission] of wanted.entries()) {
    const onDay = dayNumber + Math.floor((n / wanted.length) * days);
    const atMs = slow
      ? localMs(who, onDay, who.begins + random.between(0.5, who.worksHours))
      : fromMs + (n / wanted.length) * lastsMs;
    refuse(log, who, atMs, slow ? null : sessionId, place, permission);
    toMs = Math.max(toMs, atMs);
  }
  return { subjects: people(who), fromMs: Math.min(fromMs, toMs - (slow ? days * day : 0)), toMs: toMs + hour };
};
